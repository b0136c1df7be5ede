// The elementwise kernels of one instruction set, over contiguous operands of one type: see dispatch.hpp.

// The pragmas below also meet loops that call libm or divide integers, which stay scalar.
#pragma clang diagnostic ignored "-Wpass-failed"

template <class Function, class T, class Out, class... In>
ST_INLINE void compute(Out *out, intptr_t count, const T *p, const In *...in) {
  // Operands may be the output itself, never a part of it: there is no dependence between iterations.
#pragma clang loop vectorize(assume_safety)
  for (intptr_t i = 0; i < count; i++) out[i] = Function::template call<T>(p, in[i]...);
}

// For expensive functions of one or two operands: goes in steps of some vectors, of which the last is padded, so that
// short operands vectorise too.
template <class Function, class T, bool binary>
ST_INLINE void compute_in_steps(T *out, intptr_t count, const T *p, const T *a, const T *b) {
  using Beyond = Exact<Function, T>;
  auto value = [p](T x, T y) __attribute__((always_inline)) {
    if constexpr (binary) {
      return Function::template call<T>(p, x, y);
    } else {
      return Function::template call<T>(p, x);
    }
  };
  constexpr intptr_t step = 64;
  for (; count > 0; count -= step, out += step, a += step, b += binary ? step : 0) {
    if constexpr (Beyond::exists) {
      int needed = 0;
      intptr_t taken = count < step ? count : step;
      for (intptr_t i = 0; i < taken; i++) needed |= Beyond::needed(a[i]);
      if (needed) {
        for (intptr_t i = 0; i < taken; i++) out[i] = Beyond::call(a[i]);
        continue;
      }
    }
    if (count == 1) {
      out[0] = value(a[0], b[0]);
      return;
    }
    T room[3][step];
    const T *x = a, *y = b;
    T *z = out;
    size_t rest = count < step ? size_t(count) * sizeof(T) : 0;
    if (rest != 0) {
      __builtin_memset(room, 0, sizeof(room) / 3 * (binary ? 2 : 1));
      __builtin_memcpy(room[0], a, rest);
      x = room[0];
      if (binary) __builtin_memcpy(room[1], b, rest);
      y = room[binary];
      z = room[2];
    }
#pragma clang loop vectorize(assume_safety) unroll(disable)
    for (intptr_t i = 0; i < step; i++) z[i] = value(x[i], binary ? y[i] : x[i]);
    if (rest != 0) __builtin_memcpy(out, z, rest);
  }
}

template <class T>
ST_INLINE T parameter(double value) {
  if constexpr (is_float<T>) {
    return T(value);
  } else {
    // Bounds outside the type bound nothing.
    constexpr int64_t lowest = is_same<T, uint8_t> ? 0 : -(int64_t(1) << (8 * sizeof(T) - 2)) * 2;
    constexpr int64_t highest = is_same<T, uint8_t> ? 255 : -(lowest + 1);
    return value >= double(highest) ? T(highest) : value <= double(lowest) ? T(lowest) : T(int64_t(value));
  }
}

template <class Function, class T, class First, int operands>
bool elementwise(void *out, const void *const *inputs, intptr_t count, const double *parameters) {
  T p[2] = {};
  if (parameters != nullptr) {
    p[0] = parameter<T>(parameters[0]);
    if (takes_two_parameters<Function>) p[1] = parameter<T>(parameters[1]);
  }
  auto a = static_cast<const First *>(inputs[0]);
  if constexpr (operands == 1) {
    using Out = decltype(Function::template call<T>(p, a[0]));
    if constexpr (is_same<T, float> && cost_of<Function> != 1 && cost_of<Function> < 80) {
      compute_in_steps<Function, T, false>(static_cast<T *>(out), count, p, a, a);
    } else {
      compute<Function, T>(static_cast<Out *>(out), count, p, a);
    }
  } else if constexpr (operands == 2) {
    auto b = static_cast<const T *>(inputs[1]);
    if constexpr (divides<Function, T>) {
      int zero = 0;
      for (intptr_t i = 0; i < count; i++) zero |= b[i] == 0;
      if (zero) return true;
    }
    using Out = decltype(Function::template call<T>(p, a[0], b[0]));
    if constexpr (is_same<T, float> && cost_of<Function> != 1 && cost_of<Function> < 80) {
      compute_in_steps<Function, T, true>(static_cast<T *>(out), count, p, a, b);
    } else {
      compute<Function, T>(static_cast<Out *>(out), count, p, a, b);
    }
  } else {
    auto b = static_cast<const T *>(inputs[1]);
    auto c = static_cast<const T *>(inputs[2]);
    compute<Function, T>(static_cast<T *>(out), count, p, a, b, c);
  }
  return false;
}

template <class Function, class T, class First, class... Rest>
constexpr Elementwise entry() {
  using Out = decltype(Function::template call<T>(static_cast<const T *>(nullptr), First(), Rest()...));
  if constexpr (is_same<Out, void>) {
    return {nullptr, 1, false};
  } else {
    constexpr int cost = is_same<T, double> && cost_of<Function> > 1 ? 60 : cost_of<Function>;
    return {elementwise<Function, T, First, 1 + int(sizeof...(Rest))>, cost, is_same<Out, bool>};
  }
}

template <class T>
const ElementwiseTable &elementwise_table() {
#define ST_UNARY(CONSTANT, name) entry<Function_##name, T, T>(),
#define ST_BINARY(CONSTANT, name) entry<Function_##name, T, T, T>(),
#define ST_TERNARY(CONSTANT, name) entry<Function_##name, T, First<Function_##name, T>, T, T>(),
  static constexpr ElementwiseTable table = {
      {ST_UNARY_FORMULAS(ST_UNARY)}, {ST_BINARY_FORMULAS(ST_BINARY)}, {ST_TERNARY_FORMULAS(ST_TERNARY)}};
  return table;
#undef ST_UNARY
#undef ST_BINARY
#undef ST_TERNARY
}
