/// Windows of signals, of `count` numbers.
///
/// A window is symmetric unless `sym` is false: then it is periodic, the first `count` numbers of a symmetric one of
/// `count + 1`, as Fourier transforms take them.
public enum Window {
  /// A straight rise from 0 to 1 and fall back to 0.
  public static func bartlett(
    _ count: Int, sym: Bool = true, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    make("bartlett", count, dtype, device, requiresGrad) { dtype, device in
      let step = 2 / Double(steps(count, sym))
      return 1 - linspace(-1, -1 + Double(count - 1) * step, count, dtype, device).abs()
    }
  }

  /// 0.42 - 0.5 cos(x) + 0.08 cos(2 x) over a whole turn x.
  public static func blackman(
    _ count: Int, sym: Bool = true, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    cosines("blackman", count, [0.42, 0.5, 0.08], sym, dtype, device, requiresGrad)
  }

  /// Half a sine wave, without its ends.
  public static func cosine(
    _ count: Int, sym: Bool = true, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    make("cosine", count, dtype, device, requiresGrad) { dtype, device in
      let step = Double.pi / Double(steps(count, sym) + 1)
      return linspace(0.5 * step, (0.5 + Double(count - 1)) * step, count, dtype, device).sin()
    }
  }

  /// exp(-|n - center| / tau); the center is the middle unless it is given, which a symmetric window refuses.
  public static func exponential(
    _ count: Int, center: Double? = nil, tau: Double = 1, sym: Bool = true, dtype: DType? = nil,
    device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    make("exponential", count, dtype, device, requiresGrad) { (dtype, device) throws(TensorError) in
      guard tau > 0 else { throw TensorError(.value, "Window.exponential", "expected tau > 0, but got \(tau)") }
      if sym, let center {
        throw TensorError(.value, "Window.exponential", "a symmetric window takes no center, but got \(center)")
      }
      let start = -(center ?? Double(steps(count, sym)) / 2) / tau
      return (-linspace(start, start + Double(count - 1) / tau, count, dtype, device).abs()).exp()
    }
  }

  /// exp(-(n / std)^2 / 2), n counted from the middle.
  public static func gaussian(
    _ count: Int, std: Double = 1, sym: Bool = true, dtype: DType? = nil, device: Device? = nil,
    requiresGrad: Bool = false
  ) -> Tensor {
    make("gaussian", count, dtype, device, requiresGrad) { (dtype, device) throws(TensorError) in
      guard std > 0 else { throw TensorError(.value, "Window.gaussian", "expected std > 0, but got \(std)") }
      let start = -Double(steps(count, sym)) / 2
      let scale = 1 / (std * 2.0.squareRoot())
      let places = linspace(start * scale, (start + Double(count - 1)) * scale, count, dtype, device)
      return (-places.square()).exp()
    }
  }

  /// The sum of `coefficients[i] * cos(i * x)`, every second one taken negative, over a whole turn x.
  public static func generalCosine(
    _ count: Int, _ coefficients: [Double], sym: Bool = true, dtype: DType? = nil, device: Device? = nil,
    requiresGrad: Bool = false
  ) -> Tensor {
    cosines("generalCosine", count, coefficients, sym, dtype, device, requiresGrad)
  }

  /// `alpha - (1 - alpha) cos(x)` over a whole turn x.
  public static func generalHamming(
    _ count: Int, alpha: Double = 0.54, sym: Bool = true, dtype: DType? = nil, device: Device? = nil,
    requiresGrad: Bool = false
  ) -> Tensor {
    cosines("generalHamming", count, [alpha, 1 - alpha], sym, dtype, device, requiresGrad)
  }

  /// 0.54 - 0.46 cos(x) over a whole turn x.
  public static func hamming(
    _ count: Int, sym: Bool = true, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    cosines("hamming", count, [0.54, 1 - 0.54], sym, dtype, device, requiresGrad)
  }

  /// 0.5 - 0.5 cos(x) over a whole turn x.
  public static func hann(
    _ count: Int, sym: Bool = true, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    cosines("hann", count, [0.5, 0.5], sym, dtype, device, requiresGrad)
  }

  /// i0(beta sqrt(1 - x^2)) / i0(beta) for x from -1 to 1: the greater beta, the narrower.
  public static func kaiser(
    _ count: Int, beta: Double = 12, sym: Bool = true, dtype: DType? = nil, device: Device? = nil,
    requiresGrad: Bool = false
  ) -> Tensor {
    make("kaiser", count, dtype, device, requiresGrad) { (dtype, device) throws(TensorError) in
      guard beta >= 0 else { throw TensorError(.value, "Window.kaiser", "expected beta >= 0, but got \(beta)") }
      let step = 2 * beta / Double(steps(count, sym))
      let end = Swift.min(beta, -beta + Double(count - 1) * step)
      // In the dtype a rounded end may pass beta by a little.
      let square = (beta * beta - linspace(-beta, end, count, dtype, device).square()).clamp(min: 0)
      return square.sqrt().i0() / Tensor.full([], beta, dtype: dtype, device: device).i0()
    }
  }

  /// Nuttall's sum of four cosines.
  public static func nuttall(
    _ count: Int, sym: Bool = true, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    cosines(
      "nuttall", count, [0.3635819, 0.4891775, 0.1365995, 0.0106411], sym, dtype, device, requiresGrad)
  }

  // MARK: - What windows share

  private static func cosines(
    _ name: String, _ count: Int, _ coefficients: [Double], _ sym: Bool, _ dtype: DType?, _ device: Device?,
    _ requiresGrad: Bool
  ) -> Tensor {
    make(name, count, dtype, device, requiresGrad) { (dtype, device) throws(TensorError) in
      if coefficients.isEmpty {
        throw TensorError(.value, "Window.\(name)", "expected at least one coefficient")
      }
      let step = 2 * Double.pi / Double(steps(count, sym))
      let places = linspace(0, Double(count - 1) * step, count, dtype, device)
      let orders = Tensor.arange(coefficients.count, dtype: dtype, device: device).unsqueeze(dim: -1)
      let signed = coefficients.enumerated().map { $0.offset % 2 == 0 ? $0.element : -$0.element }
      return (Tensor(signed, dtype: dtype, device: device).unsqueeze(dim: -1) * (orders * places).cos()).sum(dim: 0)
    }
  }

  /// The number of steps over the whole window.
  private static func steps(_ count: Int, _ sym: Bool) -> Int { sym ? count - 1 : count }

  private static func linspace(_ start: Double, _ end: Double, _ count: Int, _ dtype: DType, _ device: Device) -> Tensor
  { Tensor.linspace(start, end, steps: count, dtype: dtype, device: device) }

  /// No number for a count of 0, a 1 for one of 1, else what `body` makes.
  private static func make(
    _ name: String, _ count: Int, _ dtype: DType?, _ device: Device?, _ requiresGrad: Bool,
    _ body: (DType, Device) throws(TensorError) -> Tensor
  ) -> Tensor {
    checked { () throws(TensorError) in
      let (dtype, device) = (dtype ?? Scope.defaultDType, device ?? Scope.defaultDevice)
      let operation = "Window.\(name)"
      if dtype != .float32 && dtype != .float64 {
        throw TensorError(.dtype, operation, "expected dtype .float32 or .float64, but got \(dtype)")
      }
      if count < 0 { throw TensorError(.value, operation, "expected a count of 0 or more, but got \(count)") }
      let window =
        count > 1 ? try body(dtype, device) : Tensor.ones([count], dtype: dtype, device: device)
      return requiresGrad ? try window.requireGrad(for: operation) : window
    }
  }
}
