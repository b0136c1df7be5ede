// Formulas applied to each element.
#ifndef ST_CUDA_ELEMENTWISE_CUH
#define ST_CUDA_ELEMENTWISE_CUH

#include "coarse.cuh"
#include "places.cuh"
#include "values.cuh"
#include "vectors.cuh"
// After the functions.
#include "elementwise_parameters.h"

namespace st {

template <bool first, class A, class B> struct ChoiceOf { using type = A; };
template <class A, class B> struct ChoiceOf<false, A, B> { using type = B; };

// A formula of `inputs` values on elements of type T.
template <class Function, class T, int inputs>
struct Computation {
  using Number = typename FormulaArithmetic<Function, T>::type;
  using FirstElement = First<Function, T>;
  using FirstNumber = First<Function, Number>;

  static ST_DEVICE auto call(const Number *p, FirstNumber a, Number b, Number c) {
    if constexpr (inputs == 1) {
      return Function::template call<Number>(p, a);
    } else if constexpr (inputs == 2) {
      return Function::template call<Number>(p, a, b);
    } else {
      return Function::template call<Number>(p, a, b, c);
    }
  }
  using Result = decltype(call(nullptr, FirstNumber(), Number(), Number()));
  using Stored = typename ChoiceOf<is_same<Result, bool>, bool, T>::type;

  Number parameters[2];
  FirstNumber first;
  Number second, third;
  bool divided_by_zero = false;

  ST_DEVICE explicit Computation(const ElementwiseParameters &p)
      : parameters{Number(from_bits<Arithmetic<T>>(p.parameters[0])),
                   Number(from_bits<Arithmetic<T>>(p.parameters[1]))},
        first(from_bits<Arithmetic<FirstElement>>(p.numbers[1])),
        second(from_bits<Arithmetic<T>>(p.numbers[2])),
        third(from_bits<Arithmetic<T>>(p.numbers[3])) {}

  // Of a step past the end nothing is noted.
  ST_DEVICE Result operator()(FirstNumber a, Number b, Number c, bool present) {
    if constexpr (divides<Function, Number>) {
      const bool zero = b == Number(0);
      divided_by_zero |= zero && present;
      const Result result = call(parameters, a, zero ? Number(1) : b, c);
      return zero ? Result(0) : result;
    } else {
      return call(parameters, a, b, c);
    }
  }

