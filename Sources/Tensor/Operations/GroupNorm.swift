/// `(x - mean) / sqrt(variance + eps) * weight + bias` with statistics of neighbouring channels of a sample together, of
/// [N, C, ...]; floats only.
///
/// They go to tensors that the operation holds, for its derivative.
package struct GroupNorm: TernaryOperation {
  /// Into how many parts the channels are divided.
  package let groups: Int
  package let eps: Double
  /// [N, groups].
  package let mean: Tensor
  package let rstd: Tensor
  package let name: String

  package init(groups: Int, eps: Double, mean: Tensor, rstd: Tensor, name: String = "groupNorm") {
    self.groups = groups
    self.eps = eps
    self.mean = mean
    self.rstd = rstd
    self.name = name
  }

  package func precision(on kind: Device.Kind) -> Precision {
    kind == .cuda && name == "groupNorm" ? .full : .untouched
  }

  package func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) throws(TensorError) -> Tensor {
    try checkNormParameters(weight, bias, of: x, operation: name)
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.groupNorm(
      channelPlanes(x), weight: dense(weight), bias: dense(bias), groups: groups, eps: eps,
      to: output.viewed(as: channelShape(x)), mean: mean, rstd: rstd)
    return output
  }
}

/// Of the result's gradient and the input of a group norm, the input's gradient.
///
/// The gradients of weight and bias go to tensors that the operation holds, where they are asked for.
package struct GroupNormBackward: BinaryOperation {
  package let norm: GroupNorm
  package let weight: Tensor
  package let weightGradient: Tensor?
  package let biasGradient: Tensor?

  package init(_ norm: GroupNorm, weight: Tensor, weightGradient: Tensor?, biasGradient: Tensor?) {
    self.norm = norm
    self.weight = weight
    self.weightGradient = weightGradient
    self.biasGradient = biasGradient
  }

  package var name: String { "groupNormBackward" }

  package func forward(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.groupNormBackward(
      gradient: channelPlanes(cast(gradient, to: x.dtype)), channelPlanes(x), mean: norm.mean, rstd: norm.rstd,
      weight: dense(weight), groups: norm.groups, xGradient: output.viewed(as: channelShape(x)),
      weightGradient: weightGradient, biasGradient: biasGradient)
    return output
  }
}

/// The channels of each sample, divided into groups that are each shifted and scaled to mean 0 and variance 1, then times a
/// weight and plus a bias for each channel (Wu and He, 2018).
///
/// Computed in float32 for 16-bit floats.
///
/// - Parameters:
///   - x: Of shape [N, C, ...] and a floating dtype.
///   - numGroups: The number of groups; it must divide C.
///   - weight: Of shape [C] and the input's dtype, or float32 for inputs of 16 bits; nil stands for ones.
///   - bias: The same; nil stands for none.
///   - eps: Added to the variance.
public func groupNorm(
  _ x: Tensor, numGroups: Int, weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
) -> Tensor {
  checked { (scope) throws(TensorError) in
    let name = "groupNorm"
    try checkFloating(x, operation: name)
    guard x.rank >= 2 else {
      throw TensorError(.shape, name, "expected an input of shape [N, C, ...], but got \(x.shape)")
    }
    let channels = x.layout.shape[1]
    if numGroups < 1 || channels == 0 || channels % numGroups != 0 {
      throw TensorError(
        .shape, name,
        "expected numGroups \(numGroups) to divide the \(channels) channels of an input of shape \(x.shape)")
    }
    if x.layout.shape.dropFirst(2).contains(0) {
      throw TensorError(.shape, name, "expected elements in each channel, but got an input of shape \(x.shape)")
    }
    return try grouped(x, numGroups, weight, bias, eps, name, scope)
  }
}

