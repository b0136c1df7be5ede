// The driver of elementwise operations: broadcasts, walks and converts, so that kernels see contiguous blocks of one type.
#include "elementwise.hpp"

#include <string.h>

#include "layout.hpp"
#include "threads.hpp"

namespace st {
namespace {

constexpr intptr_t block = 1024;       // elements converted or packed at a time
constexpr intptr_t long_row = 128;     // rows at least this long are walked one by one, shorter ones packed together
constexpr intptr_t small_scalar = 64;  // outputs up to this size take the short way with a broadcast number

const ElementwiseTable &table(st_dtype compute) {
  static const ElementwiseTable *const tables[] = {
      &integer_elementwise(ST_BOOL),  &integer_elementwise(ST_UINT8), &integer_elementwise(ST_INT8),
      &integer_elementwise(ST_INT16), &integer_elementwise(ST_INT32), &integer_elementwise(ST_INT64),
      &float_elementwise(),           &float_elementwise(),           &float_elementwise(),
      &double_elementwise()};
  return *tables[compute];
}

// The type that kernels for `compute` take.
st_dtype kernel_dtype(st_dtype compute) {
  return compute == ST_FLOAT16 || compute == ST_BFLOAT16 ? st_dtype(ST_FLOAT32) : compute;
}

// One run of an operation with `inputs` operands. Operand 0 is the output.
template <int inputs>
struct Run {
  static constexpr int count = inputs + 1;

  Elementwise operation;
  const double *parameters;
  Layout<count> layout;
  st_dtype dtype[count];        // as stored
  st_dtype kernel[count];       // as the kernel takes it
  Conversion convert[count];    // null where these agree
  // Where a 16-bit type to compute in lies between the stored type and the kernel's float: there and back.
  Conversion narrow[count], widen[count];
  bool uniform[count];
  bool division_by_zero = false;

  Run(Elementwise operation, const double *parameters, const st_view *const (&views)[count],
      const st_dtype (&taken)[count], st_dtype compute, bool exact_numbers)
      : operation(operation), parameters(parameters), layout(views) {
    for (int k = 0; k < count; k++) {
      dtype[k] = views[k]->dtype;
      kernel[k] = taken[k];
      convert[k] = narrow[k] = widen[k] = nullptr;
      uniform[k] = k > 0 && layout.elements > 1 && layout.uniform(k);
      if (dtype[k] == kernel[k] && kernel[k] == compute) continue;
      st_dtype from = k == 0 ? kernel[k] : dtype[k], to = k == 0 ? dtype[k] : kernel[k];
      if (from != to) convert[k] = conversion(to, from);
      bool rounds = (compute == ST_FLOAT16 || compute == ST_BFLOAT16) && dtype[k] != compute && kernel[k] == ST_FLOAT32;
      if (rounds && !(exact_numbers && k > 0 && layout.uniform(k))) {
        narrow[k] = conversion(compute, from);
        convert[k] = widen[k] = conversion(to, compute);
      }
    }
  }

  // Converts at most a block.
  void converted(int k, char *out, const char *in, intptr_t taken) const {
    if (narrow[k] == nullptr) return convert[k](out, in, taken);
    uint16_t rounded[block];
    narrow[k](rounded, in, taken);
    widen[k](out, rounded, taken);
  }

  struct Buffers {
    alignas(64) char values[count][block * 8];
    alignas(64) char packed[block * 8];
  };

  void run() {
    if (layout.elements == 0) return;
    int cost = operation.cost + (layout.rank > 1 ? 2 : 0);
    parallel_for(layout.elements, even_grain(layout.elements, cost), [this](intptr_t begin, intptr_t end) {
      Buffers buffers;
      for (int k = 1; k < count; k++) {
        if (uniform[k]) load(k, layout.data[k], 0, buffers.values[k], end - begin < block ? end - begin : block, buffers);
      }
      if (layout.rank < 2 || layout.shape[0] >= long_row) {
        rows(begin, end, buffers);
      } else {
        packs(begin, end, buffers);
      }
    });
  }

  // A block of operand k as the kernel takes it: in place where it can be, else in its buffer.
  const void *load(int k, const char *data, intptr_t stride, char *room, intptr_t taken, Buffers &buffers) {
    intptr_t size = element_size(dtype[k]);
    if (stride == 0 && taken > 1) {
      if (convert[k] != nullptr) {
        converted(k, buffers.packed, data, 1);
        data = buffers.packed;
      }
      copy_strided(room, element_size(kernel[k]), data, 0, taken, element_size(kernel[k]));
      return room;
    }
    if (stride == size || taken == 1) {
      if (convert[k] == nullptr) return data;
      converted(k, room, data, taken);
      return room;
    }
    char *packed = convert[k] != nullptr ? buffers.packed : room;
    copy_strided(packed, size, data, stride, taken, size);
    if (convert[k] != nullptr) converted(k, room, packed, taken);
    return room;
  }

