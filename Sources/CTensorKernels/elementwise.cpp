// The driver of elementwise operations: broadcasts, walks and converts, so that kernels see contiguous blocks of one
// type.
#include "elementwise.hpp"

#include <string.h>

#include "layout.hpp"
#include "moves.hpp"
#include "threads.hpp"

namespace st {
namespace {

constexpr intptr_t block = 1024;    // elements converted or packed at a time
constexpr intptr_t long_row = 128;  // rows at least this long are walked one by one, shorter ones packed together

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

// How one operand reaches the kernel. Operand 0 is the output.
struct Operand {
  st_dtype stored, kernel;        // its element type in memory, and the one that the kernel takes
  intptr_t size, kernel_size;     // of an element, in bytes
  Conversion convert = nullptr;   // null where the types agree
  // Where a 16-bit type to compute in lies between the stored type and the kernel's float: there and back.
  Conversion narrow = nullptr;

  void prepare(bool output, st_dtype compute, st_dtype stored_dtype, st_dtype kernel_dtype, bool exact) {
    stored = stored_dtype;
    kernel = kernel_dtype;
    size = element_size(stored);
    kernel_size = element_size(kernel);
    if (stored == kernel && kernel == compute) return;
    st_dtype from = output ? kernel : stored, to = output ? stored : kernel;
    if (from != to) convert = conversion(to, from);
    bool halves = compute == ST_FLOAT16 || compute == ST_BFLOAT16;
    if (halves && !exact && stored != compute && kernel == ST_FLOAT32) {
      narrow = conversion(compute, from);
      convert = conversion(to, compute);
    }
  }

  // At most a block.
  void converted(void *out, const void *in, intptr_t count) const {
    if (narrow == nullptr) return convert(out, in, count);
    uint16_t rounded[block];
    narrow(rounded, in, count);
    convert(out, rounded, count);
  }
};

// One run of an operation with `inputs` operands over any strides.
template <int inputs>
struct Run {
  static constexpr int count = inputs + 1;

  Elementwise operation;
  const double *parameters;
  Layout<count> layout;
  Operand operands[count];
  bool uniform[count];  // one element for all
  bool streamed;         // results are written past the caches
  bool division_by_zero = false;

  Run(Elementwise operation, const double *parameters, const st_view *const (&views)[count],
      const st_dtype (&taken)[count], st_dtype compute, bool exact_numbers)
      : operation(operation), parameters(parameters), layout(views) {
    for (int k = 0; k < count; k++) {
      uniform[k] = k > 0 && layout.elements > 1 && layout.uniform(k);
      operands[k].prepare(k == 0, compute, views[k]->dtype, taken[k], exact_numbers && k > 0 && layout.uniform(k));
    }
    bool in_place = false;
    for (int k = 1; k < count; k++) in_place |= layout.data[k] == layout.data[0];
    // Only memory is worth waiting for so: dearer formulas and conversions take as long as the caches' writes.
    bool cheap = operation.cost == 1 && operands[0].convert == nullptr && operands[0].size >= 4;
    streamed = cheap && layout.elements * operands[0].size >= streamed_bytes && !in_place;
  }

  intptr_t together() const { return streamed ? streamed_part / operands[0].size : block; }

  struct Buffers {
    alignas(64) char values[count][block * 8];
    alignas(64) char packed[block * 8];
  };

  void run() {
    if (layout.elements == 0) return;
    int cost = operation.cost + (layout.rank > 1 && layout.shape[0] < long_row ? 2 : 0);
    intptr_t grain = even_grain(layout.elements, cost);
    // Chunks of whole blocks end where lines of the cache end.
    if (streamed) grain = (grain + block - 1) / block * block;
    parallel_for(layout.elements, grain, [this](intptr_t begin, intptr_t end) {
      Buffers buffers;
      for (int k = 1; k < count; k++) {
        if (uniform[k]) repeat(k, layout.data[k], block < end - begin ? block : end - begin, buffers);
      }
      if (layout.rank < 2 || layout.shape[0] >= long_row) {
        rows(begin, end, buffers);
      } else {
        packs(begin, end, buffers);
      }
      if (streamed) stream_end();
    });
  }

