import Synchronization

/// What autocast does with an operation's floating inputs on a device, as PyTorch's lists say.
package enum Precision: Sendable {
  /// Cast to the lower dtype: matrix products.
  case lower
  /// Cast to float32: sums and losses.
  case full
  /// Cast to the widest dtype among the inputs.
  case promote
  /// Left as they are.
  case untouched
  /// Refused, because the result would be unsafe in the lower dtype.
  case banned
}

/// The autocast settings of a scope: per kind of device the lower dtype, or nil where it is off.
package struct AutocastState: Sendable {
  package var cpu: DType?
  package var cuda: DType?
  /// Casts of parameters, kept until the outermost scope ends; nil when caching is off.
  package var cache: AutocastCache?

  package init(cpu: DType? = nil, cuda: DType? = nil, cache: AutocastCache? = nil) {
    self.cpu = cpu
    self.cuda = cuda
    self.cache = cache
  }

  @inline(__always)
  package func lower(on kind: Device.Kind) -> DType? { kind == .cpu ? cpu : cuda }
}

/// Casts of parameters to the lower dtype, by tensor identity.
package final class AutocastCache: Sendable {
  private let casts = Mutex<[ObjectIdentifier: (source: Tensor, cast: Tensor)]>([:])

  package init() {}

  func cast(_ tensor: Tensor, to dtype: DType) throws(TensorError) -> Tensor {
    if let hit = casts.withLock({ $0[ObjectIdentifier(tensor)] }), hit.cast.dtype == dtype { return hit.cast }
    // Recorded inside noGrad too: else a later pass with gradients would find a cast that is cut off from its parameter.
    let scope = Scope.isGradEnabled ? nil : Scope.with(isGradEnabled: true)
    let cast =
      if let scope {
        try scope.run { () throws(TensorError) in try run(Cast(dtype: dtype), tensor) }
      } else {
        try run(Cast(dtype: dtype), tensor)
      }
    casts.withLock { $0[ObjectIdentifier(tensor)] = (tensor, cast) }
    return cast
  }
}

extension AutocastState {
  /// The dtype that inputs of this precision class are cast to, or nil to leave them.
  ///
  /// - Parameter widest: The widest eligible dtype among the inputs, for `.promote`.
  func target(_ precision: Precision, lower: DType, widest: DType) -> DType? {
    switch precision {
    case .lower: lower
    case .full: .float32
    case .promote: widest
    case .untouched, .banned: nil
    }
  }

  /// Whether autocast may cast this tensor: floating, not float64, on that kind of device.
  static func isEligible(_ tensor: Tensor, on kind: Device.Kind) -> Bool {
    tensor.dtype.isFloatingPoint && tensor.dtype != .float64 && tensor.device.kind == kind && !tensor.isNumber
  }

  func cast(_ tensor: Tensor, to target: (dtype: DType, kind: Device.Kind)) throws(TensorError) -> Tensor {
    let (dtype, kind) = target
    if tensor.dtype == dtype || !AutocastState.isEligible(tensor, on: kind) { return tensor }
    if let cache, dtype != .float32, tensor.dtype == .float32, tensor.isLeafRequiringGrad, !tensor.isView {
      return try cache.cast(tensor, to: dtype)
    }
    return try run(Cast(dtype: dtype), tensor)
  }
}
