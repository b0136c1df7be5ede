// Attention: copies what kernels cannot read, and chooses kernels by dtype and head size.
#include <iterator>
#include <optional>

#include "../kernels/attention_parameters.h"
#include "../runtime/device.hpp"

namespace st::cuda {

namespace {

// By dtype, and by the head sizes that kernels are made for.
enum { of_float16, of_bfloat16, of_float, of_double, kinds };
constexpr const char *kind_names[kinds] = {"float16", "bfloat16", "float", "double"};
constexpr int sizes[] = {64, 128, 256};
constexpr int size_count = int(std::size(sizes));

int bytes_of(st_dtype dtype) { return dtype == ST_FLOAT64 ? 8 : dtype == ST_FLOAT32 ? 4 : dtype == ST_BOOL ? 1 : 2; }

// A stand-in for an operand whose last stride is not 1: row-major, filled from it or to be copied back to it.
struct Operand {
  AttentionOperand operand = {};
  st_view view;
  intptr_t strides[4];
  std::optional<Workspace> memory;

  explicit Operand(const st_view &from) : view(from) {}

  st_status make(st_cuda_device *device, bool filled) {
    if (view.strides[3] != 1 && view.shape[3] > 1) {
      const st_view from = view;
      intptr_t elements = 1;
      for (int d = 3; d >= 0; d--) {
        strides[d] = elements;
        elements *= view.shape[d];
      }
      memory.emplace(device, size_t(elements) * bytes_of(view.dtype));
      if (memory->status.code != ST_OK) return memory->status;
      view.data = memory->address;
      view.strides = strides;
      if (filled) {
        if (st_status status = st_cuda_copy(device, view, from, 0); status.code != ST_OK) return status;
      }
    }
    operand = {view.data, view.strides[0], view.strides[1], view.strides[2]};
    return {};
  }

  st_status finish(st_cuda_device *device, const st_view &to) const {
    return memory ? st_cuda_copy(device, to, view, 0) : st_status{};
  }