  // Binary kernels take one number as it is; for others it fills the operand's buffer.
  void repeat(int k, const char *data, intptr_t taken, Buffers &buffers) {
    const Operand &operand = operands[k];
    char *values = buffers.values[k];
    if (operand.convert != nullptr) {
      operand.converted(values, data, 1);
    } else {
      memcpy(values, data, size_t(operand.size));
    }
    if (inputs != 2 || (k == 1 && uniform[2])) {
      copy_strided(values, operand.kernel_size, values, 0, taken, operand.kernel_size);
    }
  }

  // A block of operand k as the kernel takes it: in place where it can be, else in its buffer.
  const void *load(int k, const char *data, intptr_t stride, intptr_t taken, Buffers &buffers) {
    const Operand &operand = operands[k];
    if (stride != operand.size && taken > 1) {
      char *packed = operand.convert != nullptr ? buffers.packed : buffers.values[k];
      copy_strided(packed, operand.size, data, stride, taken, operand.size);
      data = packed;
    }
    if (operand.convert == nullptr) return data;
    operand.converted(buffers.values[k], data, taken);
    return buffers.values[k];
  }

  // Stores the kernel's block of results.
  void store(char *data, intptr_t stride, const char *results, intptr_t taken, Buffers &buffers) {
    const Operand &operand = operands[0];
    bool direct = stride == operand.size || taken == 1;
    if (operand.convert != nullptr) {
      char *target = direct && !streamed ? data : buffers.packed;
      operand.converted(target, results, taken);
      results = target;
    }
    if (direct && streamed) return moves().copy(data, 0, results, 0, 1, taken * operand.size, true);
    if (!direct) copy_strided(data, stride, results, operand.size, taken, operand.size);
  }

  bool compute(void *results, const void *const *values, intptr_t taken, int single) {
    if (!operation.kernel(results, values, taken, parameters, single)) return true;
    __atomic_store_n(&division_by_zero, true, __ATOMIC_RELAXED);
    return false;
  }

  void rows(intptr_t begin, intptr_t end, Buffers &buffers) {
    Walk<count> walk(layout, begin);
    bool buffered = false;
    int single = 0;
    intptr_t stride[count];
    for (int k = 0; k < count; k++) {
      stride[k] = layout.rank == 0 ? operands[k].size : layout.strides[k][0];
      buffered |= operands[k].convert != nullptr || stride[k] != operands[k].size;
    }
    if (inputs == 2) {
      // Of two repeated operands, one is filled: `repeat` has filled the first if both are uniform.
      single = stride[2] == 0 ? 2 : stride[1] == 0 ? 1 : 0;
      if (uniform[1] && !uniform[2]) single = 1;
    }
    // With nothing but one repeated operand in the way, a row needs no blocks.
    int other = 3 - single;
    if (single != 0 && stride[0] == operands[0].size && stride[other] == operands[other].size) {
      buffered = operands[0].convert != nullptr || operands[other].convert != nullptr;
    }
    buffered |= streamed;
    while (begin < end) {
      intptr_t taken = walk.row() < end - begin ? walk.row() : end - begin;
      if (buffered && taken > together()) taken = together();
      const void *values[inputs];
      for (int k = 1; k < count; k++) {
        if (uniform[k]) {
          values[k - 1] = buffers.values[k];
        } else {
          bool one = single == k;
          values[k - 1] = load(k, walk.data[k], one ? operands[k].size : stride[k], one ? 1 : taken, buffers);
        }
      }
      bool direct =
          operands[0].convert == nullptr && (stride[0] == operands[0].size || taken == 1) && !streamed;
      char *results = direct ? walk.data[0] : buffers.values[0];
      if (!compute(results, values, taken, single)) return;
      if (!direct) store(walk.data[0], stride[0], results, taken, buffers);
      begin += taken;
      walk.advance(taken);
    }
  }