  // Stores the kernel's block of results.
  void store(char *data, intptr_t stride, const char *results, intptr_t taken, Buffers &buffers) {
    intptr_t size = element_size(dtype[0]);
    bool direct = stride == size || taken == 1;
    if (convert[0] != nullptr) {
      char *target = direct ? data : buffers.packed;
      converted(0, target, results, taken);
      results = target;
    }
    if (!direct) copy_strided(data, stride, results, size, taken, size);
  }

  void rows(intptr_t begin, intptr_t end, Buffers &buffers) {
    Walk<count> walk(layout, begin);
    bool buffered = false;
    intptr_t stride[count];
    for (int k = 0; k < count; k++) {
      stride[k] = layout.rank == 0 ? element_size(dtype[k]) : layout.strides[k][0];
      buffered |= convert[k] != nullptr || stride[k] != element_size(dtype[k]);
    }
    while (begin < end) {
      intptr_t taken = walk.row() < end - begin ? walk.row() : end - begin;
      if (buffered && taken > block) taken = block;
      const void *operands[inputs];
      for (int k = 1; k < count; k++) {
        operands[k - 1] = uniform[k] ? buffers.values[k]
                                     : load(k, walk.data[k], stride[k], buffers.values[k], taken, buffers);
      }
      bool direct = convert[0] == nullptr && (stride[0] == element_size(dtype[0]) || taken == 1);
      char *results = direct ? walk.data[0] : buffers.values[0];
      if (operation.kernel(results, operands, taken, parameters)) {
        __atomic_store_n(&division_by_zero, true, __ATOMIC_RELAXED);
        return;
      }
      if (!direct) store(walk.data[0], stride[0], results, taken, buffers);
      begin += taken;
      walk.advance(taken);
    }
  }

  // Operand k's strides are those of one contiguous block.
  bool dense(int k) const {
    intptr_t expected = element_size(dtype[k]);
    for (int d = 0; d < layout.rank; d++) {
      if (layout.strides[k][d] != expected) return false;
      expected *= layout.shape[d];
    }
    return true;
  }

  // Blocks that span short rows: operands that are not dense are gathered, results scattered.
  void packs(intptr_t begin, intptr_t end, Buffers &buffers) {
    bool is_dense[count];
    for (int k = 0; k < count; k++) is_dense[k] = dense(k);
    Walk<count> walk(layout, begin);
    while (begin < end) {
      intptr_t taken = end - begin < block ? end - begin : block;
      Walk<count> start = walk;
      char *room[count];
      for (int k = 0; k < count; k++) room[k] = convert[k] != nullptr ? buffers.packed : buffers.values[k];
      // Each operand is packed and converted before the next one uses the shared room.
      const void *operands[inputs];
      for (int k = 1; k < count; k++) {
        intptr_t size = element_size(dtype[k]);
        const char *source = start.data[k];
        if (uniform[k]) {
          operands[k - 1] = buffers.values[k];
          continue;
        }
        if (!is_dense[k]) {
          each_row(start, taken, [&](Walk<count> &at, intptr_t done, intptr_t row) {
            copy_strided(room[k] + done * size, size, at.data[k], layout.strides[k][0], row, size);
          });
          source = room[k];
        }
        if (convert[k] != nullptr) {
          converted(k, buffers.values[k], source, taken);
          source = buffers.values[k];
        }
        operands[k - 1] = source;
      }
      char *results = is_dense[0] && convert[0] == nullptr ? start.data[0] : buffers.values[0];
      if (operation.kernel(results, operands, taken, parameters)) {
        __atomic_store_n(&division_by_zero, true, __ATOMIC_RELAXED);
        return;
      }
      intptr_t size = element_size(dtype[0]);
      if (convert[0] != nullptr) {
        char *target = is_dense[0] ? start.data[0] : buffers.packed;
        converted(0, target, results, taken);
        results = target;
      }
      if (!is_dense[0]) {
        each_row(start, taken, [&](Walk<count> &at, intptr_t done, intptr_t row) {
          copy_strided(at.data[0], layout.strides[0][0], results + done * size, size, row, size);
        });
      }
      begin += taken;
      skip(walk, taken);
    }
  }

