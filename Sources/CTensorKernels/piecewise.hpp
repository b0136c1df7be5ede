// Functions as polynomials on intervals, whose coefficients vector registers hold.
#ifndef CTENSORKERNELS_PIECEWISE_HPP
#define CTENSORKERNELS_PIECEWISE_HPP

namespace st {

// Interval k has its centre at k * width; its coefficients stand at k modulo their number, which fills the registers.
template <int degree, class T = float, int registers = 2>
struct Piecewise {
  static constexpr int intervals = 64 * registers / int(sizeof(T));
  using Wide = long double;
  alignas(64) T coefficients[degree + 1][intervals];

  // Of function(centre, offset), interpolated at Chebyshev's nodes, for the centres of first..<first + intervals.
  template <class Function>
  Piecewise(int first, double width, const Function &function) {
    constexpr int count = degree + 1;
    for (int k = first; k < first + intervals; k++) {
      Wide nodes[count], divided[count];
      for (int i = 0; i < count; i++) {
        nodes[i] = __builtin_cos(3.14159265358979323846 * (i + 0.5) / count) * width / 2;
        divided[i] = function(k * Wide(width), nodes[i]);
      }
      // Newton's differences, then the powers of x.
      for (int order = 1; order < count; order++) {
        for (int i = count - 1; i >= order; i--) {
          divided[i] = (divided[i] - divided[i - 1]) / (nodes[i] - nodes[i - order]);
        }
      }
      Wide powers[count] = {divided[count - 1]};
      for (int i = count - 2; i >= 0; i--) {
        for (int j = count - 1; j > 0; j--) powers[j] = powers[j - 1] - nodes[i] * powers[j];
        powers[0] = divided[i] - nodes[i] * powers[0];
      }
      for (int j = 0; j < count; j++) coefficients[j][unsigned(k) % intervals] = T(powers[j]);
    }
  }
};

}  // namespace st

#endif