private func grouped(
  _ x: Tensor, _ groups: Int, _ weight: Tensor?, _ bias: Tensor?, _ eps: Double, _ name: String, _ scope: Scope?
) throws(TensorError) -> Tensor {
  let channels = x.layout.shape[1]
  for (role, parameter) in [("weight", weight), ("bias", bias)] {
    try checkChannels(parameter, role, count: channels, operation: name)
  }
  let scale = try normWeight(weight, [channels], dtype: bias?.dtype, of: x, operation: name)
  let statistics: Dims = [x.layout.shape[0], groups]
  let norm = GroupNorm(
    groups: groups, eps: eps, mean: try normStatistics(statistics, of: x, operation: name),
    rstd: try normStatistics(statistics, of: x, operation: name), name: name)
  return try run(norm, x, scale, bias, in: scope)
}

/// Each channel of each sample shifted and scaled to mean 0 and variance 1, then times a weight and plus a bias for each
/// channel (Ulyanov, Vedaldi and Lempitsky, 2016).
///
/// Running statistics are changed in place as `batchNorm` changes them, by the means over the samples. Without
/// `useInputStats` they take the place of the input's.
///
/// - Parameters:
///   - x: Of shape [N, C, ...] and a floating dtype, with more than one value in each channel of a sample.
///   - runningMean: A number for each channel, [C], or nil.
///   - runningVar: The same; needs the other.
///   - weight: Of shape [C] and the input's dtype, or float32 for inputs of 16 bits; nil stands for ones.
///   - bias: The same; nil stands for none.
///   - useInputStats: Whether the statistics are the input's.
///   - momentum: The input's share of the running statistics.
///   - eps: Added to the variance.
public func instanceNorm(
  _ x: Tensor, runningMean: Tensor? = nil, runningVar: Tensor? = nil, weight: Tensor? = nil, bias: Tensor? = nil,
  useInputStats: Bool = true, momentum: Double = 0.1, eps: Double = 1e-5
) -> Tensor {
  checked { (scope) throws(TensorError) in
    let name = "instanceNorm"
    try checkFloating(x, operation: name)
    guard x.rank >= 2 else {
      throw TensorError(.shape, name, "expected an input of shape [N, C, ...], but got \(x.shape)")
    }
    let channels = x.layout.shape[1]
    for (role, parameter) in [("runningMean", runningMean), ("runningVar", runningVar)] {
      try checkChannels(parameter, role, count: channels, operation: name)
    }
    if (runningMean == nil) != (runningVar == nil) || (!useInputStats && runningMean == nil) {
      throw TensorError(.value, name, "expected both runningMean and runningVar where one is given or they are used")
    }
    if !useInputStats {
      return batchNorm(
        x, runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias, momentum: momentum, eps: eps)
    }
    if x.layout.shape.dropFirst(2).reduce(1, *) == 1 {
      throw TensorError(
        .shape, name, "expected more than 1 value in each channel of a sample, but got an input of shape \(x.shape)")
    }
    if x.count == 0 { return x.clone() }
    if let runningMean, let runningVar { try track(x, runningMean, runningVar, momentum) }
    return try grouped(x, channels, weight, bias, eps, name, scope)
  }
}

/// Gives running statistics their share of an input's, averaged over the samples.
private func track(
  _ x: Tensor, _ runningMean: Tensor, _ runningVar: Tensor, _ momentum: Double
) throws(TensorError) {
  let wide = x.dtype == .float64 ? DType.float64 : .float32
  let planes = try cast(channelPlanes(x), to: wide)
  let mean = try Mean(dims: [0, 2], keepDim: false).forward(planes)
  let variance = try Mean(dims: [0], keepDim: false).forward(
    Variance(dims: [2], correction: 1, keepDim: false).forward(planes))
  for (running, batch) in [(runningMean, mean), (runningVar, variance)] {
    let share = try Binary<Multiply>().forward(batch, Tensor(number: .float(momentum)))
    let rest = try Binary<Multiply>().forward(cast(running, to: wide), Tensor(number: .float(1 - momentum)))
    try running.backend.copy(Binary<Add>().forward(rest, share), to: running)
    running.storage.bumpVersion()
  }
}
