// Losses of three tensors that ask for a margin, as modules. The functions of their names tell the formulas.

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
