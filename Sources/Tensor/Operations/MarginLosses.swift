// Losses that ask for a margin between what should be apart, reduced. Autocast runs each in float32.

/// `max(0, -y * (a - b) + margin)`: for targets of 1, a should be the larger, for those of -1, b.
public func marginRankingLoss(
  _ a: Tensor, _ b: Tensor, _ target: Tensor, margin: Double = 0, reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    if a.rank != b.rank || a.rank != target.rank {
      throw TensorError(
        .shape, "marginRankingLoss",
        "expected operands of one rank, but got shapes \(a.shape), \(b.shape) and \(target.shape)")
    }
    let (a, b, y) = (try fullPrecision(a), try fullPrecision(b), try fullPrecision(target))
    return try reduced((-y * (a - b) + margin).clamp(min: 0), reduction)
  }
}

/// `1 - cos(a, b)` where the target is 1, and `max(0, cos(a, b) - margin)` where it is -1.
///
/// - Parameters:
///   - a: Vectors [N, D], or one [D].
///   - b: The others, of the same shape.
///   - target: 1 and -1, of shape [N], or [] for one pair.
///   - margin: What the cosine of unlike vectors may be, from -1 to 1.
///   - reduction: Whether the mean, the sum or every value is returned.
public func cosineEmbeddingLoss(
  _ a: Tensor, _ b: Tensor, _ target: Tensor, margin: Double = 0, reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    guard target.rank <= 1, a.rank == target.rank + 1, b.rank == a.rank else {
      throw TensorError(
        .shape, "cosineEmbeddingLoss",
        "expected inputs [N, D] and a target [N], or [D] and [], but got shapes \(a.shape), \(b.shape) and "
          + "\(target.shape)")
    }
    let (a, b, y) = (try fullPrecision(a), try fullPrecision(b), try fullPrecision(target))
    let eps = 1e-12
    let lengths = ((a * a).sum(dim: -1) + eps) * ((b * b).sum(dim: -1) + eps)
    let cosine = (a * b).sum(dim: -1) / lengths.sqrt()
    let losses = `where`(y .== 1, 1 - cosine, 0) + `where`(y .== -1, (cosine - margin).clamp(min: 0), 0)
    return try reduced(losses, reduction)
  }
}

/// For each row the sum of `max(0, margin - x[y] + x[i]) ** p` over the classes i other than the target y, divided by the
/// number of classes.
///
/// - Parameters:
///   - input: Scores [N, C] or [C].
///   - target: int64 classes [N] or [].
///   - p: 1 or 2.
///   - margin: By how much the target's score should be the largest.
///   - weight: A weight per class [C], that of the target counts.
///   - reduction: Whether the mean, the sum or every row's value is returned.
public func multiMarginLoss(
  _ input: Tensor, _ target: Tensor, p: Int = 1, margin: Double = 1, weight: Tensor? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "multiMarginLoss"
    if p != 1 && p != 2 { throw TensorError(.value, name, "expected p to be 1 or 2, but got \(p)") }
    try checkFloating(input, operation: name)
    let (x, y, isSingle) = try rowsAndClasses(input, target, isVector: false, operation: name)
    let classes = x.layout.shape[1]
    if let weight, weight.shape != [classes] {
      throw TensorError(
        .shape, name, "expected a weight for each of \(classes) classes, but got shape \(weight.shape)")
    }
    try checkClasses(y, count: classes, operation: name)
    let index = y.unsqueeze(dim: 1)
    var terms = (x - x.gather(dim: 1, index: index) + margin).clamp(min: 0)
    if p == 2 { terms = terms.square() }
    if let weight { terms = terms * weight.indexSelect(dim: 0, index: y).unsqueeze(dim: 1) }
    let isTarget = Tensor.arange(classes, device: x.device) .== index
    let losses = `where`(isTarget, 0, terms).sum(dim: 1) / classes
    return try reduced(isSingle && target.rank == 0 ? losses.squeeze(dim: 0) : losses, reduction)
  }
}

/// For each row the sum of `max(0, 1 - (x[j] - x[i]))` over its targets j and all classes i that are none, divided by the
/// number of classes.
///
/// - Parameters:
///   - input: Scores [N, C] or [C].
///   - target: int64 classes of the input's shape, of which those before the first -1 count.
///   - reduction: Whether the mean, the sum or every row's value is returned.
public func multilabelMarginLoss(_ input: Tensor, _ target: Tensor, reduction: Reduction = .mean) -> Tensor {
  checked { () throws(TensorError) in
    let name = "multilabelMarginLoss"
    try checkFloating(input, operation: name)
    let (x, y, isSingle) = try rowsAndClasses(input, target, isVector: true, operation: name)
    let classes = x.layout.shape[1]
    let counts = (y .< 0).cumsum(dim: 1) .== 0
    let labels = `where`(counts, y, 0)
    try checkClasses(labels, count: classes, operation: name)
    let isTarget =
      Tensor.zeros(x.shape, dtype: .int64, device: x.device)
      .scatterAdd(dim: 1, index: labels, source: counts.to(.int64)) .> 0
    let gaps = 1 - x.gather(dim: 1, index: labels).unsqueeze(dim: 2) + x.unsqueeze(dim: 1)
    let isPair = counts.unsqueeze(dim: 2).logicalAnd(isTarget.logicalNot().unsqueeze(dim: 1))
    let losses = `where`(isPair, gaps.clamp(min: 0), 0).sum(dims: [1, 2]) / classes
    return try reduced(isSingle ? losses.squeeze(dim: 0) : losses, reduction)
  }
}

