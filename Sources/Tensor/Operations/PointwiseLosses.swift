// Losses of each element of an input and a target, reduced. Autocast runs each in float32, as those in Tensor+Losses.swift.

/// Squared differences below `delta` and absolute ones above, joined smoothly; floats only, shapes broadcast.
///
/// `0.5 * d * d` where the absolute difference d is below delta, else `delta * (d - 0.5 * delta)`.
public func huberLoss(_ input: Tensor, _ target: Tensor, reduction: Reduction = .mean, delta: Double = 1) -> Tensor {
  checked { () throws(TensorError) in
    if !(delta > 0) { throw TensorError(.value, "huberLoss", "expected delta > 0, but got \(delta)") }
    try checkFloating(input, operation: "huberLoss")
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    let distance = try run(Unary<Abs>(), run(Binary<Subtract>(), x, y))
    let far = (distance - 0.5 * delta) * delta
    return try reduced(`where`(distance .< delta, distance.square() * 0.5, far), reduction)
  }
}

/// The cross entropy of truth values or probabilities and predicted probabilities.
///
/// Logarithms are taken as -100 at least, so that no loss is infinite. Under autocast on a GPU it is an error: use
/// `binaryCrossEntropyWithLogits`.
///
/// - Parameters:
///   - input: Probabilities, of any shape; on the CPU one outside of 0 to 1 is an error.
///   - target: Probabilities of the same shape.
///   - weight: What each value is multiplied by, broadcast to the shape.
///   - reduction: Whether the mean, the sum or every value is returned.
public func binaryCrossEntropy(
  _ input: Tensor, _ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "binaryCrossEntropy"
    try checkFloating(input, operation: name)
    if input.layout.shape != target.layout.shape {
      throw TensorError(
        .shape, name, "expected a target of the input's shape \(input.shape), but got \(target.shape)")
    }
    if !input.backend.waitsForReads, input.count > 0 {
      let all = Dims(0..<input.rank)
      let least = try Extremes(largest: false, dims: all, keepDim: false).forward(input).number(for: name)
      let greatest = try Extremes(largest: true, dims: all, keepDim: false).forward(input).number(for: name)
      if least.double < 0 || greatest.double > 1 {
        throw TensorError(.value, name, "expected probabilities from 0 to 1, but got \(least) to \(greatest)")
      }
    }
    var losses = try run(BinaryCrossEntropy(), input, target)
    if let weight { losses = losses * weight }
    return try reduced(losses, reduction)
  }
}

/// `-(y * log(x) + (1 - y) * log(1 - x))` with logarithms of -100 at least.
package struct BinaryCrossEntropy: BinaryOperation {
  package init() {}
  package var name: String { "binaryCrossEntropy" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cuda ? .banned : .full }

  package func forward(_ x: Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
    if x.dtype != y.dtype {
      throw TensorError(.dtype, name, "expected a target of the input's dtype \(x.dtype), but got \(y.dtype)")
    }
    let bound = Unary<ClampNumbers>(Parameters(-100, .infinity))
    let log = try bound.forward(Unary<Log>().forward(x))
    let logOfRest = try bound.forward(Unary<Log1p>().forward(Unary<Negative>().forward(x)))
    // (y - 1) log(1 - x) - y log(x)
    let negative = try Binary<Multiply>().forward(
      Binary<Subtract>().forward(y, Tensor(number: .int(1))), logOfRest)
    return try Binary<Subtract>().forward(negative, Binary<Multiply>().forward(y, log))
  }
}

/// How `klDiv` joins its values.
public enum KLReduction: Sendable {
  /// Gives them all.
  case none
  /// Gives their mean.
  case mean
  /// Gives their sum.
  case sum
  /// Gives their sum divided by the size of the first dimension, which is the divergence of distributions in rows.
  case batchMean
}

/// The pointwise divergence of Kullback and Leibler: `y * (log(y) - x)` for log-probabilities x and probabilities y.
///
/// - Parameters:
///   - input: Log-probabilities.
///   - target: Probabilities, or log-probabilities with `logTarget`; shapes broadcast.
///   - reduction: The mean of all elements by default; `.batchMean` is the mathematical definition.
///   - logTarget: Whether the target holds logarithms.
public func klDiv(
  _ input: Tensor, _ target: Tensor, reduction: KLReduction = .mean, logTarget: Bool = false
) -> Tensor {
  checked { () throws(TensorError) in
    try checkFloating(input, operation: "klDiv")
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    let losses = logTarget ? y.exp() * (y - x) : y.xlogy(y) - y * x
    switch reduction {
    case .none: return losses
    case .mean: return try reduced(losses, .mean)
    case .sum: return try reduced(losses, .sum)
    case .batchMean:
      let sum = try reduced(losses, .sum)
      return sum / (input.rank == 0 ? 1 : input.layout.shape[0])
    }
  }
}

