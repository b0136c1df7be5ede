// One element at a time, in PyTorch's order of operations. For 16-bit floats `T` each of PyTorch's operations computes
// in float and rounds its result; for float and double `stored` rounds nothing.

template <class T>
static ST_INLINE Arithmetic<T> stored(Arithmetic<T> value) {
  if constexpr (is_half<T>) {
    return to_float(cast<T>(value));
  } else {
    return value;
  }
}

// a + factor * b, fused as PyTorch's add with alpha; of all scalars only those of add are rounded to the dtype.
template <class T, class A = Arithmetic<T>>
static ST_INLINE A plus(A a, A b, A factor) {
  return stored<T>(__builtin_elementwise_fma(stored<T>(factor), b, a));
}

template <class T>
void sgd_run(T *parameter, const T *gradient, T *momentum, intptr_t count, const st_sgd_options &options) {
  using A = Arithmetic<T>;
  const A rate = static_cast<A>(-options.lr), decay = static_cast<A>(options.weight_decay);
  const A keep = static_cast<A>(options.momentum), share = static_cast<A>(1 - options.dampening);
  for (intptr_t i = 0; i < count; i++) {
    const A p = cast<A>(parameter[i]);
    A g = cast<A>(gradient[i]);
    if (options.maximize) g = -g;
    if (options.weight_decay != 0) g = plus<T>(g, p, decay);
    if (options.momentum != 0) {
      const A velocity = options.first_step ? g : plus<T>(stored<T>(cast<A>(momentum[i]) * keep), g, share);
      momentum[i] = cast<T>(velocity);
      g = options.nesterov ? plus<T>(g, velocity, keep) : velocity;
    }
    parameter[i] = cast<T>(plus<T>(p, g, rate));
  }
}

// `amsgrad` is known to the compiler: the optional array would keep the loop from being vectorised.
template <class T, bool amsgrad>
void adam_loop(T *parameter, const T *gradient, T *average, T *square, T *largest, intptr_t count,
               const st_adam_options &options, double correction1, double correction2) {
  using A = Arithmetic<T>;
  const A decay = static_cast<A>(options.weight_decay), shrink = static_cast<A>(1 - options.lr * options.weight_decay);
  const A weight1 = static_cast<A>(1 - options.beta1), weight2 = static_cast<A>(1 - options.beta2);
  const A beta2 = static_cast<A>(options.beta2), eps = stored<T>(static_cast<A>(options.eps));
  const A root = static_cast<A>(correction2), rate = static_cast<A>(-options.lr / correction1);
  for (intptr_t i = 0; i < count; i++) {
    A p = cast<A>(parameter[i]), g = cast<A>(gradient[i]);
    const A m0 = cast<A>(average[i]);
    if (options.maximize) g = -g;
    if (options.weight_decay != 0) {
      if (options.decoupled) {
        p = stored<T>(p * shrink);
      } else {
        g = plus<T>(g, p, decay);
      }
    }
    // lerp starts from the nearer end.
    const A gap = g - m0;
    const A m = stored<T>(weight1 < A(0.5) ? __builtin_elementwise_fma(weight1, gap, m0)
                                           : __builtin_elementwise_fma(-gap, 1 - weight1, g));
    A v = stored<T>(__builtin_elementwise_fma(weight2 * g, g, stored<T>(cast<A>(square[i]) * beta2)));
    average[i] = cast<T>(m);
    square[i] = cast<T>(v);
    if constexpr (amsgrad) {
      const A before = cast<A>(largest[i]);
      v = v > before || v != v ? v : before;
      largest[i] = cast<T>(v);
    }
    const A denominator = stored<T>(stored<T>(stored<T>(__builtin_elementwise_sqrt(v)) / root) + eps);
    parameter[i] = cast<T>(p + rate * m / denominator);
  }
}

template <class T>
void adam_run(T *parameter, const T *gradient, T *average, T *square, T *largest, intptr_t count,
              const st_adam_options &options, double correction1, double correction2) {
  const auto loop = options.amsgrad ? adam_loop<T, true> : adam_loop<T, false>;
  loop(parameter, gradient, average, square, largest, count, options, correction1, correction2);
}

// Returns whether a value was not finite.
template <class T>
bool unscale_run(T *values, intptr_t count, intptr_t step, float factor) {
  bool bad = false;
  for (intptr_t i = 0; i < count; i++) {
    const auto value = cast<Arithmetic<T>>(values[i * step]);
    bad |= !(value - value == 0);
    values[i * step] = cast<T>(value * factor);
  }
  return bad;
}
