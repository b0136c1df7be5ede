// Formulas on each element: which kernel takes which operands.
#include <string.h>

#include "formulas.hpp"
#include "places.hpp"
namespace st::cuda {
namespace {

// One element in host memory, converted as kernels convert: by way of the dtype to compute in, unless `exact`.
uint64_t number_bits(const void *element, st_dtype dtype, st_dtype compute, bool exact) {
  return with_type(compute, [=](auto to) {
    using T = typename decltype(to)::type;
    using Number = Arithmetic<T>;
    return with_type(dtype, [=](auto from) {
      typename decltype(from)::type value;
      memcpy(&value, element, sizeof value);
      return bits_of(exact ? cast<Number>(value) : cast<Number>(cast<T>(value)));
    });
  });
}

void set_parameters(uint64_t (&bits)[2], const double *parameters, st_dtype compute, bool two) {
  if (parameters == nullptr) return;
  with_type(compute, [&](auto tag) {
    using Number = Arithmetic<typename decltype(tag)::type>;
    bits[0] = bits_of(parameter<Number>(parameters[0]));
    if (two) bits[1] = bits_of(parameter<Number>(parameters[1]));
  });
}

enum class Form { vectors, strided };

// Of the output and the inputs.
template <int N>
struct Operation {
  const Formula &formula;
  Slot (&slots)[2];
  st_dtype compute;
  st_dtype taken[N];  // the dtypes that vectors have
  int width;          // elements of a vector
  uint32_t given;     // bit k: input k is a number
  char *data[N];
  st_dtype dtypes[N];

  // What an operand's addresses and strides must be multiples of, in elements of its own.
  bool aligned(int k, const char *address) const {
    return reinterpret_cast<uintptr_t>(address) % uintptr_t(width * element_size(taken[k])) == 0;
  }

  // Whether vectors do; sets which operands are dense along dimension 0.
  bool takes_vectors(const Collapsed<N> &shape, char *const (&addresses)[N], uint32_t &dense) const {
    dense = 0;
    if (shape.rank > 1 && shape.shape[0] % width != 0) return false;
    constexpr bool single = N == 2;
    for (int k = 0; k < N; k++) {
      if (given >> k & 1 && !single) continue;
      if (given >> k & 1 || dtypes[k] != taken[k]) return false;
      const int64_t stride = shape.rank == 0 ? k == 0 || single : shape.strides[k][0];
      if (stride == 0 && k > 0 && !single) continue;
      if (stride != 1 || !aligned(k, addresses[k])) return false;
      for (int d = 1; d < shape.rank; d++) {
        if (shape.strides[k][d] % width != 0) return false;
      }
      dense |= 1u << k;
    }
    return true;
  }

  st_status run(st_cuda_device *device, const Collapsed<N> &shape, const int64_t (&offsets)[N],
                ElementwiseParameters &p) const {
    char *addresses[N];
    for (int k = 0; k < N; k++) {
      addresses[k] = given >> k & 1 ? nullptr : data[k] + offsets[k] * element_size(dtypes[k]);
      p.operands[k] = addresses[k];
    }
    Form form = Form::strided;
    int items = strided_elements;
    p.tail = 0;
    if (takes_vectors(shape, addresses, p.dense)) {
      form = Form::vectors;
      items = formula.vectors[compute];
      if (shape.rank < 2) p.tail = uint32_t(shape.count % width);
    }
    set_places(p.places, shape, form == Form::vectors ? width : 1);
    return cuda::run(device, slots[int(form)], grid_for(p.places.count, items), p, [&] {
      const char *kernel = form == Form::vectors ? "elementwise_vectors<" : "elementwise_strided<";
      return Program{"elementwise.cuh", "ElementwiseParameters", step_threads,
                     std::string(kernel) + formula.name + ", " + type_names[compute] + ", " + char('0' + N - 1) + ">"};
    });
  }
};

template <int N>
st_status elementwise(st_cuda_device *device, const Formula &formula, Slot (&slots)[2], const st_view *(&views)[N],
                      st_dtype first, st_dtype compute, const double *parameters, uint32_t host,
                      bool exact_numbers = false) {
  if (!(formula.dtypes >> compute & 1)) return {ST_UNSUPPORTED_DTYPE, 0, 0, 0};
  Operation<N> operation = {formula, slots, compute, {}, int(16 / element_size(compute)), host << 1, {}, {}};
  ElementwiseParameters p = {};
  p.given = host << 1;
  const bool halves = compute == ST_FLOAT16 || compute == ST_BFLOAT16;
  const st_view number = {};
  for (int k = 0; k < N; k++) {
    operation.taken[k] = k == 1 ? first : compute;
    operation.data[k] = static_cast<char *>(views[k]->data);
    p.dtypes[k] = operation.dtypes[k] = views[k]->dtype;
    if (!(p.given >> k & 1)) continue;
    p.numbers[k] = number_bits(views[k]->data, views[k]->dtype, operation.taken[k], exact_numbers);
    views[k] = &number;
  }
  if (formula.gives_bool >> compute & 1) operation.taken[0] = ST_BOOL;
  const Collapsed<N> shape = collapse(views, false);
  if (shape.count == 0) return {};
  if (formula.divides >> compute & 1) {
    if (p.given >> 2 & 1 && p.numbers[2] == 0) return {ST_DIVISION_BY_ZERO, 0, 0, 0};
    p.fault = faults(device);
    p.tag = fault_tag(device);
  }
  for (int k = 1; k < N; k++) {
    bool single = true;
    for (int d = 0; d < shape.rank; d++) single = single && shape.strides[k][d] == 0;
    const bool exact = exact_numbers && single;
    if (halves && operation.taken[k] == compute && operation.dtypes[k] != compute && !exact) p.rounds |= 1u << k;
  }
  set_parameters(p.parameters, parameters, compute, formula.takes_two_parameters);
  return each_part(shape, [&](const Collapsed<N> &part, const int64_t (&offsets)[N]) {
    return operation.run(device, part, offsets, p);
  });
}

}  // namespace
}  // namespace st::cuda

using namespace st;
using namespace st::cuda;

st_status st_cuda_unary(st_cuda_device *device, st_unary_op op, st_view out, st_view in, st_dtype compute,
                        const double *parameters, uint32_t host) {
  static Slot slots[unary_count][10][2];
  const st_view *views[] = {&out, &in};
  return elementwise(device, unary_formulas[op], slots[op][compute], views, compute, compute, parameters, host);
}

st_status st_cuda_binary(st_cuda_device *device, st_binary_op op, st_view out, st_view a, st_view b, st_dtype compute,
                         const double *parameters, uint32_t host) {
  static Slot slots[binary_count][10][2];
  const st_view *views[] = {&out, &a, &b};
  // In arithmetic with 16-bit floats, PyTorch does not round a single number to them first.
  const bool exact = op == ST_ADD || op == ST_SUBTRACT || op == ST_MULTIPLY || op == ST_DIVIDE;
  return elementwise(device, binary_formulas[op], slots[op][compute], views, compute, compute, parameters, host,
                     exact);
}

st_status st_cuda_ternary(st_cuda_device *device, st_ternary_op op, st_view out, st_view a, st_view b, st_view c,
                          st_dtype compute, const double *parameters, uint32_t host) {
  static Slot slots[ternary_count][10][2];
  const st_view *views[] = {&out, &a, &b, &c};
  const st_dtype first = op == ST_WHERE ? st_dtype(ST_BOOL) : compute;
  return elementwise(device, ternary_formulas[op], slots[op][compute], views, first, compute, parameters, host);
}