  ST_DEVICE void finish(const ElementwiseParameters &p) const {
    if constexpr (divides<Function, Number>) {
      if (divided_by_zero) report(p.fault, p.tag, division_by_zero, 0, 0, 0);
    }
  }
};

// ---- Vectors of 16 bytes of T: all operands have the types that the formula takes and gives, and are contiguous along
// dimension 0 or, where there are several, repeat one element there or are numbers.

template <class T, class Number, int width>
ST_DEVICE void unpack(Number (&numbers)[width], const Held<T, width> &vector, bool dense, bool given, Number number) {
  if (given) {
#pragma unroll
    for (int j = 0; j < width; j++) numbers[j] = number;
  } else {
    unpack<T>(numbers, vector, dense);
  }
}

template <class Function, class T, int inputs>
ST_DEVICE void elementwise_vectors(const ElementwiseParameters &p) {
  using Formula = Computation<Function, T, inputs>;
  using A = typename Formula::FirstElement;
  using Stored = typename Formula::Stored;
  using FirstNumber = typename Formula::FirstNumber;
  using Number = typename Formula::Number;
  constexpr int width = 16 / int(sizeof(T)), items = vectors_of_thread<Function, sizeof(T), inputs>;
  Formula formula(p);
  const bool given[] = {false, inputs > 1 && p.given & 2, bool(p.given & 4), bool(p.given & 8)};
  const bool dense[] = {true, inputs == 1 || p.dense & 2, bool(p.dense & 4), bool(p.dense & 8)};
  if (p.places.count > 0) {
    uint32_t steps[items];
    const uint32_t begin = own_steps(p.places, steps);
    int64_t offsets[4][items];
    locate(p.places, steps, offsets);
    Held<A, width> a[items] = {};
    Held<T, width> b[items] = {}, c[items] = {};
    if (!given[1]) load_vectors<A, width>(a, p.operands[1], offsets[1], dense[1]);
    if (inputs > 1 && !given[2]) load_vectors<T, width>(b, p.operands[2], offsets[2], dense[2]);
    if (inputs > 2 && !given[3]) load_vectors<T, width>(c, p.operands[3], offsets[3], dense[3]);
#pragma unroll
    for (int i = 0; i < items; i++) {
      const bool present = has_step(p.places, begin, i);
      FirstNumber first[width];
      Number second[width] = {}, third[width] = {};
      unpack<A>(first, a[i], dense[1], given[1], formula.first);
      if (inputs > 1) unpack<T>(second, b[i], dense[2], given[2], formula.second);
      if (inputs > 2) unpack<T>(third, c[i], dense[3], given[3], formula.third);
      typename Formula::Result results[width];
#pragma unroll
      for (int j = 0; j < width; j++) results[j] = formula(first[j], second[j], third[j], present);
      Stored *out = static_cast<Stored *>(p.operands[0]) + offsets[0][i];
      if (present) *reinterpret_cast<Held<Stored, width> *>(out) = packed<Stored>(results);
    }
  }
  if (blockIdx.x == 0 && threadIdx.x < p.tail) {
    const int64_t index = int64_t(p.places.count) * width + threadIdx.x;
    A a = {};
    T b = {}, c = {};
    if (!given[1]) a = static_cast<const A *>(p.operands[1])[dense[1] ? index : 0];
    if (inputs > 1 && !given[2]) b = static_cast<const T *>(p.operands[2])[dense[2] ? index : 0];
    if (inputs > 2 && !given[3]) c = static_cast<const T *>(p.operands[3])[dense[3] ? index : 0];
    static_cast<Stored *>(p.operands[0])[index] = cast<Stored>(
        formula(given[1] ? formula.first : cast<FirstNumber>(a), given[2] ? formula.second : cast<Number>(b),
                given[3] ? formula.third : cast<Number>(c), true));
  }
  formula.finish(p);
}

// ---- Any strides, operands of any dtype.

template <class T, class Number, int items>
ST_DEVICE void load_numbers(Number (&numbers)[items], const uint64_t (&bits)[items], Number given,
                            const ElementwiseParameters &p, int k) {
  if (p.given >> k & 1) {
#pragma unroll
    for (int i = 0; i < items; i++) numbers[i] = given;
    return;
  }
  cast_from_bits(numbers, bits, p.dtypes[k]);
  if constexpr (is_half<T>) {
    if (p.rounds >> k & 1) {
#pragma unroll
      for (int i = 0; i < items; i++) numbers[i] = cast<Number>(cast<T>(numbers[i]));
    }
  }
}

template <class Function, class T, int inputs>
ST_DEVICE void elementwise_strided(const ElementwiseParameters &p) {
  using Formula = Computation<Function, T, inputs>;
  using Result = typename Formula::Result;
  constexpr int items = strided_elements;
  Formula formula(p);
  uint32_t steps[items];
  const uint32_t begin = own_steps(p.places, steps);
  int64_t offsets[4][items];
  locate(p.places, steps, offsets);
  uint64_t bits[inputs][items];
#pragma unroll
  for (int k = 0; k < inputs; k++) {
    if (!(p.given >> (k + 1) & 1)) load_bits(bits[k], p.operands[k + 1], offsets[k + 1], p.dtypes[k + 1]);
  }
  typename Formula::FirstNumber a[items];
  typename Formula::Number b[items] = {}, c[items] = {};
  load_numbers<typename Formula::FirstElement>(a, bits[0], formula.first, p, 1);
  if constexpr (inputs > 1) load_numbers<T>(b, bits[1], formula.second, p, 2);
  if constexpr (inputs > 2) load_numbers<T>(c, bits[2], formula.third, p, 3);
  Result results[items];
  bool present[items];
#pragma unroll
  for (int i = 0; i < items; i++) {
    present[i] = has_step(p.places, begin, i);
    results[i] = formula(a[i], b[i], c[i], present[i]);
    if constexpr (is_half<T> && !is_same<Result, bool>) results[i] = cast<Result>(cast<T>(results[i]));
  }
  uint64_t stored[items];
  cast_to_bits(stored, results, p.dtypes[0]);
  store_bits(p.operands[0], offsets[0], stored, present, p.dtypes[0]);
  formula.finish(p);
}

}  // namespace st

#endif
