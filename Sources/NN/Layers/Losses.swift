/// A module that compares an input with a target; call it as a function of both.
///
/// ```swift
/// let loss = MSELoss()(model(x), y)
/// loss.backward()
/// ```
public protocol Loss: Module {
  /// The loss of an input against a target.
  func forward(_ input: Tensor, _ target: Tensor) -> Tensor
}

extension Loss {
  /// The loss of an input against a target.
  public func callAsFunction(_ input: Tensor, _ target: Tensor) -> Tensor { forward(input, target) }
}

/// The squared differences of input and target, averaged by default.
public final class MSELoss: Loss {
  /// How the elements' losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }
  /// Takes two tensors of one shape.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    mseLoss(input, target, reduction: reduction)
  }
}

/// The absolute differences of input and target, averaged by default.
public final class L1Loss: Loss {
  /// How the elements' losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(reduction: Reduction = .mean) { self.reduction = reduction }
  /// Takes two tensors of one shape.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    l1Loss(input, target, reduction: reduction)
  }
}

/// The negative log likelihood of classes, given log probabilities as `LogSoftmax` makes them.
public final class NLLLoss: Loss {
  /// A factor for each class, [classes], or nil.
  public let weight: Tensor?
  /// The class that counts for nothing.
  public let ignoreIndex: Int
  /// How the losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean) {
    self.weight = weight
    self.ignoreIndex = ignoreIndex
    self.reduction = reduction
  }
  /// Takes log probabilities [batch, classes, ...] and int64 classes [batch, ...].
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    nllLoss(input, target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction)
  }
}

/// The cross entropy of classes or class probabilities, given logits: `LogSoftmax` and `NLLLoss` in one.
public final class CrossEntropyLoss: Loss {
  /// A factor for each class, [classes], or nil.
  public let weight: Tensor?
  /// The class that counts for nothing.
  public let ignoreIndex: Int
  /// How the losses are joined.
  public let reduction: Reduction
  /// The share of the probability that is spread over all classes.
  public let labelSmoothing: Double
  /// Makes the loss.
  public init(
    weight: Tensor? = nil, ignoreIndex: Int = -100, reduction: Reduction = .mean, labelSmoothing: Double = 0
  ) {
    self.weight = weight
    self.ignoreIndex = ignoreIndex
    self.reduction = reduction
    self.labelSmoothing = labelSmoothing
  }
  /// Takes logits [batch, classes, ...] and int64 classes [batch, ...] or probabilities of the input's shape.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    crossEntropy(
      input, target, weight: weight, ignoreIndex: ignoreIndex, reduction: reduction, labelSmoothing: labelSmoothing)
  }
}

/// The binary cross entropy of probabilities, given logits: `Sigmoid` and the entropy in one, without overflow.
public final class BCEWithLogitsLoss: Loss {
  /// A factor for each element, broadcast, or nil.
  public let weight: Tensor?
  /// A factor for positive targets, broadcast, or nil.
  public let posWeight: Tensor?
  /// How the elements' losses are joined.
  public let reduction: Reduction
  /// Makes the loss.
  public init(weight: Tensor? = nil, posWeight: Tensor? = nil, reduction: Reduction = .mean) {
    self.weight = weight
    self.posWeight = posWeight
    self.reduction = reduction
  }
  /// Takes logits and targets between 0 and 1 of one shape.
  public func forward(_ input: Tensor, _ target: Tensor) -> Tensor {
    binaryCrossEntropyWithLogits(input, target, weight: weight, posWeight: posWeight, reduction: reduction)
  }
}
