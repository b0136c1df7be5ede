// Losses of three tensors, and measures of two, as modules.

/// max(0, -y (a - b) + margin): the first should be the larger where the target is 1, the second where it is -1.
public final class MarginRankingLoss: Module {
  /// The margin.
  public let margin: Double
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(margin: Double = 0, reduction: Reduction = .mean) {
    self.margin = margin
    self.reduction = reduction
  }
  /// Takes two tensors and targets of 1 and -1, of one rank.
  public func callAsFunction(_ a: Tensor, _ b: Tensor, _ target: Tensor) -> Tensor {
    marginRankingLoss(a, b, target, margin: margin, reduction: reduction)
  }
}

/// 1 - cos(a, b) where the target is 1, and max(0, cos(a, b) - margin) where it is -1.
public final class CosineEmbeddingLoss: Module {
  /// The margin.
  public let margin: Double
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(margin: Double = 0, reduction: Reduction = .mean) {
    self.margin = margin
    self.reduction = reduction
  }
  /// Takes vectors [N, D], [N, D] and targets [N] of 1 and -1.
  public func callAsFunction(_ a: Tensor, _ b: Tensor, _ target: Tensor) -> Tensor {
    cosineEmbeddingLoss(a, b, target, margin: margin, reduction: reduction)
  }
}

/// max(0, d(anchor, positive) - d(anchor, negative) + margin) for p-norm distances d.
public final class TripletMarginLoss: Module {
  /// The margin.
  public let margin: Double
  /// The norm of the distance.
  public let p: Double
  /// Added to each difference.
  public let eps: Double
  /// Whether the distance of negative and positive counts where it is the smaller one.
  public let swap: Bool
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(
    margin: Double = 1, p: Double = 2, eps: Double = 1e-6, swap: Bool = false, reduction: Reduction = .mean
  ) {
    self.margin = margin
    self.p = p
    self.eps = eps
    self.swap = swap
    self.reduction = reduction
  }
  /// Takes vectors along the last dimension.
  public func callAsFunction(_ anchor: Tensor, _ positive: Tensor, _ negative: Tensor) -> Tensor {
    tripletMarginLoss(
      anchor, positive, negative, margin: margin, p: p, eps: eps, swap: swap, reduction: reduction)
  }
}

/// The negative log-likelihood of targets under normal distributions.
public final class GaussianNLLLoss: Module {
  /// Whether the constant term is added.
  public let full: Bool
  /// The least variance.
  public let eps: Double
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(full: Bool = false, eps: Double = 1e-6, reduction: Reduction = .mean) {
    self.full = full
    self.eps = eps
    self.reduction = reduction
  }
  /// Takes means, targets and variances.
  public func callAsFunction(_ input: Tensor, _ target: Tensor, _ variance: Tensor) -> Tensor {
    gaussianNLLLoss(input, target, variance: variance, full: full, eps: eps, reduction: reduction)
  }
}

/// max(0, d(anchor, positive) - d(anchor, negative) + margin) for a distance function d.
public final class TripletMarginWithDistanceLoss: Module {
  /// A function of two tensors.
  public let distance: @Sendable (Tensor, Tensor) -> Tensor
  /// The margin.
  public let margin: Double
  /// Whether the distance of negative and positive counts where it is the smaller one.
  public let swap: Bool
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss; the distance is `pairwiseDistance` unless another is given.
  public init(
    distance: @escaping @Sendable (Tensor, Tensor) -> Tensor = { pairwiseDistance($0, $1) }, margin: Double = 1,
    swap: Bool = false, reduction: Reduction = .mean
  ) {
    self.distance = distance
    self.margin = margin
    self.swap = swap
    self.reduction = reduction
  }
  /// Takes what the distance takes.
  public func callAsFunction(_ anchor: Tensor, _ positive: Tensor, _ negative: Tensor) -> Tensor {
    tripletMarginWithDistanceLoss(
      anchor, positive, negative, margin: margin, swap: swap, reduction: reduction, distance: distance)
  }
}

/// The cosine of the angle between vectors along a dimension.
public final class CosineSimilarity: Module {
  /// The dimension of the vectors.
  public let dim: Int
  /// The least length that a vector is divided by.
  public let eps: Double
  /// Makes the measure.
  public init(dim: Int = 1, eps: Double = 1e-8) {
    self.dim = dim
    self.eps = eps
  }
  /// Takes two tensors whose shapes broadcast, and removes the dimension.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { cosineSimilarity(a, b, dim: dim, eps: eps) }
}

/// The p-norm of the differences of vectors along the last dimension.
public final class PairwiseDistance: Module {
  /// The norm.
  public let p: Double
  /// Added to each difference.
  public let eps: Double
  /// Whether the last dimension stays with size 1.
  public let keepDim: Bool
  /// Makes the measure.
  public init(p: Double = 2, eps: Double = 1e-6, keepDim: Bool = false) {
    self.p = p
    self.eps = eps
    self.keepDim = keepDim
  }
  /// Takes two tensors whose shapes broadcast.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor {
    pairwiseDistance(a, b, p: p, eps: eps, keepDim: keepDim)
  }
}

/// The connectionist temporal classification loss: the negative log-probability of a text over all alignments.
public final class CTCLoss: Module {
  /// The class that stands for no letter.
  public let blank: Int
  /// How the losses are joined.
  public let reduction: Reduction
  /// Whether a text that is too long for its input counts 0 instead of infinity.
  public let zeroInfinity: Bool
  /// Makes the loss.
  public init(blank: Int = 0, reduction: Reduction = .mean, zeroInfinity: Bool = false) {
    self.blank = blank
    self.reduction = reduction
    self.zeroInfinity = zeroInfinity
  }
  /// Takes log-probabilities [T, N, C], texts [N, S] or one after the other, and the lengths of both.
  public func callAsFunction(
    _ logProbabilities: Tensor, _ targets: Tensor, inputLengths: [Int], targetLengths: [Int]
  ) -> Tensor {
    ctcLoss(
      logProbabilities, targets, inputLengths: inputLengths, targetLengths: targetLengths, blank: blank,
      reduction: reduction, zeroInfinity: zeroInfinity)
  }
}
