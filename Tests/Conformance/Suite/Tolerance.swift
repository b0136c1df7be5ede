internal import Autograd
package import Tensor

/// How far values may be from the expected ones: by `absolute + relative * |expected|`; NaN equals NaN.
package struct Tolerance: Sendable {
  package var relative: Double
  package var absolute: Double

  package static let exact = Tolerance(relative: 0, absolute: 0)

  package init(relative: Double, absolute: Double) {
    self.relative = relative
    self.absolute = absolute
  }

  /// That of a sample, by the dtype of its values, widened to twice PyTorch's own error.
  init(of dtype: DType, error: [Double]) {
    switch dtype {
    case .float64: self.init(relative: 1e-7, absolute: 1e-7)
    case .float32: self.init(relative: 1.3e-6, absolute: 1e-5)
    case .float16: self.init(relative: 1e-3, absolute: 1e-5)
    case .bfloat16: self.init(relative: 1.6e-2, absolute: 1e-5)
    default: self = .exact
    }
    if dtype.isFloatingPoint, error.count == 2 {
      absolute = max(absolute, 2 * error[0])
      relative = max(relative, 2 * error[1])
    }
  }

  /// What differs, shape and dtype first; nil where nothing does.
  package func mismatch(_ ours: Tensor, _ expected: Tensor, checksDType: Bool = true) -> String? {
    if ours.shape != expected.shape { return "shape \(ours.shape), expected \(expected.shape)" }
    if checksDType, ours.dtype != expected.dtype { return "dtype \(ours.dtype), expected \(expected.dtype)" }
    if !ours.dtype.isFloatingPoint && !expected.dtype.isFloatingPoint {
      let (x, y) = (ours.detach().array(as: Int64.self), expected.array(as: Int64.self))
      guard let place = x.indices.first(where: { x[$0] != y[$0] }) else { return nil }
      return "element \(place) of \(x.count) is \(x[place]), expected \(y[place])"
    }
    let (x, y) = (ours.detach().array(as: Double.self), expected.array(as: Double.self))
    var worst: (place: Int, excess: Double)?
    for place in x.indices {
      let (value, reference) = (x[place], y[place])
      if value == reference || value.isNaN && reference.isNaN { continue }
      let allowed = absolute + relative * abs(reference)
      let difference = abs(value - reference)
      if difference <= allowed && reference.isFinite { continue }
      let excess = difference.isFinite ? difference - allowed : .infinity
      if worst == nil || excess > worst!.excess { worst = (place, excess) }
    }
    return worst.map { "element \($0.place) of \(x.count) is \(x[$0.place]), expected \(y[$0.place])" }
  }
}

/// The tolerances of a sample.
struct Tolerances {
  let error: [Double]

  /// What differs between a value and the expected one; nil where nothing does.
  func mismatch(_ ours: Value, _ expected: Value) -> String? {
    switch (ours, expected) {
    case (.tensor(let x), .tensor(let y)): return Tolerance(of: y.dtype, error: error).mismatch(x, y)
    case (.list(let xs), .list(let ys)), (.list(let xs), .tuple(let ys)), (.tuple(let xs), .list(let ys)),
      (.tuple(let xs), .tuple(let ys)):
      if xs.count != ys.count { return "\(xs.count) outputs, expected \(ys.count)" }
      for (place, (x, y)) in zip(xs, ys).enumerated() {
        if let mismatch = mismatch(x, y) { return "output \(place): \(mismatch)" }
      }
      return nil
    case (.bool(let x), .bool(let y)): return x == y ? nil : "\(x), expected \(y)"
    case (.int(let x), .int(let y)): return x == y ? nil : "\(x), expected \(y)"
    case (.float(let x), .float(let y)):
      return x == y || x.isNaN && y.isNaN || abs(x - y) <= 1e-7 + 1.3e-6 * abs(y) ? nil : "\(x), expected \(y)"
    case (.none, .none): return nil
    default: return "\(ours), expected \(expected)"
    }
  }
}
