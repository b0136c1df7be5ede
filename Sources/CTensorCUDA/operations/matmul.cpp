// Matrix products: floats go to cuBLASLt, after what it cannot read has been copied; integers, and what it has no form
// for, to a kernel of our own.
#include <atomic>
#include <optional>
#include <utility>

#include "../kernels/matmul_parameters.h"
#include "cublaslt.hpp"

namespace st::cuda {

namespace {

std::atomic<bool> allow_tf32{false};

int64_t size_of(st_dtype dtype) {
  static constexpr int8_t sizes[] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8};
  return sizes[dtype];
}

// ---- The product, as its views say it.

// The matrices' strides, with those of a single row or column, which are never used, set so that the layout is dense.
MatmulOperand matrix(const st_view &view, int64_t rows, int64_t columns) {
  MatmulOperand result = {view.data, view.strides[view.rank - 2], view.strides[view.rank - 1], {}};
  if (columns == 1) result.column = 1;
  if (rows == 1) result.row = columns == 1 || result.column != 1 ? 1 : columns;
  return result;
}

// The bias's stride in one of the output's last two dimensions, `from_last` from the end.
int64_t bias_stride(const st_view &bias, int from_last) {
  const int d = bias.rank - 1 - from_last;
  return d < 0 || bias.shape[d] == 1 ? 0 : bias.strides[d];
}

st_view leading(st_view view) {
  view.rank = view.rank > 2 && view.data ? view.rank - 2 : 0;
  return view;
}

void transpose(MatmulParameters &p) {
  for (MatmulOperand *operand : {&p.out, &p.a, &p.b, &p.bias}) std::swap(operand->row, operand->column);
  std::swap(p.a, p.b);
  std::swap(p.m, p.n);
}

// ---- By our own kernel.

// Numbers of one width wrap around alike, with a sign or without.
enum Kind { of_uint8, of_uint16, of_uint32, of_uint64, of_float16, of_bfloat16, of_float, of_double, kinds };
constexpr const char *kind_names[] = {"uint8_t", "uint16_t", "uint32_t", "uint64_t",
                                      "float16", "bfloat16", "float",    "double"};

Kind kind_of(st_dtype dtype) {
  switch (dtype) {
    case ST_UINT8:
    case ST_INT8: return of_uint8;
    case ST_INT16: return of_uint16;
    case ST_INT32: return of_uint32;
    case ST_INT64: return of_uint64;
    case ST_FLOAT16: return of_float16;
    case ST_BFLOAT16: return of_bfloat16;
    case ST_FLOAT32: return of_float;
    default: return of_double;
  }
}

st_status multiply_tiled(st_cuda_device *device, const MatmulParameters &p, st_dtype dtype) {
  static Slot slots[kinds];
  const Kind kind = kind_of(dtype);
  Grid grid;
  const int64_t tiles = ((p.m + matmul_tile - 1) / matmul_tile) * ((p.n + matmul_tile - 1) / matmul_tile);
  if (tiles > INT32_MAX) return failed("matmul: %lld x %lld is too large", (long long)p.m, (long long)p.n);
  grid.blocks[0] = unsigned(tiles);
  grid.blocks[1] = unsigned(p.batches < 65535 ? p.batches : 65535);
  grid.threads[0] = matmul_threads;
  return run(device, slots[kind], grid, p, [&] {
    return Program{"matmul.cuh", "MatmulParameters", matmul_threads,
                   std::string("matmul_tiled<") + kind_names[kind] + ">"};
  });
}

// ---- By cuBLASLt.

// A batch of matrices as a view.
struct Matrices {
  intptr_t shape[matmul_batch_dims + 2], strides[matmul_batch_dims + 2];
  st_view view;

  Matrices(const MatmulOperand &operand, const MatmulParameters &p, int64_t rows, int64_t columns, st_dtype dtype) {
    const int batch = int(p.batch_rank);
    for (int d = 0; d < batch; d++) {
      shape[batch - 1 - d] = p.batch_shape[d];
      strides[batch - 1 - d] = operand.batch[d];
    }
    shape[batch] = rows;
    strides[batch] = operand.row;
    shape[batch + 1] = columns;
    strides[batch + 1] = operand.column;
    view = {operand.data, shape, strides, batch + 2, dtype};
  }
  Matrices(const Matrices &) = delete;
};

// A row-major stand-in for an operand. Dimensions of stride 0 stay so, unless all are to be `distinct`.
struct Dense {
  MatmulOperand operand;
  std::optional<Workspace> memory;

