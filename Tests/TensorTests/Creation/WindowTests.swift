import Tensor
import TestSupport
import Testing

/// Windows against PyTorch's figures.
@Suite(.everyDevice)
struct WindowTests {
  static let rows: [(window: @Sendable (DType) -> Tensor, expected: [Double])] = [
    (
      { Window.nuttall(5, dtype: $0) },
      [0.0003628000000000381, 0.22698239999999995, 1, 0.2269824000000001, 0.0003628000000000381]
    ),
    ({ Window.bartlett(5, sym: false, dtype: $0) }, [0, 0.4, 0.8, 0.8, 0.4]),
    (
      { Window.cosine(4, dtype: $0) }, [0.3826834323650898, 0.9238795325112867, 0.9238795325112867, 0.3826834323650899]
    ),
    (
      { Window.exponential(4, tau: 2, dtype: $0) },
      [0.4723665527410147, 0.7788007830714049, 0.7788007830714049, 0.4723665527410147]
    ),
    (
      { Window.exponential(4, center: 1, tau: 2, sym: false, dtype: $0) },
      [0.6065306597126334, 1, 0.6065306597126334, 0.36787944117144233]
    ),
    ({ Window.hann(4, sym: false, dtype: $0) }, [0, 0.5, 1, 0.5]),
    ({ Window.hamming(3, dtype: $0) }, [0.08, 1, 0.08]),
    ({ Window.kaiser(1, dtype: $0) }, [1]),
    ({ Window.blackman(0, dtype: $0) }, []),
  ]

  @Test(arguments: rows.indices, [DType.float32, .float64])
  func values(row: Int, dtype: DType) {
    let window = Self.rows[row].window(dtype)
    #expect(window.dtype == dtype)
    expectClose(window, Self.rows[row].expected, atol: dtype == .float32 ? 1e-6 : 1e-14)
  }

  @Test func badArguments() {
    expectError(.value, "Window.gaussian", "std") { Window.gaussian(3, std: 0) }
    expectError(.value, "Window.exponential", "center") { Window.exponential(3, center: 1) }
    expectError(.value, "Window.hann", "-1") { Window.hann(-1) }
    expectError(.dtype, "Window.hann", "float16") { Window.hann(3, dtype: .float16) }
  }
}
