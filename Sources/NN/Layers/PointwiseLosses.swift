// Losses of an input and a target, as modules. The functions of their names tell the formulas.

/// The binary cross entropy of probabilities.
public final class BCELoss: Loss {
  /// A factor for each element, broadcast, or nil.
  public let weight: Tensor?
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(weight: Tensor? = nil, reduction: Reduction = .mean) {
    self.weight = weight
    self.reduction = reduction
  }
  /// Takes probabilities and targets between 0 and 1 of one shape.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    binaryCrossEntropy(input, target, weight: weight, reduction: reduction)
  }
}

/// Squared differences below beta, absolute ones above.
public final class SmoothL1Loss: Loss {
  /// Where both meet.
  public let beta: Double
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(beta: Double = 1, reduction: Reduction = .mean) {
    self.beta = beta
    self.reduction = reduction
  }
  /// Takes two tensors of one shape.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    smoothL1Loss(input, target, reduction: reduction, beta: beta)
  }
}

/// Squared differences below delta, absolute ones above, times delta.
public final class HuberLoss: Loss {
  /// Where both meet.
  public let delta: Double
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(delta: Double = 1, reduction: Reduction = .mean) {
    self.delta = delta
    self.reduction = reduction
  }
  /// Takes two tensors of one shape.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    huberLoss(input, target, reduction: reduction, delta: delta)
  }
}

/// The negative log-likelihood of counts under Poisson's distribution.
public final class PoissonNLLLoss: Loss {
  /// Whether inputs are logarithms.
  public let logInput: Bool
  /// Whether Stirling's term is added.
  public let full: Bool
  /// Keeps the logarithm of 0 finite.
  public let eps: Double
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(logInput: Bool = true, full: Bool = false, eps: Double = 1e-8, reduction: Reduction = .mean) {
    self.logInput = logInput
    self.full = full
    self.eps = eps
    self.reduction = reduction
  }
  /// Takes rates or their logarithms and counts.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    poissonNLLLoss(input, target, logInput: logInput, full: full, eps: eps, reduction: reduction)
  }
}

/// log(1 + exp(-y x)) for targets y of 1 and -1.
public final class SoftMarginLoss: Loss {
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(reduction: Reduction = .mean) {
    self.reduction = reduction
  }
  /// Takes two tensors of one shape.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    softMarginLoss(input, target, reduction: reduction)
  }
}

/// The input for targets of 1, and max(0, margin - input) for those of -1.
public final class HingeEmbeddingLoss: Loss {
  /// The margin.
  public let margin: Double
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(margin: Double = 1, reduction: Reduction = .mean) {
    self.margin = margin
    self.reduction = reduction
  }
  /// Takes distances and targets of 1 and -1.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    hingeEmbeddingLoss(input, target, margin: margin, reduction: reduction)
  }
}

/// A hinge loss of classes: see `multiMarginLoss(_:_:p:margin:weight:reduction:)`.
public final class MultiMarginLoss: Loss {
  /// The power of the hinge, 1 or 2.
  public let p: Int
  /// The margin.
  public let margin: Double
  /// A factor for each class, [classes], or nil.
  public let weight: Tensor?
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(p: Int = 1, margin: Double = 1, weight: Tensor? = nil, reduction: Reduction = .mean) {
    self.p = p
    self.margin = margin
    self.weight = weight
    self.reduction = reduction
  }
  /// Takes scores [N, C] and int64 classes [N].
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    multiMarginLoss(input, target, p: p, margin: margin, weight: weight, reduction: reduction)
  }
}

/// A hinge loss of several classes a row: see `multilabelMarginLoss(_:_:reduction:)`.
public final class MultiLabelMarginLoss: Loss {
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(reduction: Reduction = .mean) {
    self.reduction = reduction
  }
  /// Takes scores [N, C] and int64 classes [N, C], of which those before the first -1 count.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    multilabelMarginLoss(input, target, reduction: reduction)
  }
}

/// The mean over classes of the binary cross entropy of logits.
public final class MultiLabelSoftMarginLoss: Loss {
  /// A factor for each class, [classes], or nil.
  public let weight: Tensor?
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(weight: Tensor? = nil, reduction: Reduction = .mean) {
    self.weight = weight
    self.reduction = reduction
  }
  /// Takes logits and targets of 0 and 1 of one shape [..., C].
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    multilabelSoftMarginLoss(input, target, weight: weight, reduction: reduction)
  }
}

/// The pointwise divergence of Kullback and Leibler of log-probabilities and probabilities.
public final class KLDivLoss: Loss {
  /// How the losses are joined; `.batchMean` is the mathematical definition.
  public let reduction: KLReduction
  /// Whether targets are logarithms too.
  public let logTarget: Bool
  /// Makes the loss.
  public init(reduction: KLReduction = .mean, logTarget: Bool = false) {
    self.reduction = reduction
    self.logTarget = logTarget
  }
  /// Takes log-probabilities and probabilities of one shape.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    klDiv(input, target, reduction: reduction, logTarget: logTarget)
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