  // The first dimensions that operand k fills densely; with all of them it is one contiguous block. The rest must
  // repeat it, else the answer is 0: it has no period.
  intptr_t period(int k) const {
    intptr_t elements = 1;
    int d = 0;
    while (d < layout.rank && layout.strides[k][d] == elements * operands[k].size) elements *= layout.shape[d++];
    for (; d < layout.rank; d++) {
      if (layout.strides[k][d] != 0) return 0;
    }
    return elements;
  }

  // Blocks that span short rows: operands that are not dense are gathered, results scattered.
  void packs(intptr_t begin, intptr_t end, Buffers &buffers) {
    Walk<count> walk(layout, begin);
    bool dense[count], filled[count];
    intptr_t common = 0, longest = together();
    int single = 0;
    for (int k = 0; k < count; k++) {
      intptr_t own = period(k);
      dense[k] = own == layout.elements;
      filled[k] = uniform[k];
      if (inputs == 2 && uniform[k]) single = k;
      // An operand that repeats with a short period is laid out once for all blocks, which are multiples of it.
      if (k == 0 || dense[k] || uniform[k] || own == 0 || own > together() / 4) continue;
      if (common != 0 && own != common) continue;
      filled[k] = true;
      common = own;
      longest = together() / own * own;
      intptr_t taken = longest < end - begin ? longest : end - begin;
      gather(k, walk, own < taken ? own : taken, buffers);
      char *values = buffers.values[k];
      for (intptr_t done = own; done < taken; done *= 2) {
        intptr_t more = done < taken - done ? done : taken - done;
        memcpy(values + done * operands[k].kernel_size, values, size_t(more * operands[k].kernel_size));
      }
    }
    while (begin < end) {
      intptr_t taken = end - begin < longest ? end - begin : longest;
      const void *values[inputs];
      for (int k = 1; k < count; k++) {
        if (filled[k]) {
          values[k - 1] = buffers.values[k];
        } else if (dense[k]) {
          values[k - 1] = load(k, walk.data[k], operands[k].size, taken, buffers);
        } else {
          values[k - 1] = gather(k, walk, taken, buffers);
        }
      }
      char *start = walk.data[0];
      bool direct = dense[0] && operands[0].convert == nullptr && !streamed;
      char *results = direct ? start : buffers.values[0];
      if (!compute(results, values, taken, single)) return;
      if (dense[0]) {
        if (results != start) store(start, operands[0].size, results, taken, buffers);
      } else {
        scatter(walk, results, taken, buffers);
      }
      begin += taken;
      skip(walk, taken);
    }
  }

  // Calls function(walk, done, row) for each row or part of one in the next `taken` elements.
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

  const void *gather(int k, const Walk<count> &start, intptr_t taken, Buffers &buffers) {
    intptr_t size = operands[k].size, stride = layout.strides[k][0];
    char *target = operands[k].convert != nullptr ? buffers.packed : buffers.values[k];
    each_row(start, taken, [=](Walk<count> &at, intptr_t done, intptr_t row) {
      copy_strided(target + done * size, size, at.data[k], stride, row, size);
    });
    if (operands[k].convert != nullptr) operands[k].converted(buffers.values[k], target, taken);
    return buffers.values[k];
  }

