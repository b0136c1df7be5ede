#!/usr/bin/env python3
"""PyTorch's side of `Benchmark --device cuda`: the same cases, names and shapes, one JSON line each.

    pytorch_cuda.py [--cases GLOBS] [--table]
"""
import argparse, fnmatch, json, statistics, time

import torch
import torch.nn as nn
import torch.nn.functional as F

MB = 1 << 20
DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
CASES = {}


def case(name, kind, build, flops=0, bytes=0):
    CASES[name] = (kind, build, flops, bytes)


def table(dtype):
    return (256 * MB // (1024 * torch.empty(0, dtype=dtype).element_size()), 1024)


def define():
    device = "cuda"

    def call(name, build):
        case("call/" + name, "call", build)

    def add():
        a, b = torch.ones(1, device=device), torch.ones(1, device=device)
        return lambda: a + b

    def add_grad():
        a, b = torch.ones(1, device=device, requires_grad=True), torch.ones(1, device=device)
        return lambda: a + b

    def matmul3x3():
        x = torch.ones(3, 3, device=device)
        return lambda: x @ x

    def small_sum():
        x = torch.ones(4, 4, device=device)
        return lambda: x.sum()

    for name, build in (("add", add), ("add_grad", add_grad), ("matmul3x3", matmul3x3), ("sum", small_sum)):
        call(name, build)

    case("copy/256MB", "kernel", lambda: copy(device), bytes=512 * MB)
    for name in ("f32", "bf16"):
        dtype = DTYPES[name]
        other = torch.bfloat16 if name == "f32" else torch.float32

        def row(operation, traffic, function, dtype=dtype, name=name):
            def build():
                x = torch.rand(table(dtype), device=device, dtype=dtype)
                return lambda: function(x)
            case(f"{operation}/{name}", "kernel", build, bytes=traffic * 256 * MB)

        def pair(operation, traffic, shape, dtype=dtype, name=name):
            def build():
                a = torch.rand(table(dtype), device=device, dtype=dtype)
                b = torch.rand(shape or table(dtype), device=device, dtype=dtype)
                return lambda: a + b
            case(f"{operation}/{name}", "kernel", build, bytes=traffic * 256 * MB)

        pair("add", 3, None)
        row("add_number", 2, lambda x: x + 2.5)
        row("gelu", 2, F.gelu)
        row("exp", 2, torch.exp)
        pair("add_row", 2, (1024,))
        row("transpose", 2, lambda x: x.t().contiguous())
        row("to_bf16" if name == "f32" else "to_f32", 1.5 if name == "f32" else 3, lambda x, other=other: x.to(other))
        row("sum_all", 1, torch.sum)
        row("sum_last", 1, lambda x: x.sum(1))
        row("sum_first", 1, lambda x: x.sum(0))
        row("amax_last", 1, lambda x: x.amax(1))
        row("softmax", 2, lambda x: x.softmax(1))

        def layernorm(dtype=dtype):
            x = torch.rand(table(dtype), device=device, dtype=dtype)
            weight, bias = torch.ones(1024, device=device, dtype=dtype), torch.zeros(1024, device=device, dtype=dtype)
            return lambda: F.layer_norm(x, (1024,), weight, bias)
        case(f"layernorm/{name}", "kernel", layernorm, bytes=2 * 256 * MB)

    for name in ("rand", "randn"):
        def fill(name=name):
            x = torch.empty(table(torch.float32), device=device)
            return x.uniform_ if name == "rand" else x.normal_
        case(name + "/f32", "kernel", fill, bytes=256 * MB)

    for name in ("f32", "f16", "bf16"):
        for n in (1024, 4096, 8192):
            def product(n=n, dtype=DTYPES[name]):
                a, b = torch.rand(n, n, device=device, dtype=dtype), torch.rand(n, n, device=device, dtype=dtype)
                return lambda: a @ b
            case(f"matmul/{name}/{n}", "kernel", product, flops=2 * n**3)

    # As the other side: float32 keeps all bits of its factors.
    torch.backends.cudnn.allow_tf32 = False
    for name in ("f32", "f16"):
        for backward in (False, True):
            def convolution(backward=backward, dtype=DTYPES[name]):
                x, weight = (torch.rand(shape, device=device, dtype=dtype, requires_grad=backward)
                             for shape in ((64, 64, 56, 56), (64, 64, 3, 3)))

                def body():
                    y = F.conv2d(x, weight, padding=1)
                    if backward:
                        y.backward(y.detach())
                        x.grad = weight.grad = None
                return body
            case(f"conv2d{'_fb' if backward else ''}/{name}", "kernel", convolution,
                 flops=(6 if backward else 2) * 64 * 56 * 56 * 64 * 64 * 9)

    for backward in (False, True):
        def attention(backward=backward):
            q, k, v = (torch.rand(64, 6, 256, 64, device=device, dtype=torch.bfloat16, requires_grad=backward)
                       for _ in range(3))

            def body():
                output = F.scaled_dot_product_attention(q, k, v, is_causal=True)
                if backward:
                    output.backward(output.detach())
                    q.grad = k.grad = v.grad = None
            return body
        case("attention_fb/bf16" if backward else "attention/bf16", "kernel", attention,
             flops=4 * 64 * 6 * 256 * 256 * 64 / 2)

    case("train/tutorial", "step", tutorial)
    # The tutorial's step cannot be captured: the scaler waits for the GPU.
    case("train/gpt", "step", gpt)
    case("train/gpt_graph", "step", lambda: graph(gpt(capturable=True)))


def copy(device):
    a, b = torch.rand(table(torch.float32), device=device), torch.empty(table(torch.float32), device=device)
    return lambda: b.copy_(a)


def tutorial():
    torch.manual_seed(0)
    model = nn.Linear(10, 1).cuda()
    inputs, targets = torch.randn(64, 10, device="cuda"), torch.randn(64, 1, device="cuda")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    scaler = torch.amp.GradScaler("cuda")

    def step():
        optimizer.zero_grad()
        with torch.autocast("cuda", torch.float16):
            loss = F.mse_loss(model(inputs), targets)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        return loss
    return step


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.input, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        batch, time_, width = x.shape
        q, k, v = self.input(x).view(batch, time_, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.output(mixed.transpose(1, 2).reshape(batch, time_, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        h = x + self.attention(self.norm1(x))
        return h + self.down(F.gelu(self.up(self.norm2(h)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, vocabulary, context, width, heads, layers):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

    def forward(self, x):
        h = self.tokens(x) + self.positions(torch.arange(x.shape[1], device=x.device))
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


def gpt(capturable=False):
    torch.manual_seed(0)
    model = GPT(65, 256, 384, 6, 6).cuda()
    texts = torch.randint(65, (64, 257), device="cuda")
    inputs, targets = texts[:, :256].contiguous(), texts[:, 1:].contiguous().reshape(-1)
    # The fastest that PyTorch has in eager mode.
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1, fused=True, capturable=capturable)

    def step():
        optimizer.zero_grad()
        # A captured step cannot keep casts of weights.
        with torch.autocast("cuda", torch.bfloat16, cache_enabled=not capturable):
            loss = F.cross_entropy(model(inputs).reshape(-1, 65), targets)
        loss.backward()
        optimizer.step()
        return loss
    return step


def graph(step):
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    recorded = torch.cuda.CUDAGraph()
    with torch.cuda.graph(recorded):
        step()
    return recorded.replay


def measure(kind, inner, body):
    torch.cuda.synchronize()
    if kind == "kernel":
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(inner):
            body()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / 1000 / inner
    start = time.perf_counter()
    for _ in range(inner):
        body()
    if kind == "step":
        torch.cuda.synchronize()
    return (time.perf_counter() - start) / inner


def median(kind, build, repeats=9):
    body = build()
    for _ in range(3):
        body()
    first = measure(kind, 1, body)
    inner = max(1, min(2000, int((0.002 if kind == "call" else 0.02) / max(first, 1e-7))))
    return statistics.median(measure(kind, inner, body) for _ in range(repeats))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", default="*")
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    define()
    for name, (kind, build, flops, bytes_) in CASES.items():
        if not any(fnmatch.fnmatch(name, pattern) for pattern in options.cases.split(",")):
            continue
        try:
            seconds = median(kind, build)
        except Exception as error:  # a case that this version cannot run
            print(json.dumps({"case": name, "framework": "pytorch", "error": str(error)[:200]}), flush=True)
            continue
        if options.table:
            print(f"{name:28} {seconds * 1e6:12.2f} us"
                  + (f" {bytes_ / seconds / 1e9:8.0f} GB/s" if bytes_ else "")
                  + (f" {flops / seconds / 1e12:8.1f} TFLOP/s" if flops else ""), flush=True)
        else:
            print(json.dumps({"case": name, "framework": "pytorch", "median_s": seconds, "bytes": bytes_,
                              "flops": flops}), flush=True)
        torch.cuda.empty_cache()


main()