/// The mean over classes of the binary cross entropy of logits and labels of 0 and 1.
///
/// - Parameters:
///   - input: Logits [..., C].
///   - target: Of the same shape.
///   - weight: A weight per class [C].
///   - reduction: Whether the mean, the sum or every row's value is returned.
public func multilabelSoftMarginLoss(
  _ input: Tensor, _ target: Tensor, weight: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    let (x, y) = (try fullPrecision(input), try fullPrecision(target))
    if x.rank == 0 {
      throw TensorError(.shape, "multilabelSoftMarginLoss", "expected an input of shape [..., C], but got []")
    }
    var losses = -(y * x.logSigmoid() + (1 - y) * (-x).logSigmoid())
    if let weight { losses = losses * (try fullPrecision(weight)) }
    return try reduced(losses.sum(dim: -1) / Swift.max(x.shape[x.rank - 1], 1), reduction)
  }
}

/// `max(0, d(anchor, positive) - d(anchor, negative) + margin)` for the p-norm distances d along the last dimension.
///
/// - Parameters:
///   - anchor: Vectors along the last dimension.
///   - positive: Vectors that should be near; shapes broadcast.
///   - negative: Vectors that should be far.
///   - margin: By how much they should be farther; positive.
///   - p: The norm of the distance.
///   - eps: Added to each difference.
///   - swap: Whether the negative's distance to the positive counts where it is the smaller one (Balntas et al., 2016).
///   - reduction: Whether the mean, the sum or every value is returned.
public func tripletMarginLoss(
  _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor, margin: Double = 1, p: Double = 2, eps: Double = 1e-6,
  swap: Bool = false, reduction: Reduction = .mean
) -> Tensor {
  checked { () throws(TensorError) in
    if anchor.rank != positive.rank || anchor.rank != negative.rank {
      throw TensorError(
        .shape, "tripletMarginLoss",
        "expected operands of one rank, but got shapes \(anchor.shape), \(positive.shape) and \(negative.shape)")
    }
    let (a, b, c) = (try fullPrecision(anchor), try fullPrecision(positive), try fullPrecision(negative))
    return tripletMarginWithDistanceLoss(a, b, c, margin: margin, swap: swap, reduction: reduction) {
      pairwiseDistance($0, $1, p: p, eps: eps)
    }
  }
}

/// `max(0, d(anchor, positive) - d(anchor, negative) + margin)` for a distance function d, by default `pairwiseDistance`.
///
/// - Parameters:
///   - anchor: What distances are measured from.
///   - positive: What should be near.
///   - negative: What should be far.
///   - margin: By how much it should be farther; positive.
///   - swap: Whether the negative's distance to the positive counts where it is the smaller one.
///   - reduction: Whether the mean, the sum or every value is returned.
///   - distance: A function of two tensors.
public func tripletMarginWithDistanceLoss(
  _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor, margin: Double = 1, swap: Bool = false,
  reduction: Reduction = .mean, distance: (Tensor, Tensor) -> Tensor = { pairwiseDistance($0, $1) }
) -> Tensor {
  checked { () throws(TensorError) in
    if !(margin > 0) {
      throw TensorError(.value, "tripletMarginLoss", "expected margin > 0, but got \(margin)")
    }
    let near = distance(anchor, positive)
    var far = distance(anchor, negative)
    if swap { far = far.minimum(distance(positive, negative)) }
    return try reduced((near - far + margin).clamp(min: 0), reduction)
  }
}

/// An input [N, C] or [C] as rows, with its target as a vector or rows.
private func rowsAndClasses(
  _ input: Tensor, _ target: Tensor, isVector: Bool, operation: String
) throws(TensorError) -> (input: Tensor, target: Tensor, isSingle: Bool) {
  let x = try fullPrecision(input)
  if target.dtype != .int64 {
    throw TensorError(.dtype, operation, "expected a target of dtype .int64, but got \(target.dtype)")
  }
  let isSingle = x.rank < 2
  let rows = isSingle ? x.reshape([1, x.count]) : x
  let expected = isVector ? rows.shape : [rows.shape[0]]
  guard x.rank <= 2, rows.shape[1] > 0, target.count == expected.reduce(1, *), target.rank <= expected.count else {
    throw TensorError(
      .shape, operation,
      "expected an input of shape [N, C] or [C] with its target, but got shapes \(input.shape) and "
        + "\(target.shape)")
  }
  return (rows, target.reshape(expected), isSingle)
}

/// Refuses classes outside of 0 up to, not including, `count`.
private func checkClasses(_ classes: Tensor, count: Int, operation: String) throws(TensorError) {
  if classes.count == 0 { return }
  let all = Dims(0..<classes.rank)
  for largest in [false, true] {
    let extreme = try Extremes(largest: largest, dims: all, keepDim: false).forward(classes).item(as: Int.self)
    if extreme < 0 || extreme >= count {
      throw TensorError(.index, operation, "target \(extreme) is out of bounds for \(count) classes")
    }
  }
}
