// The elementwise kernels of one instruction set, over contiguous operands of one type: see dispatch.hpp.

// The pragmas below also meet loops that call libm or divide integers, which stay scalar.
#pragma clang diagnostic ignored "-Wpass-failed"

#include "vector_math.inl"
#include "vector_math_double.inl"

template <class T, class Out, class Value>
ST_INLINE void compute(Out *out, intptr_t count, const Value &value) {
  // Operands may be the output itself, never a part of it: there is no dependence between iterations.
#pragma clang loop vectorize(assume_safety)
  for (intptr_t i = 0; i < count; i++) out[i] = value(i);
}

// For expensive functions of one or two operands: goes in steps of some vectors, of which the last is padded, so that
// short operands vectorise too.
template <class Function, class T, bool binary>
ST_INLINE void compute_in_steps(T *out, intptr_t count, const T *p, const T *a, const T *b, int single) {
  using Beyond = Exact<Function, T>;
  auto beyond = [](T x, T y) ST_LAMBDA {
    if constexpr (!Beyond::exists) {
      return false;
    } else if constexpr (binary) {
      return Beyond::needed(x, y);
    } else {
      return Beyond::needed(x);
    }
  };
  auto value = [p](T x, T y) ST_LAMBDA {
    if constexpr (binary) {
      return Function::template call<T>(p, x, y);
    } else {
      return Function::template call<T>(p, x);
    }
  };
  constexpr intptr_t step = 64;
  T room[3][step];
  // A single number stands in its room in full.
  if (single & 1) {
    for (intptr_t i = 0; i < step; i++) room[0][i] = a[0];
    a = room[0];
  }
  if (single & 2) {
    for (intptr_t i = 0; i < step; i++) room[1][i] = b[0];
    b = room[1];
  }
  intptr_t a_step = single & 1 ? 0 : step, b_step = single & 2 || !binary ? 0 : step;
  for (; count > 0; count -= step, out += step, a += a_step, b += b_step) {
    if constexpr (Beyond::exists) {
      int needed = 0;
      intptr_t taken = count < step ? count : step;
      for (intptr_t i = 0; i < taken; i++) needed |= beyond(a[i], binary ? b[i] : a[i]);
      if (needed) {
        for (intptr_t i = 0; i < taken; i++) {
          T x = a[i], y = binary ? b[i] : x;
          if constexpr (binary) {
            out[i] = beyond(x, y) ? Beyond::call(x, y) : value(x, y);
          } else {
            out[i] = beyond(x, y) ? Beyond::call(x) : value(x, y);
          }
        }
        continue;
      }
    }
    if (count == 1) {
      out[0] = value(a[0], b[0]);
      return;
    }
    const T *x = a, *y = b;
    T *z = out;
    size_t rest = count < step ? size_t(count) * sizeof(T) : 0;
    if (rest != 0) {
      auto padded = [rest](T *target, const T *source) {
        __builtin_memset(target, 0, step * sizeof(T));
        __builtin_memcpy(target, source, rest);
        return const_cast<const T *>(target);
      };
      if (a_step != 0) x = padded(room[0], a);
      y = b_step != 0 ? padded(room[1], b) : binary ? b : x;
      z = room[2];
    }
#pragma clang loop vectorize(assume_safety) unroll(disable)
    for (intptr_t i = 0; i < step; i++) z[i] = value(x[i], binary ? y[i] : x[i]);
    if (rest != 0) __builtin_memcpy(out, z, rest);
  }
}

template <class Function, class T>
inline constexpr bool in_steps = (is_same<T, float> ? cost_of<Function> != 1 : vectorised_double<Function>) &&
                                 is_float<T> && cost_of<Function> < libm_cost;

template <class Function, class T>
inline constexpr bool in_vectors = (is_same<T, float> && Vector<Function>::exists) ||
                                   (is_same<T, double> && VectorDouble<Function>::exists);

template <class Function, class T>
ST_INLINE void compute_binary(void *out, intptr_t count, const T *p, const T *a, const T *b, int single) {
  using Out = decltype(Function::template call<T>(p, a[0], b[0]));
  Out *target = static_cast<Out *>(out);
  if constexpr (in_steps<Function, T>) {
    compute_in_steps<Function, T, true>(target, count, p, a, b, single);
  } else if constexpr (is_float<T>) {
    if (single & 1) {
      T x = a[0];
      compute<T>(target, count, [=](intptr_t i) ST_LAMBDA { return Function::template call<T>(p, x, b[i]); });
    } else if (single & 2) {
      T y = b[0];
      compute<T>(target, count, [=](intptr_t i) ST_LAMBDA { return Function::template call<T>(p, a[i], y); });
    } else {
      compute<T>(target, count, [=](intptr_t i) ST_LAMBDA { return Function::template call<T>(p, a[i], b[i]); });
    }
  } else {
    // Less code for integers: a row of the single number.
    constexpr intptr_t length = 256;
    T row[length];
    if (single != 0) {
      T number = single & 1 ? a[0] : b[0];
      for (intptr_t i = 0; i < (count < length ? count : length); i++) row[i] = number;
    }
    for (intptr_t done = 0; done < count;) {
      intptr_t taken = single != 0 && count - done > length ? length : count - done;
      const T *x = single & 1 ? row : a + done, *y = single & 2 ? row : b + done;
      compute<T>(target + done, taken, [=](intptr_t i) ST_LAMBDA { return Function::template call<T>(p, x[i], y[i]); });
      done += taken;
    }
  }
}