/// The negative log-likelihood of counts under Poisson's distribution, but for terms of the target alone.
///
/// - Parameters:
///   - input: Rates, or their logarithms with `logInput`.
///   - target: Counts; shapes broadcast.
///   - logInput: `exp(x) - y * x` if true, else `x - y * log(x + eps)`.
///   - full: Adds Stirling's approximation of log(y!) where y is above 1.
///   - eps: Keeps the logarithm of 0 finite.
///   - reduction: Whether the mean, the sum or every value is returned.
public func poissonNLLLoss(
  _ input: Tensor, _ target: Tensor, logInput: Bool = true, full: Bool = false, eps: Double = 1e-8,
  reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    var losses = logInput ? x.exp() - y * x : x - y * (x + eps).log()
    if full {
      let stirling = y * y.log() - y + (y * (2 * Double.pi)).log() * 0.5
      losses = losses + `where`(y .> 1, stirling, 0)
    }
    return try reduced(losses, reduction)
  }
}

/// The negative log-likelihood of a target under normal distributions: `0.5 * (log(variance) + (x - y) ** 2 / variance)`.
///
/// - Parameters:
///   - input: Means.
///   - target: Of the input's shape.
///   - variance: Of the input's shape, with a last dimension of 1, or without the last dimension; none may be negative.
///   - full: Adds the constant `0.5 * log(2 * pi)`.
///   - eps: The least variance; the gradient ignores that it was raised.
///   - reduction: Whether the mean, the sum or every value is returned.
public func gaussianNLLLoss(
  _ input: Tensor, _ target: Tensor, variance: Tensor, full: Bool = false, eps: Double = 1e-6,
  reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "gaussianNLLLoss"
    try checkFloating(input, operation: name)
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    var spread = try fullPrecision(variance)
    if spread.shape != x.shape {
      if spread.shape == Array(x.shape.dropLast()), x.rank > 0 {
        spread = spread.unsqueeze(dim: -1)
      } else if Dims.broadcast(spread.layout.shape, x.layout.shape) != x.layout.shape {
        throw TensorError(.shape, name, "a variance of shape \(spread.shape) does not fit an input of shape \(x.shape)")
      }
    }
    if spread.count > 0 {
      let least = try Extremes(largest: false, dims: Dims(0..<spread.rank), keepDim: false).forward(spread)
      if try least.number(for: name).double < 0 { throw TensorError(.value, name, "the variance has negative entries") }
    }
    spread = try spread.raised(to: eps)
    var losses = (spread.log() + (x - y).square() / spread) * 0.5
    if full { losses = losses + 0.918938533204672741780329736405617640 }  // log(2 pi) / 2
    return try reduced(losses, reduction)
  }
}

/// `log(1 + exp(-y * x))` for targets y of 1 and -1; floats only, one shape.
public func softMarginLoss(_ input: Tensor, _ target: Tensor, reduction: Reduction = .mean) -> Tensor {
  checked { () throws(TensorError) in
    try checkFloating(input, operation: "softMarginLoss")
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    // The softplus of -y x; past 40 the addend is below a double's precision.
    return try reduced((-y * x).softplus(beta: 1, threshold: 40), reduction)
  }
}

/// The input where the target is 1, and `max(0, margin - input)` where it is -1: for distances of pairs that are alike or
/// not.
public func hingeEmbeddingLoss(
  _ input: Tensor, _ target: Tensor, margin: Double = 1, reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    let apart = `where`(y .!= 1, (margin - x).clamp(min: 0), 0)
    let alike = `where`(y .!= -1, x, 0)
    return try reduced(apart + alike, reduction)
  }
}

extension Tensor {
  /// The elements, those below `least` raised to it; their gradient passes as if they were not.
  func raised(to least: Double) throws(TensorError) -> Tensor {
    let copy = clone()
    return try Scope.with(isGradEnabled: false).run { () throws(TensorError) in copy.copy(from: copy.clamp(min: least))
    }
  }
}
