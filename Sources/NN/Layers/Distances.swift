// Measures of two tensors, as modules.

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