template <class Function, class T, class First, int operands>
bool elementwise(void *out, const void *const *inputs, intptr_t count, const double *parameters, int single) {
  T p[2] = {};
  if (parameters != nullptr) {
    p[0] = parameter<T>(parameters[0]);
    if (takes_two_parameters<Function>) p[1] = parameter<T>(parameters[1]);
  }
  auto a = static_cast<const First *>(inputs[0]);
  if constexpr (operands == 1) {
    using Out = decltype(Function::template call<T>(p, a[0]));
    Out *target = static_cast<Out *>(out);
    if constexpr (in_vectors<Function, T>) {
#if ST_VARIANT_AVX512
      compute_vectors<Function>(target, count, a, p);
#endif
    } else if constexpr (in_steps<Function, T>) {
      compute_in_steps<Function, T, false>(target, count, p, a, a, 0);
    } else {
      compute<T>(target, count, [=](intptr_t i) ST_LAMBDA { return Function::template call<T>(p, a[i]); });
    }
  } else if constexpr (operands == 2) {
    auto b = static_cast<const T *>(inputs[1]);
    if constexpr (divides<Function, T>) {
      int zero = 0;
      for (intptr_t i = 0; i < (single & 2 ? 1 : count); i++) zero |= b[i] == 0;
      if (zero) return true;
    }
    compute_binary<Function, T>(out, count, p, a, b, single);
  } else {
    auto b = static_cast<const T *>(inputs[1]);
    auto c = static_cast<const T *>(inputs[2]);
    compute<T>(static_cast<T *>(out), count,
               [=](intptr_t i) ST_LAMBDA { return Function::template call<T>(p, a[i], b[i], c[i]); });
  }
  return false;
}

template <class Function, class T, class First, class... Rest>
constexpr Elementwise entry() {
  using Out = decltype(Function::template call<T>(static_cast<const T *>(nullptr), First(), Rest()...));
  if constexpr (is_same<Out, void>) {
    return {nullptr, 1, false};
  } else {
    constexpr bool in_libm = is_same<T, double> && cost_of<Function> > 1 && !vectorised_double<Function>;
    constexpr int cost = in_libm ? libm_cost : cost_of<Function> * (sizeof(T) == 8 && cost_of<Function> > 1 ? 2 : 1);
    return {elementwise<Function, T, First, 1 + int(sizeof...(Rest))>, cost, is_same<Out, bool>};
  }
}

// ---- Functions of 16-bit floats that are cheap or have vectors' instructions, converted in registers.

ST_INLINE float widened(float16 x) {
#if ST_VARIANT_F16C
  return float(bits_as<_Float16>(x.bits));
#else
  return to_float(x);
#endif
}
ST_INLINE float widened(bfloat16 x) { return to_float(x); }
ST_INLINE void narrow(float x, float16 &to) {
#if ST_VARIANT_F16C
  to.bits = bits_as<uint16_t>(_Float16(x));
#else
  to = to_float16(x);
#endif
}
ST_INLINE void narrow(float x, bfloat16 &to) { to = to_bfloat16(x); }

template <class Function, class Half, int operands>
bool elementwise_half(void *out, const void *const *inputs, intptr_t count, const double *parameters, int single) {
  auto a = static_cast<const Half *>(inputs[0]);
  float p[2] = {};
  if (parameters != nullptr) {
    p[0] = float(parameters[0]);
    if (takes_two_parameters<Function>) p[1] = float(parameters[1]);
  }
#if ST_VARIANT_AVX512
  if constexpr (Vector<Function>::exists) {
    compute_vectors<Function>(static_cast<Half *>(out), count, a, p);
    return false;
  }
#endif
  auto each = [=](auto value) ST_LAMBDA {
    Half *target = static_cast<Half *>(out);
#pragma clang loop vectorize(assume_safety)
    for (intptr_t i = 0; i < count; i++) narrow(value(i), target[i]);
  };
  if constexpr (operands == 1) {
    each([=](intptr_t i) ST_LAMBDA { return Function::template call<float>(p, widened(a[i])); });
  } else {
    auto b = static_cast<const Half *>(inputs[1]);
    if (single & 1) {
      float x = widened(a[0]);
      each([=](intptr_t i) ST_LAMBDA { return Function::template call<float>(p, x, widened(b[i])); });
    } else if (single & 2) {
      float y = widened(b[0]);
      each([=](intptr_t i) ST_LAMBDA { return Function::template call<float>(p, widened(a[i]), y); });
    } else {
      each([=](intptr_t i) ST_LAMBDA { return Function::template call<float>(p, widened(a[i]), widened(b[i])); });
    }
  }
  return false;
}

template <class Function, class Half, int operands>
constexpr Elementwise half_entry() {
  constexpr Elementwise general = [] {
    if constexpr (operands == 1) return entry<Function, float, float>();
    if constexpr (operands == 2) return entry<Function, float, float, float>();
  }();
  constexpr bool in_registers = cost_of<Function> == 1 || Vector<Function>::exists;
  if constexpr (in_registers && general.kernel != nullptr && !general.gives_bool) {
    return {elementwise_half<Function, Half, operands>, cost_of<Function>, false};
  } else {
    return {nullptr, 1, false};
  }
}

template <class Half>
const HalfTable &half_table() {
#define ST_UNARY(CONSTANT, name) half_entry<Function_##name, Half, 1>(),
#define ST_BINARY(CONSTANT, name) half_entry<Function_##name, Half, 2>(),
  static constexpr HalfTable table = {{ST_UNARY_FORMULAS(ST_UNARY)}, {ST_BINARY_FORMULAS(ST_BINARY)}};
  return table;
#undef ST_UNARY
#undef ST_BINARY
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