  template <class Function>
  void each_row(const Walk<count> &start, intptr_t taken, const Function &function) {
    Walk<count> at = start;
    for (intptr_t done = 0; done < taken;) {
      intptr_t row = at.row() < taken - done ? at.row() : taken - done;
      function(at, done, row);
      done += row;
      at.advance(row);
    }
  }

  void skip(Walk<count> &walk, intptr_t taken) {
    while (taken > 0) {
      intptr_t row = walk.row() < taken ? walk.row() : taken;
      walk.advance(row);
      taken -= row;
    }
  }
};

// Whether `in` has the output's shape, row-major; `count` becomes the number of elements.
bool is_plain(const st_view &out, const st_view &in, intptr_t &count) {
  if (in.rank != out.rank) return false;
  intptr_t expected = 1;
  for (int32_t d = out.rank - 1; d >= 0; d--) {
    intptr_t size = out.shape[d];
    if (in.shape[d] != size || (in.strides[d] != expected && size != 1)) return false;
    expected *= size;
  }
  count = expected;
  return true;
}

bool is_single(const st_view &view) {
  for (int32_t d = 0; d < view.rank; d++) {
    if (view.shape[d] != 1) return false;
  }
  return true;
}

// Small contiguous operands of the kernel's own type, some of them perhaps single numbers, go straight to the kernel.
template <int inputs>
bool run_directly(const Elementwise &operation, const st_view *const (&views)[inputs + 1],
                  const st_dtype (&taken)[inputs + 1], const double *parameters, bool &failed) {
  const st_view &out = *views[0];
  intptr_t count = 0;
  for (int k = 0; k <= inputs; k++) {
    if (views[k]->dtype != taken[k]) return false;
  }
  if (!is_plain(out, out, count) || count * operation.cost > 65536) return false;
  const void *operands[inputs];
  alignas(64) char room[inputs][small_scalar * 8];
  for (int k = 1; k <= inputs; k++) {
    const st_view &view = *views[k];
    operands[k - 1] = view.data;
    intptr_t same;
    if (is_plain(out, view, same)) continue;
    if (!is_single(view) || count > small_scalar) return false;
    intptr_t size = element_size(view.dtype);
    copy_strided(room[k - 1], size, static_cast<const char *>(view.data), 0, count, size);
    operands[k - 1] = room[k - 1];
  }
  failed = count > 0 && operation.kernel(out.data, operands, count, parameters);
  return true;
}

template <int inputs>
st_status run(const Elementwise &operation, const st_view *const (&views)[inputs + 1], st_dtype first, st_dtype compute,
              const double *parameters, bool exact_numbers = false) {
  if (operation.kernel == nullptr) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  st_dtype taken[inputs + 1];
  for (int k = 0; k <= inputs; k++) taken[k] = kernel_dtype(compute);
  if (operation.gives_bool) taken[0] = ST_BOOL;
  taken[1] = first;
  bool failed = false;
  if (!run_directly<inputs>(operation, views, taken, parameters, failed)) {
    Run<inputs> whole(operation, parameters, views, taken, compute, exact_numbers);
    whole.run();
    failed = whole.division_by_zero;
  }
  return {failed ? ST_DIVISION_BY_ZERO : ST_OK, 0, 0, 0};
}

}  // namespace
}  // namespace st

using namespace st;

st_status st_unary(st_unary_op op, st_view out, st_view in, st_dtype compute, const double *parameters) {
  const st_view *const views[] = {&out, &in};
  return run<1>(table(compute).unary[op], views, kernel_dtype(compute), compute, parameters);
}

st_status st_binary(st_binary_op op, st_view out, st_view a, st_view b, st_dtype compute, const double *parameters) {
  const st_view *const views[] = {&out, &a, &b};
  // In arithmetic with 16-bit floats, PyTorch does not round a single number to them first.
  bool exact_numbers = op == ST_ADD || op == ST_SUBTRACT || op == ST_MULTIPLY || op == ST_DIVIDE;
  return run<2>(table(compute).binary[op], views, kernel_dtype(compute), compute, parameters, exact_numbers);
}

st_status st_ternary(st_ternary_op op, st_view out, st_view a, st_view b, st_view c, st_dtype compute,
                     const double *parameters) {
  const st_view *const views[] = {&out, &a, &b, &c};
  st_dtype first = op == ST_WHERE ? st_dtype(ST_BOOL) : kernel_dtype(compute);
  return run<3>(table(compute).ternary[op], views, first, compute, parameters);
}
