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
