import NN

/// Something to time on a GPU.
struct GPUCase: Sendable {
  enum Kind: Sendable {
    /// Work of the GPU: its own clock, many calls in a row.
    case kernel
    /// What a call costs the processor, with nothing to wait for.
    case call
    /// A whole step, from its start until the GPU has finished a run of them.
    case step
  }
  let name: String
  let kind: Kind
  let flops: Double
  let bytes: Double
  /// Makes the inputs and returns one call.
  let build: @Sendable () -> () -> Void

  init(
    _ name: String, _ kind: Kind, flops: Double = 0, bytes: Double = 0, _ build: @escaping @Sendable () -> () -> Void
  ) {
    self.name = name
    self.kind = kind
    self.flops = flops
    self.bytes = bytes
    self.build = build
  }

  /// Seconds of one call, the median of some repeats.
  func time(_ device: Device, repeats: Int = 9) -> Double {
    let body = withDefaultDevice(device) { build() }
    for _ in 0..<3 { body() }
    CUDA.synchronize(device)
    let first = measure(device, 1, body)
    let inner = max(1, min(2000, Int((kind == .call ? 0.002 : 0.02) / max(first, 1e-7))))
    return (0..<repeats).map { _ in measure(device, inner, body) }.sorted()[repeats / 2]
  }

  private func measure(_ device: Device, _ inner: Int, _ body: () -> Void) -> Double {
    CUDA.synchronize(device)
    if kind == .kernel {
      let (start, end) = (CUDA.Event(device), CUDA.Event(device))
      start.record()
      for _ in 0..<inner { body() }
      end.record()
      return start.elapsedTime(until: end) / 1000 / Double(inner)
    }
    let start = ContinuousClock.now
    for _ in 0..<inner { body() }
    if kind == .step { CUDA.synchronize(device) }
    return (ContinuousClock.now - start) / .seconds(1) / Double(inner)
  }
}

extension GPUCase {
  private static let megabyte = 1 << 20
  /// Rows of 1024 elements that make 256 MB of a dtype.
  private static func table(_ dtype: DType) -> [Int] { [256 * megabyte / (1024 * dtype.itemSize), 1024] }

  /// Inputs of 256 MB.
  private static let memory: [GPUCase] =
    [
      GPUCase("copy/256MB", .kernel, bytes: Double(512 * megabyte)) {
        let (a, b) = (Tensor.rand(table(.float32)), Tensor.empty(table(.float32)))
        return { b.copy(from: a) }
      }
    ]
    + [DType.float32, .bfloat16].flatMap { dtype in
      let name = dtype == .float32 ? "f32" : "bf16"
      let bytes = Double(256 * megabyte)
      let make: @Sendable () -> Tensor = { Tensor.rand(table(dtype), dtype: dtype) }
      func row(_ operation: String, _ traffic: Double, _ body: @escaping @Sendable (Tensor) -> Tensor) -> GPUCase {
        GPUCase("\(operation)/\(name)", .kernel, bytes: traffic * bytes) {
          let x = make()
          return { keep(body(x)) }
        }
      }
      return [
        GPUCase("add/\(name)", .kernel, bytes: 3 * bytes) {
          let (a, b) = (make(), make())
          return { keep(a + b) }
        },
        row("add_number", 2) { $0 + 2.5 },
        row("gelu", 2) { $0.gelu() },
        row("exp", 2) { $0.exp() },
        GPUCase("add_row/\(name)", .kernel, bytes: 2 * bytes) {
          let (a, b) = (make(), Tensor.rand([1024], dtype: dtype))
          return { keep(a + b) }
        },
        row("transpose", 2) { $0.transpose(0, 1).contiguous() },
        row(dtype == .float32 ? "to_bf16" : "to_f32", dtype == .float32 ? 1.5 : 3) {
          $0.to(dtype == .float32 ? .bfloat16 : .float32)
        },
        row("sum_all", 1) { $0.sum() },
        row("sum_last", 1) { $0.sum(dim: 1) },
        row("sum_first", 1) { $0.sum(dim: 0) },
        row("amax_last", 1) { $0.amax(dim: 1) },
        row("softmax", 2) { $0.softmax(dim: 1) },
        GPUCase("layernorm/\(name)", .kernel, bytes: 2 * bytes) {
          let (x, weight, bias) = (make(), Tensor.ones([1024], dtype: dtype), Tensor.zeros([1024], dtype: dtype))
          return { keep(layerNorm(x, normalizedShape: [1024], weight: weight, bias: bias)) }
        },
      ]
    } + [
      GPUCase("rand/f32", .kernel, bytes: Double(256 * megabyte)) {
        let x = Tensor.empty(table(.float32))
        return { x.uniform() }
      },
      GPUCase("randn/f32", .kernel, bytes: Double(256 * megabyte)) {
        let x = Tensor.empty(table(.float32))
        return { x.normal() }
      },
    ]