  // Whether every row begins at a multiple of 16 bytes.
  bool is_aligned() const {
    const auto whole = [&](int64_t stride) { return stride * bytes_of(view.dtype) % 16 == 0; };
    return reinterpret_cast<uintptr_t>(operand.data) % 16 == 0 && (view.shape[0] == 1 || whole(operand.batch)) &&
           (view.shape[1] == 1 || whole(operand.head)) && (view.shape[2] == 1 || whole(operand.row));
  }
};

st_status make(st_cuda_device *device, std::initializer_list<Operand *> operands, bool filled) {
  for (Operand *operand : operands) {
    if (st_status status = operand->make(device, filled); status.code != ST_OK) return status;
  }
  return {};
}

bool all_aligned(const AttentionParameters &p, std::initializer_list<const Operand *> operands) {
  bool aligned = p.size % 8 == 0;
  for (const Operand *operand : operands) aligned = aligned && operand->is_aligned();
  return aligned;
}

// The part that both passes have in common.
st_status describe(AttentionParameters &p, const st_view &lse, const st_view &q, const st_view &k, const st_view &mask,
                   bool causal, double scale) {
  if (q.dtype < ST_FLOAT16 || q.dtype > ST_FLOAT64) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  if (lse.dtype != ST_FLOAT32 && (lse.dtype != ST_FLOAT64 || q.dtype != ST_FLOAT64)) {
    return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  }
  if (mask.data && mask.dtype != ST_BOOL && mask.dtype != q.dtype) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  if (q.shape[3] > sizes[size_count - 1]) {
    return failed("attention: heads of %lld are larger than %d", (long long)q.shape[3], sizes[size_count - 1]);
  }
  if (q.shape[2] > INT32_MAX - 64 || k.shape[2] > INT32_MAX - 64) return failed("attention: too many rows");
  p.batches = int32_t(q.shape[0]);
  p.heads = int32_t(q.shape[1]);
  p.groups = int32_t(k.shape[1]);
  p.queries = int32_t(q.shape[2]);
  p.keys = int32_t(k.shape[2]);
  p.size = int32_t(q.shape[3]);
  p.causal = causal;
  p.scale = scale;
  p.lse = {lse.data, lse.strides[0], lse.strides[1], lse.strides[2]};
  p.lse_is_double = lse.dtype == ST_FLOAT64;
  if (mask.data) {
    const auto stride = [&](int d) {  // aligned to the right
      const int own = d - (4 - mask.rank);
      return own < 0 || mask.shape[own] == 1 ? 0 : mask.strides[own];
    };
    p.mask = {mask.data, stride(0), stride(1), stride(2)};
    p.mask_column = stride(3);
    p.mask_kind = mask.dtype == ST_BOOL ? 1 : 2;
  }
  return {};
}

int size_index(const AttentionParameters &p) {
  int i = 0;
  while (sizes[i] < p.size) i++;
  return i;
}

std::string size_name(int index) { return std::to_string(sizes[index]); }

int64_t tiles(int64_t rows, st_dtype dtype) {
  const int tile = dtype == ST_FLOAT64 ? attention_rows<true> : attention_rows<false>;
  return (rows + tile - 1) / tile;
}

bool has_tensor_cores(st_cuda_device *device, st_dtype dtype) {
  return (dtype == ST_FLOAT16 || dtype == ST_BFLOAT16) && facts(device).capability >= 80;
}

st_status grid_of(Grid &grid, int64_t blocks) {
  if (blocks > INT32_MAX) return failed("attention: %lld blocks are too many", (long long)blocks);
  grid.blocks[0] = unsigned(blocks);
  grid.threads[0] = attention_threads;
  return {};
}

st_status launch_forward(st_cuda_device *device, const AttentionParameters &p, st_dtype dtype) {
  static Slot slots[kinds][size_count];
  static constexpr int memory[] = {attention_forward_memory<64>, attention_forward_memory<128>,
                                   attention_forward_memory<256>};
  const int kind = dtype - ST_FLOAT16, size = size_index(p);
  Grid grid;
  const int64_t blocks = tiles(p.queries, dtype) * p.heads * p.batches;
  if (st_status status = grid_of(grid, blocks); status.code != ST_OK) return status;
  grid.shared = p.tensor_cores ? unsigned(memory[size]) : 0;
  return run(device, slots[kind][size], grid, p, [&] {
    return Program{"attention.cuh", "AttentionParameters", attention_threads,
                   std::string("attention_forward<") + kind_names[kind] + ", " + size_name(size) + ">"};
  });
}

st_status launch_delta(st_cuda_device *device, const AttentionParameters &p, st_dtype dtype) {
  static Slot slots[kinds];
  const int kind = dtype - ST_FLOAT16;
  const int64_t rows = int64_t{p.batches} * p.heads * p.queries, each = attention_threads / 32;
  Grid grid;
  if (st_status status = grid_of(grid, (rows + each - 1) / each); status.code != ST_OK) return status;
  return run(device, slots[kind], grid, p, [&] {
    return Program{"attention.cuh", "AttentionParameters", attention_threads,
                   std::string("attention_delta<") + kind_names[kind] + ">"};
  });
}

st_status launch_backward(st_cuda_device *device, const AttentionParameters &p, st_dtype dtype, bool of_keys) {
  static Slot slots[2][kinds][size_count];
  static constexpr int memory[] = {attention_backward_memory<64>, attention_backward_memory<128>,
                                   attention_backward_memory<256>};
  const int kind = dtype - ST_FLOAT16, size = size_index(p);
  const int64_t parts = sizes[size] > attention_most_columns ? sizes[size] / attention_most_columns : 1;
  const int64_t heads = of_keys ? tiles(p.keys, dtype) * p.groups : tiles(p.queries, dtype) * p.heads;
  Grid grid;
  if (st_status status = grid_of(grid, heads * p.batches * parts); status.code != ST_OK) return status;
  if (grid.blocks[0] == 0) return {};
  grid.shared = p.tensor_cores ? unsigned(memory[size]) : 0;
  return run(device, slots[of_keys][kind][size], grid, p, [&] {
    return Program{"attention.cuh", "AttentionParameters", attention_threads,
                   std::string("attention_backward<") + kind_names[kind] + ", " + size_name(size) +
                       (of_keys ? ", true>" : ", false>")};
  });
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_attention(st_cuda_device *device, st_view out, st_view lse, st_view q, st_view k, st_view v,
                            st_view mask, bool causal, double scale) {
  AttentionParameters p = {};
  st_status status = describe(p, lse, q, k, mask, causal, scale);
  if (status.code != ST_OK || int64_t{p.batches} * p.heads * p.queries == 0) return status;
  Operand own_q(q), own_k(k), own_v(v), own_out(out);
  status = make(device, {&own_q, &own_k, &own_v}, true);
  if (status.code == ST_OK) status = own_out.make(device, false);
  if (status.code != ST_OK) return status;
  p.q = own_q.operand;
  p.k = own_k.operand;
  p.v = own_v.operand;
  p.out = own_out.operand;
  p.tensor_cores = has_tensor_cores(device, q.dtype);
  p.aligned = all_aligned(p, {&own_q, &own_k, &own_v, &own_out});
  status = launch_forward(device, p, q.dtype);
  return status.code == ST_OK ? own_out.finish(device, out) : status;
}

st_status st_cuda_attention_backward(st_cuda_device *device, st_view q_gradient, st_view k_gradient, st_view v_gradient,
                                     st_view gradient, st_view out, st_view lse, st_view q, st_view k, st_view v,
                                     st_view mask, bool causal, double scale) {
  AttentionParameters p = {};
  st_status status = describe(p, lse, q, k, mask, causal, scale);
  if (status.code != ST_OK) return status;
  Operand own_q(q), own_k(k), own_v(v), own_out(out), own_gradient(gradient);
  Operand own_q_gradient(q_gradient), own_k_gradient(k_gradient), own_v_gradient(v_gradient);
  status = make(device, {&own_q, &own_k, &own_v, &own_out, &own_gradient}, true);
  if (status.code == ST_OK) status = make(device, {&own_q_gradient, &own_k_gradient, &own_v_gradient}, false);
  if (status.code != ST_OK) return status;
  p.q = own_q.operand;
  p.k = own_k.operand;
  p.v = own_v.operand;
  p.out = own_out.operand;
  p.gradient = own_gradient.operand;
  p.q_gradient = own_q_gradient.operand;
  p.k_gradient = own_k_gradient.operand;
  p.v_gradient = own_v_gradient.operand;
  p.tensor_cores = has_tensor_cores(device, q.dtype);
  p.aligned = all_aligned(
      p, {&own_q, &own_k, &own_v, &own_gradient, &own_q_gradient, &own_k_gradient, &own_v_gradient});

  const int64_t rows = int64_t{p.batches} * p.heads * p.queries;
  const Workspace delta(device, size_t(rows) * (q.dtype == ST_FLOAT64 ? 8 : 4));
  if (delta.status.code != ST_OK) return delta.status;
  p.delta = delta.address;
  if (rows > 0) {
    status = launch_delta(device, p, q.dtype);
    if (status.code != ST_OK) return status;
  }
  status = launch_backward(device, p, q.dtype, true);
  if (status.code == ST_OK) status = launch_backward(device, p, q.dtype, false);
  if (status.code == ST_OK) status = own_q_gradient.finish(device, q_gradient);
  if (status.code == ST_OK) status = own_k_gradient.finish(device, k_gradient);
  return status.code == ST_OK ? own_v_gradient.finish(device, v_gradient) : status;
}