  st_status make(st_cuda_device *device, const MatmulOperand &from, const MatmulParameters &p, int64_t rows,
                 int64_t columns, st_dtype dtype, bool distinct) {
    operand = from;
    operand.row = columns;
    operand.column = 1;
    int64_t elements = rows * columns;
    for (int d = 0; d < p.batch_rank; d++) {
      operand.batch[d] = from.batch[d] == 0 && !distinct ? 0 : elements;
      if (operand.batch[d] != 0) elements *= p.batch_shape[d];
    }
    memory.emplace(device, size_t(elements * size_of(dtype)));
    operand.data = memory->address;
    return memory->status;
  }

  st_status copy(st_cuda_device *device, const MatmulOperand &from, const MatmulParameters &p, int64_t rows,
                 int64_t columns, st_dtype dtype, bool distinct) {
    if (st_status status = make(device, from, p, rows, columns, dtype, distinct); status.code != ST_OK) return status;
    MatmulParameters own = p;  // each matrix once
    MatmulOperand source = from, target = operand;
    for (int d = 0; d < p.batch_rank; d++) {
      if (target.batch[d] == 0) own.batch_shape[d] = 1;
    }
    const Matrices to(target, own, rows, columns, dtype), in(source, own, rows, columns, dtype);
    return st_cuda_copy(device, to.view, in.view, 0);
  }
};

// Whether a matrix is row-major, or column-major, with distinct elements.
bool has_form(const MatmulOperand &operand, int64_t rows, int64_t columns) {
  return (operand.column == 1 && operand.row >= columns) || (operand.row == 1 && operand.column >= rows);
}

// Whether the batch's strides are those of one dimension.
bool has_one_stride(const MatmulOperand &operand, const MatmulParameters &p) {
  for (int d = 1; d < p.batch_rank; d++) {
    if (operand.batch[d] != operand.batch[d - 1] * p.batch_shape[d - 1]) return false;
  }
  return true;
}

void remove_batch_dim(MatmulParameters &p, int dim) {
  p.batches /= p.batch_shape[dim];
  p.batch_rank--;
  for (int d = dim; d < p.batch_rank; d++) {
    p.batch_shape[d] = p.batch_shape[d + 1];
    for (MatmulOperand *operand : {&p.out, &p.a, &p.b, &p.bias}) operand->batch[d] = operand->batch[d + 1];
  }
}

// A batch that shares b is one product with more rows, where these follow each other.
void fold_rows(MatmulParameters &p) {
  while (p.batch_rank > 0 && p.b.batch[0] == 0 && p.a.column == 1 && p.out.column == 1) {
    bool continues = true;
    for (MatmulOperand *operand : {&p.out, &p.a, &p.bias}) {
      if (p.m == 1) {
        operand->row = operand->batch[0];
      } else {
        continues = continues && operand->batch[0] == p.m * operand->row;
      }
    }
    if (!continues) return;
    p.m *= p.batch_shape[0];
    remove_batch_dim(p, 0);
  }
}

// The product of one index of the dimensions besides `strided`, in a batch along that one.
st_status multiply_strided(st_cuda_device *device, const MatmulParameters &p, int strided, int64_t index,
                           st_dtype dtype, bool adds_bias, bool &supported) {
  const bool batched = strided < p.batch_rank;
  int64_t offsets[3] = {};
  for (int d = 0; d < p.batch_rank; d++) {
    if (d == strided) continue;
    const int64_t own = index % p.batch_shape[d];
    index /= p.batch_shape[d];
    offsets[0] += own * p.out.batch[d];
    offsets[1] += own * p.a.batch[d];
    offsets[2] += own * p.b.batch[d];
  }
  const auto at = [&](const MatmulOperand &operand, int64_t offset) {
    return static_cast<char *>(operand.data) + offset * size_of(dtype);
  };
  const bool a_rows = p.a.column == 1 && p.a.row >= p.k, b_rows = p.b.column == 1 && p.b.row >= p.n;
  Gemm gemm = {};
  gemm.m = p.m;
  gemm.n = p.n;
  gemm.k = p.k;
  gemm.batch = batched ? p.batch_shape[strided] : 1;
  gemm.out_ld = p.out.row;
  gemm.a_ld = a_rows ? p.a.row : p.a.column;
  gemm.b_ld = b_rows ? p.b.row : p.b.column;
  gemm.out_stride = batched ? p.out.batch[strided] : 0;
  gemm.a_stride = batched ? p.a.batch[strided] : 0;
  gemm.b_stride = batched ? p.b.batch[strided] : 0;
  gemm.dtype = uint8_t(dtype);
  gemm.a_transposed = !a_rows;
  gemm.b_transposed = !b_rows;
  gemm.adds_bias = adds_bias;
  gemm.accumulates = p.bias.data && !adds_bias;
  gemm.tf32 = dtype == ST_FLOAT32 && allow_tf32.load(std::memory_order_relaxed);
  return multiply_by_cublaslt(device, gemm, at(p.out, offsets[0]), at(p.a, offsets[1]), at(p.b, offsets[2]),
                              p.bias.data, supported);
}

// One batch along the longest dimension after another.
st_status multiply_each(st_cuda_device *device, const MatmulParameters &p, st_dtype dtype, bool adds_bias,
                        bool &supported) {
  int strided = 0;
  for (int d = 1; d < p.batch_rank; d++) {
    if (p.batch_shape[d] > p.batch_shape[strided]) strided = d;
  }
  if (p.batch_rank > 0 && p.batch_shape[strided] > INT32_MAX) return {};
  const int64_t count = p.batch_rank > 0 ? p.batches / p.batch_shape[strided] : 1;
  for (int64_t index = 0; index < count; index++) {
    st_status status = multiply_strided(device, p, strided, index, dtype, adds_bias, supported);
    if (status.code != ST_OK || !supported) return status;
  }
  return {};
}

// Whether the bias is one dense vector along the columns, as the library adds it on its way.
bool is_row_vector(const MatmulParameters &p) {
  bool shared = (p.bias.row == 0 || p.m == 1) && (p.bias.column == 1 || p.n == 1);
  for (int d = 0; d < p.batch_rank; d++) shared = shared && p.bias.batch[d] == 0;
  return shared && reinterpret_cast<uintptr_t>(p.bias.data) % 16 == 0;
}

st_status multiply_floats(st_cuda_device *device, MatmulParameters p, st_dtype dtype, bool &supported) {
  if (p.out.column != 1 && p.out.row == 1) transpose(p);
  fold_rows(p);
  // Many products that share no stride cost more than copies.
  constexpr int64_t most_calls = 8;
  int64_t longest = 1;
  for (int d = 0; d < p.batch_rank; d++) longest = p.batch_shape[d] > longest ? p.batch_shape[d] : longest;
  const bool distinct = p.batches / longest > most_calls;

  Dense dense_a, dense_b, dense_out;
  st_status status = {};
  if (!has_form(p.a, p.m, p.k) || (distinct && !has_one_stride(p.a, p))) {
    status = dense_a.copy(device, p.a, p, p.m, p.k, dtype, distinct);
    if (status.code != ST_OK) return status;
    p.a = dense_a.operand;
  }
  if (!has_form(p.b, p.k, p.n) || (distinct && !has_one_stride(p.b, p))) {
    status = dense_b.copy(device, p.b, p, p.k, p.n, dtype, distinct);
    if (status.code != ST_OK) return status;
    p.b = dense_b.operand;
  }
  const MatmulParameters original = p;
  const bool out_is_dense = p.out.column == 1 && p.out.row >= p.n && !(distinct && !has_one_stride(p.out, p));
  if (!out_is_dense) {
    status = dense_out.make(device, p.out, p, p.m, p.n, dtype, true);
    if (status.code != ST_OK) return status;
    p.out = dense_out.operand;
  }

  supported = false;
  const auto attempt = [&](bool adds_bias) {
    MatmulParameters q = p;
    if (distinct) {  // now one dimension
      q.batch_rank = 1;
      q.batch_shape[0] = p.batches;
    }
    return multiply_each(device, q, dtype, adds_bias, supported);
  };
  if (p.bias.data == nullptr || is_row_vector(p)) status = attempt(p.bias.data != nullptr);
  if (status.code == ST_OK && !supported && p.bias.data) {
    const Matrices out(p.out, p, p.m, p.n, dtype), bias(p.bias, p, p.m, p.n, dtype);
    status = st_cuda_copy(device, out.view, bias.view, 0);
    if (status.code == ST_OK) status = attempt(false);
  }
  if (status.code != ST_OK || !supported || out_is_dense) return status;
  const Matrices to(original.out, p, p.m, p.n, dtype), in(p.out, p, p.m, p.n, dtype);
  return st_cuda_copy(device, to.view, in.view, 0);
}

// ---- Both.

st_status multiply(st_cuda_device *device, const MatmulParameters &p, st_dtype dtype) {
  if (dtype >= ST_FLOAT16) {
    bool supported = false;
    st_status status = multiply_floats(device, p, dtype, supported);
    if (status.code != ST_OK || supported) return status;
  }
  return multiply_tiled(device, p, dtype);
}

// Takes dimensions beyond those that the parameters hold one index at a time.
st_status multiply_batch(st_cuda_device *device, MatmulParameters &p, const Collapsed<4> &batch, int rank,
                         st_dtype dtype) {
  if (rank <= matmul_batch_dims) return multiply(device, p, dtype);
  MatmulOperand *operands[4] = {&p.out, &p.a, &p.b, &p.bias};
  const int d = rank - 1;
  for (int64_t i = 0; i < batch.shape[d]; i++) {
    st_status status = multiply_batch(device, p, batch, d, dtype);
    if (status.code != ST_OK) return status;
    for (int n = 0; n < 4; n++) {
      if (operands[n]->data) {
        operands[n]->data = static_cast<char *>(operands[n]->data) + batch.strides[n][d] * size_of(dtype);
      }
    }
  }
  for (int n = 0; n < 4; n++) {
    if (operands[n]->data) {
      operands[n]->data =
          static_cast<char *>(operands[n]->data) - batch.shape[d] * batch.strides[n][d] * size_of(dtype);
    }
  }
  return {};
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

extern "C" {

st_status st_cuda_matmul(st_cuda_device *device, st_view out, st_view a, st_view b, st_view bias) {
  if (out.dtype < ST_UINT8 || out.dtype > ST_FLOAT64) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  MatmulParameters p = {};
  p.m = out.shape[out.rank - 2];
  p.n = out.shape[out.rank - 1];
  p.k = a.shape[a.rank - 1];
  const st_view views[4] = {leading(out), leading(a), leading(b), leading(bias)};
  const Collapsed<4> batch = collapse<4>({&views[0], &views[1], &views[2], &views[3]}, false);
  if (p.m == 0 || p.n == 0 || batch.count == 0) return {};
  if (p.k == 0) {
    return bias.data ? st_cuda_copy(device, out, bias, 0) : st_cuda_fill(device, out, {st_number::ST_NUMBER_INT, 0, 0});
  }
  p.out = matrix(out, p.m, p.n);
  p.a = matrix(a, p.m, p.k);
  p.b = matrix(b, p.k, p.n);
  if (bias.data) p.bias = {bias.data, bias_stride(bias, 1), bias_stride(bias, 0), {}};
  MatmulOperand *operands[4] = {&p.out, &p.a, &p.b, &p.bias};
  p.batches = 1;
  for (int d = 0; d < batch.rank && d < matmul_batch_dims; d++) {
    p.batch_rank++;
    p.batch_shape[d] = batch.shape[d];
    p.batches *= batch.shape[d];
    for (int n = 0; n < 4; n++) operands[n]->batch[d] = batch.strides[n][d];
  }
  return multiply_batch(device, p, batch, batch.rank, out.dtype);
}

void st_cuda_set_allow_tf32(bool allow) { allow_tf32.store(allow, std::memory_order_relaxed); }

bool st_cuda_allow_tf32(void) { return allow_tf32.load(std::memory_order_relaxed); }

}  // extern "C"