  private static let products: [GPUCase] = [DType.float32, .float16, .bfloat16].flatMap { dtype in
    let name = dtype == .float32 ? "f32" : dtype == .float16 ? "f16" : "bf16"
    return [1024, 4096, 8192].map { n in
      GPUCase("matmul/\(name)/\(n)", .kernel, flops: 2 * Double(n * n * n)) {
        let (a, b) = (Tensor.rand([n, n], dtype: dtype), Tensor.rand([n, n], dtype: dtype))
        return { keep(a.matmul(b)) }
      }
    }
  }

  private static let attention: [GPUCase] = [false, true].map { isBackward in
    GPUCase("attention\(isBackward ? "_fb" : "")/bf16", .kernel, flops: 4 * 64 * 6 * 256 * 256 * 64 / 2) {
      let make = { Tensor.rand([64, 6, 256, 64], dtype: .bfloat16, requiresGrad: isBackward) }
      let (q, k, v) = (make(), make(), make())
      return {
        let output = scaledDotProductAttention(q, k, v, isCausal: true)
        if isBackward { output.backward(gradient: output.detach()) }
        keep(output)
        for x in [q, k, v] { x.grad = nil }
      }
    }
  }

  /// 64 images of 64 channels and 56 by 56 pixels, with 64 filters of 3 by 3.
  private static let convolutions: [GPUCase] = [DType.float32, .float16].flatMap { dtype in
    [false, true].map { isBackward in
      let name = "conv2d\(isBackward ? "_fb" : "")/\(dtype == .float32 ? "f32" : "f16")"
      let products = 64.0 * 56 * 56 * 64 * 64 * 9
      return GPUCase(name, .kernel, flops: (isBackward ? 6 : 2) * products) {
        let x = Tensor.rand([64, 64, 56, 56], dtype: dtype, requiresGrad: isBackward)
        let weight = Tensor.rand([64, 64, 3, 3], dtype: dtype, requiresGrad: isBackward)
        return {
          let y = conv2d(x, weight, padding: 1)
          if isBackward { y.backward(gradient: y.detach()) }
          keep(y)
          for leaf in [x, weight] { leaf.grad = nil }
        }
      }
    }
  }

  private static let calls: [GPUCase] = [
    GPUCase("call/add", .call) {
      let (a, b) = (Tensor.ones(1), Tensor.ones(1))
      return { keep(a + b) }
    },
    GPUCase("call/add_grad", .call) {
      let (a, b) = (Tensor.ones(1, requiresGrad: true), Tensor.ones(1))
      return { keep(a + b) }
    },
    GPUCase("call/matmul3x3", .call) {
      let x = Tensor.ones(3, 3)
      return { keep(x.matmul(x)) }
    },
    GPUCase("call/sum", .call) {
      let x = Tensor.ones(4, 4)
      return { keep(x.sum()) }
    },
  ]

  /// The tutorial's loop: a linear layer of 10 inputs on 64 rows, float16 with loss scaling.
  private static func tutorialStep() -> () -> Tensor {
    manualSeed(0)
    let model = Linear(10, 1)
    let (inputs, targets) = (Tensor.randn(64, 10), Tensor.randn(64, 1))
    let optimizer = SGD(model.parameters(), lr: 0.01)
    let scaler = GradScaler()
    return {
      optimizer.zeroGrad()
      let loss = autocast(.cuda, dtype: .float16) { mseLoss(model(inputs), targets) }
      scaler.scale(loss).backward()
      scaler.step(optimizer)
      scaler.update()
      return loss
    }
  }

  /// A GPT of 10.7 million parameters on 64 texts of 256 tokens, bfloat16.
  private static func gptStep() -> () -> Tensor {
    manualSeed(0)
    let model = GPT(vocabulary: 65, context: 256, width: 384, heads: 6, layers: 6)
    let texts = Tensor.randint(65, [64, 257])
    let inputs = texts[0..., 0..<256].contiguous()
    let targets = texts[0..., 1...].contiguous().reshape(-1)
    let optimizer = AdamW(model.parameters(), lr: 1e-3, weightDecay: 0.1)
    return {
      optimizer.zeroGrad()
      let loss = autocast(.cuda, dtype: .bfloat16) { crossEntropy(model(inputs).reshape(-1, 65), targets) }
      loss.backward()
      optimizer.step()
      return loss
    }
  }

  private static func step(_ name: String, _ make: @escaping @Sendable () -> () -> Tensor) -> [GPUCase] {
    [
      GPUCase("train/\(name)", .step) {
        let step = make()
        return { keep(step()) }
      },
      GPUCase("train/\(name)_graph", .step) {
        let step = make()
        let (graph, loss) = CUDA.graph { step() }
        return {
          graph?.replay()
          keep(loss)
        }
      },
    ]
  }

  /// All cases, the cheap ones first.
  static let all: [GPUCase] =
    calls + step("tutorial") { tutorialStep() } + memory + products + convolutions + attention
    + step("gpt") { gptStep() }
}