  void scatter(const Walk<count> &start, const char *results, intptr_t taken, Buffers &buffers) {
    intptr_t size = operands[0].size, stride = layout.strides[0][0];
    if (operands[0].convert != nullptr) {
      operands[0].converted(buffers.packed, results, taken);
      results = buffers.packed;
    }
    each_row(start, taken, [=](Walk<count> &at, intptr_t done, intptr_t row) {
      copy_strided(at.data[0], stride, results + done * size, size, row, size);
    });
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

// Whether the operands are all of the one 16-bit type to compute in.
template <int count>
bool all_half(const st_view *const (&views)[count], st_dtype compute) {
  if (compute != ST_FLOAT16 && compute != ST_BFLOAT16) return false;
  for (int k = 0; k < count; k++) {
    if (views[k]->dtype != compute) return false;
  }
  return true;
}

bool is_single(const st_view &view) {
  for (int32_t d = 0; d < view.rank; d++) {
    if (view.shape[d] != 1) return false;
  }
  return true;
}

// Small contiguous operands, of binary operations one perhaps a single number, go to the kernel without a layout.
template <int inputs>
bool run_directly(const Elementwise &operation, const st_view *const (&views)[inputs + 1],
                  const st_dtype (&taken)[inputs + 1], const double *parameters, bool &failed) {
  constexpr intptr_t most_converted = 256;
  const st_view &out = *views[0];
  intptr_t count = 0;
  if (!is_plain(out, out, count) || count * operation.cost > 65536) return false;
  const void *operands[inputs];
  alignas(64) char room[inputs + 1][most_converted * 8];
  int single = 0;
  for (int k = 1; k <= inputs; k++) {
    const st_view &view = *views[k];
    intptr_t elements;
    if (!is_plain(out, view, elements)) {
      if (inputs != 2 || single != 0 || !is_single(view)) return false;
      single = k;
      elements = 1;
    }
    operands[k - 1] = view.data;
    if (view.dtype == taken[k]) continue;
    if (elements > most_converted) return false;
    conversion(taken[k], view.dtype)(room[k], view.data, elements);
    operands[k - 1] = room[k];
  }
  bool direct = out.dtype == taken[0];
  if (!direct && count > most_converted) return false;
  failed = count > 0 && operation.kernel(direct ? out.data : room[0], operands, count, parameters, single);
  if (!direct && !failed) conversion(out.dtype, taken[0])(out.data, room[0], count);
  return true;
}

// Whether a 16-bit type to compute in meets operands of other types, which must be rounded to it.
template <int count>
bool rounds_operands(const st_view *const (&views)[count], st_dtype compute) {
  if (compute != ST_FLOAT16 && compute != ST_BFLOAT16) return false;
  for (int k = 0; k < count; k++) {
    if (views[k]->dtype != compute) return true;
  }
  return false;
}

// `kernel` is the type that the operation's kernel takes, `first` of its first operand.
template <int inputs>
st_status run(const Elementwise &operation, const st_view *const (&views)[inputs + 1], st_dtype kernel, st_dtype first,
              st_dtype compute, const double *parameters, bool exact_numbers = false) {
  if (operation.kernel == nullptr) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  st_dtype taken[inputs + 1];
  for (int k = 0; k <= inputs; k++) taken[k] = kernel;
  if (operation.gives_bool) taken[0] = ST_BOOL;
  taken[1] = first;
  bool failed = false;
  if (rounds_operands(views, compute) || !run_directly<inputs>(operation, views, taken, parameters, failed)) {
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
  if (all_half(views, compute) && half_elementwise(compute).unary[op].kernel != nullptr) {
    return run<1>(half_elementwise(compute).unary[op], views, compute, compute, compute, parameters);
  }
  st_dtype kernel = kernel_dtype(compute);
  return run<1>(table(compute).unary[op], views, kernel, kernel, compute, parameters);
}

st_status st_binary(st_binary_op op, st_view out, st_view a, st_view b, st_dtype compute, const double *parameters) {
  const st_view *const views[] = {&out, &a, &b};
  // In arithmetic with 16-bit floats, PyTorch does not round a single number to them first.
  bool exact_numbers = op == ST_ADD || op == ST_SUBTRACT || op == ST_MULTIPLY || op == ST_DIVIDE;
  if (all_half(views, compute) && half_elementwise(compute).binary[op].kernel != nullptr) {
    return run<2>(half_elementwise(compute).binary[op], views, compute, compute, compute, parameters);
  }
  st_dtype kernel = kernel_dtype(compute);
  return run<2>(table(compute).binary[op], views, kernel, kernel, compute, parameters, exact_numbers);
}

st_status st_ternary(st_ternary_op op, st_view out, st_view a, st_view b, st_view c, st_dtype compute,
                     const double *parameters) {
  const st_view *const views[] = {&out, &a, &b, &c};
  st_dtype kernel = kernel_dtype(compute), first = op == ST_WHERE ? st_dtype(ST_BOOL) : kernel;
  return run<3>(table(compute).ternary[op], views, kernel, first, compute, parameters);
}
