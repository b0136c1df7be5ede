// Special functions in double, for the formulas: scalar code, which float32 computes with too and rounds once. As
// formulas.hpp it includes nothing: the surroundings define ST_SPECIAL, a function that is not inlined, and the m_
// functions. Coefficients of polynomials are Chebyshev interpolations of the function named beside them, or its series.
// Formulas are those of the Digital Library of Mathematical Functions (dlmf.nist.gov), by number where one is used.
#ifndef CTENSORKERNELS_SPECIAL_HPP
#define CTENSORKERNELS_SPECIAL_HPP

namespace st::special {

inline constexpr double pi = 3.14159265358979323846;
inline constexpr double half_root = 0.70710678118654752440;  // of 2
inline constexpr double epsilon = 0x1p-53;

ST_INLINE double infinity() { return double(__builtin_inff()); }
ST_INLINE double not_a_number() { return double(__builtin_nanf("")); }

// c0 + x (c1 + x (c2 + ...)).
template <class T>
ST_INLINE T horner(T, T constant) {
  return constant;
}
template <class T, class... Rest>
ST_INLINE T horner(T x, T constant, Rest... rest) {
  return x * horner(x, rest...) + constant;
}

// The distance of x from the nearest whole number, of its sign; exact.
ST_INLINE double fraction(double x) { return x - m_round_even(x); }

// ---- The error function's relatives.

// exp(x^2): the square is taken in two parts, so that large x lose nothing.
ST_INLINE double exp_of_square(double x, double sign) {
  double high = x * x;
  double low = m_fma(x, x, -high);
  return high < infinity() ? m_exp(sign * high) * (1 + sign * low) : m_exp(sign * high);
}

// exp(x^2) erfc(x) for x >= 0.
ST_SPECIAL double erfcx_positive(double x) {
  if (x > 50) {
    double v = 0.5 / (x * x);
    return 0.56418958354775628695 / x * horner(v, 1.0, -1.0, 3.0, -15.0, 105.0, -945.0);
  }
  // (1 + 2x) erfcx(x) in t from -1 to 1.
  constexpr double top = 47.0 / 53.0;
  double t = ((x - 3) / (x + 3) - (top - 1) / 2) / ((top + 1) / 2);
  double scaled =
      horner(t, 0x1.42b09f94adda9p+0, -0x1.f2173b08fabfbp-4, -0x1.06769ac38f9bap-4, 0x1.1147aa04a6323p-3,
             -0x1.c5732792c2955p-4, 0x1.d47cdf3a23d56p-5, -0x1.1c091c4bd9d5cp-6, 0x1.14a91f9e45f1dp-10,
             0x1.74e002c7f8f31p-10, -0x1.b1972c932ef85p-12, -0x1.a7dc29818fba4p-14, 0x1.0217a904401bcp-14,
             0x1.40fe6673d735bp-17, -0x1.2183fc34f2678p-17, -0x1.9c2a07ab4f419p-20, 0x1.4570e9fab5dccp-20,
             0x1.6d83a47067064p-22, -0x1.53f7fe38f9e35p-23, -0x1.4f0a1a6a98ef8p-24, 0x1.124aa91901755p-26,
             0x1.0fb3ea63a08f2p-26, -0x1.81d6244e713b7p-31, -0x1.4fd5f122735cbp-29, -0x1.bdd45cec1147dp-35,
             0x1.cb55e1adc81a9p-33);
  return scaled / (1 + 2 * x);
}

ST_SPECIAL double erfcx(double x) {
  if (!(x < 0)) return erfcx_positive(x);
  return x < -26.7 ? infinity() : 2 * exp_of_square(x, 1) - erfcx_positive(-x);
}

// P(X < x), X standard normal: erfc(-x / sqrt(2)) / 2, in the tail corrected by what the quotient lost.
ST_SPECIAL double normal_cdf(double x) {
  double t = x * half_root;
  double result = 0.5 * m_erfc(-t);
  if (!(t < -1) || t < -27) return result;
  double lost = m_fma(x, half_root, -t) + x * -0x1.bdd3413b26456p-55;
  return result + 0.56418958354775628695 * m_exp(-t * t) * lost;
}
ST_INLINE float normal_cdf(float x) { return float(m_wide_normal_cdf(x)); }

ST_SPECIAL double log_normal_cdf(double x) {
  double t = x * half_root;
  return x < -1 ? m_log(0.5 * erfcx(-t)) - t * t : m_log1p(-0.5 * m_erfc(t));
}

// The number whose error function is x, over x, as a function of w = -log(1 - x^2): smooth, so that four polynomials
// reach from 0 to the smallest 1 - |x|. The form is that of M. Giles (2012).
ST_SPECIAL double erfinv_ratio(double w) {
  if (w < 6.25) {
    double t = w * 0.32 - 1;
    return horner(t, 0x1.a755e7c99ae86p0, 0x1.8040caa127892p-1, -0x1.e2b19456a08bfp-5, -0x1.7259eca3bbaa5p-6,
                  0x1.23c5aee6c0875p-6, -0x1.0f249de705f0ep-8, -0x1.4d5dd2dfe2552p-10, 0x1.4316b2d61dad3p-10,
                  -0x1.153c9fa9a170ep-12, -0x1.ea439a209860ep-14, 0x1.879c2cbd137c4p-14, -0x1.f85a317e2bdd9p-17,
                  -0x1.79b1f2cdebdefp-17, 0x1.df0b4694a709bp-18, -0x1.70a52e254d24cp-21, -0x1.20278ceb91c2fp-20,
                  0x1.244c2b2137b62p-21, 0x1.80ef81ae7d9a9p-28, -0x1.bfcd65d3c0cfep-24, 0x1.e281229555bc8p-26,
                  0x1.2ae8897d6a67dp-27, -0x1.1c6370f896ebap-28, -0x1.402929db2fdcap-36);
  }
  double root = m_sqrt(w);
  if (root < 4) {
    double t = (root - 3.25) / 0.75;
    return horner(t, 0x1.8abcc380d5a48p1, 0x1.8204fa4162bd5p-1, 0x1.8bfc9e26db6e9p-9, -0x1.9eda88e3b8676p-10,
                  0x1.9d4ce3854ade9p-11, -0x1.a418d3e3f7cb5p-12, 0x1.63d0375199256p-13, -0x1.8d8d16f0386d1p-15,
                  0x1.42e85edfe2dfep-19, 0x1.5813b1d2726c9p-18, -0x1.65a7642fd4c3bp-19, 0x1.1ae04941e108p-21,
                  0x1.8e4408b023dd8p-24, -0x1.9991d9f5cb688p-24, 0x1.c9e32dc7e119bp-26, 0x1.0d3d5b5811ceap-32,
                  -0x1.720234b7c6598p-29, 0x1.76e5a2d9b6fa9p-31, -0x1.2ff80cd8d561bp-39);
  }
  if (root < 8) {
    double t = root * 0.5 - 3;
    return horner(t, 0x1.7708d123a9941p2, 0x1.02757b354a823p1, -0x1.efcf027ca1c8ep-10, -0x1.6814b00c82d73p-12,
                  0x1.6a07330e92c7dp-12, -0x1.6775ecb5665b7p-13, 0x1.28c7da3072582p-14, -0x1.c09132b8a075bp-16,
                  0x1.4124411ae34c3p-17, -0x1.bab2d33b72e9ep-19, 0x1.28d4400e2a0b8p-20, -0x1.89d2b709a1ebcp-22,
                  0x1.13bd2e47acd17p-23, -0x1.dde8f2eb6fdefp-25, 0x1.1aea56280dc6cp-25, -0x1.efb15148cd3eep-26,
                  0x1.2a9fd25c2295ap-25, -0x1.195ef5d69cde7p-25, 0x1.2a0ea2ebabfd7p-26, -0x1.40e95dc31d6dap-27,
                  0x1.c8dc00aa1194p-27, -0x1.6a4ce1eb67369p-27, 0x1.91f41faea14b8p-31, 0x1.a035a8cb81138p-29,
                  -0x1.63e66bf2d8f0ep-30, 0x1.fcd29058e5f96p-34);
  }
  double t = root * 0.1 - 1.8;
  return horner(t, 0x1.1ec484ce7ce5ep4, 0x1.40e093ed8ebfdp3, -0x1.67969c0782be4p-7, 0x1.28831d0797dffp-8,
                -0x1.e796cf4250bebp-10, 0x1.85cfaa056b12ap-11, -0x1.24ca65dbab89fp-12, 0x1.804526391eaa2p-14,
                -0x1.5276a59170342p-16, -0x1.0347b268a6813p-18, 0x1.42af020b83821p-17, -0x1.30c7813d00625p-17,
                0x1.d0430882980d2p-18, -0x1.3dde266f9c3c4p-18, 0x1.a1134d18285aap-19, -0x1.1d33098a00f2p-19,
                0x1.5d2287b15e672p-20, -0x1.c80ae43268a28p-22, 0x1.20ab504263fa4p-22, -0x1.8f96ae4ab9a09p-21,
                0x1.c08939d191e87p-22, 0x1.caa184efb3f79p-22, -0x1.f21d9394007e5p-23, -0x1.a9ed2ed6b550ap-22,
                0x1.d50017c9ff78ap-23, 0x1.45c1894acb30dp-23, -0x1.6557cb85a6e5cp-24, -0x1.46eb8d42e76dbp-25,
                0x1.6855426634498p-26);
}
// The same for float32 without branches; `far` reaches beyond the roots of 4 that erfinv needs.
template <bool far>
ST_INLINE float erfinv_ratio(float w) {
  float t = w * 0.32f - 1;
  float near = horner(t, 0x1.a755e8p0f, 0x1.8040cap-1f, -0x1.e2b264p-5f, -0x1.72595p-6f, 0x1.23d8bep-6f,
                      -0x1.0f41aap-8f, -0x1.5279cep-10f, 0x1.4516e6p-10f, -0x1.dafa88p-13f, -0x1.15ed1ap-13f,
                      0x1.f17566p-15f, 0x1.5f4c92p-21f);
  float root = m_sqrt(w);
  t = root - 3.5f;
  float middle = horner(t, 0x1.aaf132p1f, 0x1.01e2ecp0f, 0x1.ad802cp-9f, -0x1.0e6da2p-9f, 0x1.1ec21ep-10f,
                        -0x1.644492p-11f, 0x1.c18f4p-12f, -0x1.dae1f6p-13f, 0x1.5bec64p-14f, -0x1.9bac9ap-19f,
                        -0x1.370ep-16f, 0x1.00bb5ap-17f);
  float result = w < 6.25f ? near : middle;
  if constexpr (far) {
    t = (root - 7.5f) * 0.33333333f;
    float last = horner(t, 0x1.d7e25ap2f, 0x1.831b4ep1f, -0x1.247f3ep-8f, 0x1.aa3a0ap-12f, 0x1.f9ef6ap-13f,
                        -0x1.d78704p-13f, 0x1.0e1624p-13f, -0x1.c42deep-15f, 0x1.a80ffep-16f, -0x1.5ff27cp-16f,
                        0x1.2455c2p-17f);
    result = root < 4.5f ? result : last;
  }
  return result;
}

// The number whose error function is x.
ST_INLINE double erfinv(double x) {
  double size = m_abs(x);
  return size == 1 ? m_copysign(infinity(), x) : x * erfinv_ratio(-m_log((1 - size) * (1 + size)));
}
ST_INLINE float erfinv(float x) {
  float size = m_abs(x);
  float result = x * erfinv_ratio<false>(-m_log((1 - size) * (1 + size)));
  return size == 1 ? m_copysign(float(infinity()), x) : result;
}

// The number below which a standard normal one lies with probability p: sqrt(2) erfinv(2 p - 1).
ST_INLINE double normal_quantile(double p) {
  double x = 2 * p - 1;
  double result = 1.41421356237309504880 * x * erfinv_ratio(-m_log(4 * p * (1 - p)));
  return p == 0 || p == 1 ? m_copysign(infinity(), x) : result;
}
ST_INLINE float normal_quantile(float p) {
  float x = 2 * p - 1;
  float result = 1.41421356f * x * erfinv_ratio<true>(-m_log(4 * p * (1 - p)));
  return p == 0 || p == 1 ? m_copysign(float(infinity()), x) : result;
}

// ---- Bessel functions of an imaginary argument, times exp(-|x|): I0 and I1.

// sqrt(x) exp(-x) I(x) for x > 8, in t = 16 / x - 1.
ST_SPECIAL double bessel_0_tail(double x) {
  double t = 16 / x - 1;
  return horner(t, 0x1.9bd428ad249a5p-2, 0x1.b87969bb93bcbp-9, 0x1.1daa72b5ccfadp-13, 0x1.75e5ee702e57ap-17,
                0x1.8e513c6a21829p-20, 0x1.3f49ac32e14bfp-22, 0x1.7d0cd4fd1f2b8p-24, 0x1.51ccdc47b6c77p-25,
                0x1.7288379f891f7p-26, 0x1.03bcdeab408e2p-27, -0x1.d72c8d3f0b6bcp-28, -0x1.cd5da3da6b614p-27,
                -0x1.58ce729fc478ap-28, 0x1.05248ba2f26ap-27, 0x1.c034e59a2db9bp-28, -0x1.ece52144ada18p-29,
                -0x1.3756a636aa04fp-28, 0x1.ba2352eb42f2p-30, 0x1.295fc465ff477p-29, -0x1.5be16a36a0dap-31,
                -0x1.650b3e7f898bp-31, 0x1.852f5d42d1ca3p-33, 0x1.90df137cc1a36p-34, -0x1.ada2c97f3fdddp-36) /
         m_sqrt(x);
}
ST_SPECIAL double bessel_1_tail(double x) {
  double t = 16 / x - 1;
  return horner(t, 0x1.8ebe783a8403p-2, -0x1.3f796198ee63dp-7, -0x1.cbc54df1d28edp-13, -0x1.f89c2304c35d3p-17,
                -0x1.ec8e127b73a3fp-20, -0x1.761383996deap-22, -0x1.ad8afba84040bp-24, -0x1.727891f52aef6p-25,
                -0x1.91e870dc073a7p-26, -0x1.21ba2485afab4p-27, 0x1.d68fdf13b4f0fp-28, 0x1.e2d0791db759ap-27,
                0x1.7ee7fbfb39f9p-28, -0x1.0821c71098c2bp-27, -0x1.dd37812c1dd72p-28, 0x1.e14768d6db225p-29,
                0x1.475d4e2f2acfep-28, -0x1.a250a944e85b4p-30, -0x1.36f288e187d2ep-29, 0x1.42be4263f9ec5p-31,
                0x1.7455f3bd09231p-31, -0x1.6612a100e112cp-33, -0x1.a1752f6235857p-34, 0x1.8a72ab2fc6959p-36) /
         m_sqrt(x);
}

// I0(x) and 2 I1(x) / x for |x| <= 8 by their series in z = x^2 / 4, whose terms are positive (10.25.2).
ST_SPECIAL double bessel_0_series(double z) {
  return horner(z, 0x1p+0, 0x1p+0, 0x1p-2, 0x1.c71c71c71c71cp-6, 0x1.c71c71c71c71cp-10, 0x1.23456789abcdfp-14,
                0x1.02e85c0898b71p-19, 0x1.522a43f65486ap-25, 0x1.522a43f65486ap-31, 0x1.0b313289be0b9p-37,
                0x1.5601885e63e5dp-44, 0x1.69ca9cf3b7f54p-51, 0x1.4197a7f5154bcp-58, 0x1.e725594ee52e9p-66,
                0x1.3e22d70ef3b5fp-73, 0x1.69f7da8510bcdp-81, 0x1.69f7da8510bcdp-89, 0x1.40a2dc2460523p-97,
                0x1.faaf2fa1c79e5p-106, 0x1.674f8e46c208cp-114, 0x1.cbeaf38dc529fp-123, 0x1.0afb53e9cec0bp-131);
}
ST_SPECIAL double bessel_1_series(double z) {
  return horner(z, 0x1p+0, 0x1p-1, 0x1.5555555555555p-4, 0x1.c71c71c71c71cp-8, 0x1.6c16c16c16c17p-12,
                0x1.845c8a0ce5129p-17, 0x1.27e4fb7789f5cp-22, 0x1.522a43f65486ap-28, 0x1.2c9758daf5cdp-34,
                0x1.ab81ea75fcdf4p-41, 0x1.f17697cf1cf13p-48, 0x1.e2637bef9ff1ap-55, 0x1.8bce58901a35ep-62,
                0x1.165e7c2d153f3p-69, 0x1.53585cdcbfb1p-77, 0x1.69f7da8510bcdp-85, 0x1.54ad09e6a6575p-93,
                0x1.1d028acb00491p-101, 0x1.aaae78f4066a6p-110, 0x1.1f72d8389b3a3p-118, 0x1.5e69de22df5cep-127,
                0x1.84564b82a1184p-136);
}

ST_SPECIAL double i0(double x) {
  double size = m_abs(x);
  if (size <= 8) return bessel_0_series(0.25 * x * x);
  double half = m_exp(0.5 * size);  // the whole power may overflow before the result
  return half * bessel_0_tail(size) * half;
}
ST_SPECIAL double i0e(double x) {
  double size = m_abs(x);
  return size <= 8 ? m_exp(-size) * bessel_0_series(0.25 * x * x) : bessel_0_tail(size);
}
ST_SPECIAL double i1(double x) {
  double size = m_abs(x);
  if (size <= 8) return 0.5 * x * bessel_1_series(0.25 * x * x);
  double half = m_exp(0.5 * size);
  return m_copysign(half * bessel_1_tail(size) * half, x);
}
ST_SPECIAL double i1e(double x) {
  double size = m_abs(x);
  if (size <= 8) return m_exp(-size) * 0.5 * x * bessel_1_series(0.25 * x * x);
  return m_copysign(bessel_1_tail(size), x);
}

// ---- The gamma function's relatives.

// The logarithmic derivative of the gamma function.
ST_SPECIAL double digamma(double x) {
  if (x == 0) return m_copysign(infinity(), -x);
  double sum = 0;
  if (x < 0) {
    if (m_floor(x) == x) return not_a_number();
    // psi(1 - x) - pi / tan(pi x) (5.5.4)
    sum = -pi / m_tan(pi * fraction(x));
    x = 1 - x;
  }
  if (x < 1) {
    sum -= 1 / x;
    x += 1;
  }
  if (x >= 10) {
    double v = 1 / (x * x);
    double tail =
        horner(v, 0x1.5555555555555p-4, -0x1.1111111111111p-7, 0x1.041041041041p-8, -0x1.1111111111111p-8,
               0x1.f07c1f07c1f08p-8, -0x1.5995995995996p-6, 0x1.5555555555555p-4, -0x1.c5e5e5e5e5e5ep-2,
               0x1.86e7f9b9fe6e8p+1, -0x1.a74ca514ca515p+4);
    return sum + (m_log(x) - 0.5 / x - v * tail);
  }
  while (x > 2) {
    x -= 1;
    sum += 1 / x;
  }
  // psi(x) over its distance from the root, which two numbers hold.
  double t = 2 * x - 3;
  double slope =
      horner(t, 0x1.e6f0cbb873617p-1, -0x1.b1cb63005ee97p-3, 0x1.eca189b8e6da1p-5, -0x1.2feeeb98a7cd8p-6,
             0x1.8512e5905d18p-8, -0x1.fb442029cdbf4p-10, 0x1.4de9aa05d3418p-11, -0x1.b9f8b1367959dp-13,
             0x1.256475e5ac975p-14, -0x1.86355f6f68797p-16, 0x1.03c00801ba958p-17, -0x1.5a071c746535bp-19,
             0x1.cd3e42d157015p-21, -0x1.33661f9073563p-22, 0x1.980fc9c9f0be8p-24, -0x1.1002aaf6255f5p-25,
             0x1.7b3b41b0b38cdp-27, -0x1.f99f529bd0771p-29, 0x1.dc8ae08af0fc4p-31, -0x1.3db05b36d9a48p-32,
             0x1.104c9d0897b58p-32, -0x1.6b107f71aa124p-34);
  return sum + ((x - 0x1.762d86356be3fp+0) - 0x1.b86a722197829p-54) * slope;
}

// Hurwitz's zeta function for s > 1 and q > 0 by Euler and Maclaurin's formula (25.11.5), begun where its terms
// fall fast.
ST_SPECIAL double zeta_positive(double s, double q) {
  double sum = 0;
  const double begin = s < 8 ? 12 : 1.5 * s;
  for (; q < begin; q += 1) {
    double term = m_pow(q, -s);
    sum += term;
    if (term <= sum * epsilon * 0.125) return sum;
  }
  constexpr double ratios[] = {  // B(2j) / (2j)!
      0x1.5555555555555p-4, -0x1.6c16c16c16c17p-10, 0x1.1566abc011567p-15, -0x1.bbd779334ef0bp-21,
      0x1.66a8f2bf70ebep-26, -0x1.22805d644267fp-31, 0x1.d6db2c4e09162p-37, -0x1.7da4e1f79955cp-42,
      0x1.355871d652e9ep-47, -0x1.f57d968caacf1p-53, 0x1.967e1f09c376fp-58, -0x1.497d9033a2b5cp-63};
  double power = m_pow(q, -s);
  sum += power * q / (s - 1) + 0.5 * power;
  double factor = power * s / q;
  for (int j = 0; j < 12; j++) {
    sum += ratios[j] * factor;
    factor *= (s + (2 * j + 1)) * (s + (2 * j + 2)) / (q * q);
  }
  return sum;
}

// The sum of (q + k)^-s over k = 0, 1, ...; infinite at its poles, not a number where the terms are complex.
ST_SPECIAL double zeta(double s, double q) {
  if (s == 1) return infinity();
  if (s < 1) return not_a_number();
  if (q > 0) return zeta_positive(s, q);
  double whole = m_floor(q);
  if (whole == q) return infinity();
  if (m_floor(s) != s || q != q) return not_a_number();
  // The negative terms are a part of the sum over q's fraction to the other side.
  double part = q - whole;
  double negative = zeta_positive(s, 1 - part) - zeta_positive(s, 1 - q);
  return zeta_positive(s, part) + (m_fmod(s, 2.0) == 0 ? negative : -negative);
}

// The derivative of digamma.
ST_SPECIAL double trigamma(double x) {
  double sum = 0, sign = 1;
  if (x < 0.5) {
    if (m_floor(x) == x) return x == -infinity() ? not_a_number() : infinity();
    double sine = m_sin(pi * fraction(x));
    sum = pi * pi / (sine * sine);  // (5.15.6)
    sign = -1;
    x = 1 - x;
  }
  for (; x < 10; x += 1) sum += sign / (x * x);
  double v = 1 / (x * x);
  double tail = horner(v, 0x1.5555555555555p-3, -0x1.1111111111111p-5, 0x1.8618618618618p-6,
                       -0x1.1111111111111p-5, 0x1.364d9364d9365p-4, -0x1.033033033033p-2, 0x1.2aaaaaaaaaaabp0,
                       -0x1.c5e5e5e5e5e5ep2, 0x1.b7c4f8f13e3c5p5);
  return sum + sign * (1 / x + 0.5 * v + v / x * tail);
}

// The derivative of order n of digamma.
ST_SPECIAL double polygamma(double x, double n) {
  if (n == 0) return digamma(x);
  if (n == 1) return trigamma(x);
  double factor = m_fmod(n, 2.0) == 0 ? -1 : 1;
  for (double k = 2; k <= n && k < 180; k += 1) factor *= k;
  return factor * zeta(n + 1, x);
}

// u - log(1 + u) for u = x / a - 1, without cancellation near 0.
ST_SPECIAL double excess_of_log(double a, double x) {
  double u = (x - a) / a;
  if (m_abs(u) > 0.5) return u - m_log(x / a);
  double t = u / (2 + u), square = t * t;
  double sum = 0;
  for (int k = 17; k > 0; k--) sum = square * sum + 1.0 / (2 * k + 1);
  return t * u - 2 * t * square * sum;
}

// x^a exp(-x) / gamma(a).
ST_SPECIAL double gamma_density(double a, double x) {
  if (a < 20) return m_pow(x, a) * m_exp(-0.5 * x) * m_exp(-0.5 * x) * m_exp(-m_lgamma(a));
  double v = 1 / (a * a);
  double stirling = horner(v, 0x1.5555555555555p-4, -0x1.6c16c16c16c17p-9, 0x1.a01a01a01a01ap-11,
                           -0x1.3813813813814p-11, 0x1.b951e2b18ff23p-11, -0x1.f6ab0d9993c7dp-10,
                           0x1.a41a41a41a41ap-8) / a;
  return m_sqrt(a / (2 * pi)) * m_exp(-a * excess_of_log(a, x) - stirling);
}

// The lower integral over the whole one by its series (8.11.4), for x not far above a.
ST_SPECIAL double gamma_series(double a, double x) {
  double term = 1, sum = 1, n = a;
  for (int i = 0; i < 5000; i++) {
    n += 1;
    term *= x / n;
    sum += term;
    if (term <= sum * epsilon) break;
  }
  return gamma_density(a, x) * sum / a;
}

// The upper integral over the whole one by its continued fraction (8.9.2), for x above a, by Lentz's method.
ST_SPECIAL double gamma_fraction(double a, double x) {
  double b = x + 1 - a, c = 1 / 0x1p-900, d = 1 / b, result = d;
  for (int i = 1; i < 5000; i++) {
    double numerator = -i * (i - a);
    b += 2;
    d = numerator * d + b;
    d = m_abs(d) < 0x1p-900 ? 0x1p-900 : d;
    c = b + numerator / c;
    c = m_abs(c) < 0x1p-900 ? 0x1p-900 : c;
    d = 1 / d;
    result *= d * c;
    if (m_abs(d * c - 1) <= epsilon) break;
  }
  return gamma_density(a, x) * result;
}

// The upper integral over the whole one for small x (8.7.3), also where it is small itself.
ST_SPECIAL double gamma_small(double a, double x) {
  double sum = 0, term = 1;
  for (int n = 1; n < 200; n++) {
    term *= -x / n;
    double next = term / (a + n);
    sum += next;
    if (m_abs(next) <= m_abs(sum) * epsilon) break;
  }
  double logarithm = m_log(x);
  // log(gamma(1 + a))
  double tail = horner(a, 0x1.a51a6625307d3p-1, -0x1.9a4d55beab2d7p-2, 0x1.151322ac7d848p-2,
                       -0x1.a8b9c17aa6149p-3, 0x1.5b40cb100c306p-3, -0x1.2703a1dcea3aep-3, 0x1.010b36af86397p-3,
                       -0x1.c806706d57db4p-4, 0x1.9a01e385d5f8fp-4, -0x1.748c33114c6d6p-4, 0x1.556ad63243bc4p-4,
                       -0x1.3b1d971fc5985p-4, 0x1.2496df8320c5fp-4, -0x1.11133476e7fep-4, 0x1.00010064cdeb2p-4,
                       -0x1.e1e2d311e8abdp-5);
  double shifted = a < 0.1 ? a * (a * tail - 0.57721566490153286061) : m_lgamma(1 + a);
  return -m_expm1(a * logarithm - shifted) - a * m_exp(a * logarithm - shifted) * sum;
}

// Temme's uniform expansion for large a (8.12.3 and 8.12.4), of the upper or lower integral over the whole one.
ST_SPECIAL double gamma_uniform(double a, double x, bool upper) {
  double u = (x - a) / a;
  double half_square = excess_of_log(a, x);
  double e = m_copysign(m_sqrt(2 * half_square), u);
  double v = 1 / a;
  double c0 = horner(e, -0x1.5555555555555p-2, 0x1.5555555555555p-4, -0x1.e573ac901e574p-7,
                     0x1.2f684bda12f68p-10, 0x1.71de3a556c734p-12, -0x1.76e06fec7273bp-13, 0x1.48c5892f7cd83p-15,
                     -0x1.255370652afc1p-19, -0x1.f1b22f594c6b5p-20, 0x1.bd6d21e4b4109p-21,
                     -0x1.7b5f9a2d0465cp-23, 0x1.ccf5ceb7f0d9fp-28, 0x1.6097d55c37c1cp-27,
                     -0x1.2d2197c7a2faap-28, 0x1.f6e66d24d5c8ap-31, -0x1.c0d9b6edf2b0bp-36,
                     -0x1.0070a87340428p-34, 0x1.ac9475c463659p-36);
  double c1 = horner(e, -0x1.e573ac901e574p-10, -0x1.c71c71c71c71cp-9, 0x1.5ac056b015acp-9,
                     -0x1.0394f6f09e723p-10, 0x1.af83440e53dbcp-13, -0x1.af83440e53dbcp-22,
                     -0x1.2fa4ae89e5afp-16, 0x1.00a9cabd6b83ep-17, -0x1.b0bdfcc629cbap-20, 0x1.3f59230a8357cp-28,
                     0x1.280f2cde3f847p-23, -0x1.ee23d0cba8aeep-25, 0x1.9aa7a30de114cp-27, -0x1.349fbca3a377bp-36);
  double c2 = horner(e, 0x1.0ee643b990ee6p-8, -0x1.5f7268edab4c8p-9, 0x1.948b0fcd6e9ep-11, 0x1.0db20a88f4696p-19,
                     -0x1.c253efaa1a932p-14, 0x1.bbf43daf4fe53p-15, -0x1.ac2d05890f2c3p-17,
                     0x1.26154ae39151dp-25, 0x1.7058929663937p-20, -0x1.522cb05171911p-21, 0x1.32ac81c15d3d7p-23);
  double c3 = horner(e, 0x1.547d93b34e2b6p-11, 0x1.e13ce465fa859p-13, -0x1.ebfb188b7cap-12,
                     0x1.18b9b5bf2d984p-12, -0x1.3d2a3a29b5d9dp-14, -0x1.0152a1871f27ap-22,
                     0x1.73df462204ef4p-17, -0x1.7cd6f27b3f02p-18);
  double c4 = horner(e, -0x1.c3e0b02da7bf9p-11, 0x1.9b0ff6874f2c4p-11, -0x1.3999a85a4237ap-12,
                     -0x1.88f2ae1def9dp-20, 0x1.16908b48ce058p-14);
  double c5 = horner(e, -0x1.6128ac5a4fa71p-12, -0x1.247604839c038p-14);
  double rest = horner(v, c0, c1, c2, c3, c4, c5) * m_exp(-a * half_square) / m_sqrt(2 * pi * a);
  double root = m_sqrt(a * half_square);
  root = u < 0 ? -root : root;
  return upper ? 0.5 * m_erfc(root) + rest : 0.5 * m_erfc(-root) - rest;
}

// The regularised incomplete gamma functions: the share of the gamma function's integral above or below x.
ST_SPECIAL double incomplete_gamma(double a, double x, bool upper) {
  if (a < 0 || x < 0) return not_a_number();
  if (a == 0) return x > 0 ? (upper ? 0 : 1) : not_a_number();
  if (x == 0) return upper ? 1 : 0;
  // The ends decide before NaN does, as in PyTorch.
  if (a == infinity()) return x == infinity() ? not_a_number() : (upper ? 1 : 0);
  if (x == infinity()) return upper ? 0 : 1;
  if (a != a || x != x) return not_a_number();
  if (a >= 1000 && m_abs(x - a) < 0.3 * a) return gamma_uniform(a, x, upper);
  if (x <= 1.1) {
    bool small = x <= 0.5 ? a <= -0.4 / m_log(x) : a <= x * 1.1;
    double result = small ? gamma_small(a, x) : gamma_series(a, x);
    return small == upper ? result : 1 - result;
  }
  double result = x > a ? gamma_fraction(a, x) : gamma_series(a, x);
  return (x > a) == upper ? result : 1 - result;
}

}  // namespace st::special

#endif
