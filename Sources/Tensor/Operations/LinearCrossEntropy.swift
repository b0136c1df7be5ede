/// The cross entropy of `linear(input, linearWeight, linearBias)` as logits: a language model's last layer and its loss.
///
/// - Parameters:
///   - input: Of shape [N, inFeatures], or [inFeatures] with a target of one sample.
///   - linearWeight: Of shape [C, inFeatures], or [C, d1, ..., inFeatures] for a loss at each of d1, ... places.
///   - target: int64 classes without the dimension C, or probabilities of the logits' shape [N, C, d1, ...].
///   - linearBias: Of the weight's shape less its last dimension.
///   - weight: A weight per class [C].
///   - ignoreIndex: The class whose rows count nothing, only for classes; nil stands for -100.
///   - reduction: As for `crossEntropy`.
///   - labelSmoothing: The share of each target, from 0 to 1, that is spread over all classes evenly.
///
/// Memory: the logits, N times C times d1 ... elements.
public func linearCrossEntropy(
  _ input: Tensor, _ linearWeight: Tensor, _ target: Tensor, linearBias: Tensor? = nil, weight: Tensor? = nil,
  ignoreIndex: Int? = nil, reduction: Reduction = .mean, labelSmoothing: Double = 0
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "linearCrossEntropy"
    guard 1...2 ~= input.rank, linearWeight.rank >= 2, input.rank == 2 || linearWeight.rank == 2,
      input.shape.last == linearWeight.shape.last,
      linearBias.map({ $0.shape == linearWeight.shape.dropLast() }) ?? true
    else {
      throw TensorError(
        .shape, name,
        "expected an input [N, F] or [F], a linearWeight [C, F], or [C, ..., F] for inputs [N, F], and a linearBias of "
          + "that shape without F, but got shapes \(input.shape), \(linearWeight.shape) and "
          + "\(linearBias.map { "\($0.shape)" } ?? "none")")
    }
    let shape = Array(input.shape.dropLast() + linearWeight.shape.dropLast())
    if let ignoreIndex, target.shape == shape {
      throw TensorError(.value, name, "ignoreIndex \(ignoreIndex) is for target classes, not for probabilities")
    }
    let outputs = linearWeight.shape.dropLast().reduce(1, *)
    let logits = linear(
      input, linearWeight.reshape([outputs, input.shape.last!]), linearBias.map { $0.reshape([outputs]) })
    return crossEntropy(
      logits.reshape(shape), target, weight: weight, ignoreIndex: ignoreIndex ?? -100, reduction: reduction,
      labelSmoothing: labelSmoothing)
  }
}
