/// The connectionist temporal classification loss (Graves et al., 2006): the negative log-probability of a text, whatever
/// the alignment of its letters with the steps of an input is.
///
/// It goes over the steps with tensors of [N, 2 S + 1], so that it runs on any device and has derivatives of any order, and takes
/// memory for each step. The gradient takes the input for a result of `logSoftmax`, as PyTorch's does: the probabilities less
/// their share in all ways to write the text, which sums to 0 over the classes.
///
/// - Parameters:
///   - logProbabilities: Of shape [T, N, C] or [T, C], as `logSoftmax` gives.
///   - targets: Classes but the blank, int64 or int32: [N, S], or those of all texts one after the other.
///   - inputLengths: How many steps of each input count.
///   - targetLengths: The length of each text.
///   - blank: The class that stands for no letter.
///   - reduction: `.mean` divides each loss by the length of its text first.
///   - zeroInfinity: Whether a text that is too long for its input counts 0, with no gradient, instead of infinity.
public func ctcLoss(
  _ logProbabilities: Tensor, _ targets: Tensor, inputLengths: [Int], targetLengths: [Int], blank: Int = 0,
  reduction: Reduction = .mean, zeroInfinity: Bool = false
) -> Tensor {
  checked { () throws(TensorError) in
    try checkFloating(logProbabilities, operation: "ctcLoss")
    let isSingle = logProbabilities.rank == 2
    let logs = try fullPrecision(isSingle ? logProbabilities.unsqueeze(dim: 1) : logProbabilities)
    let task = try CTC(
      logs, isSingle && targets.rank == 1 ? targets.unsqueeze(dim: 0) : targets, inputLengths, targetLengths, blank)
    var losses = task.losses()
    if logs.isRecorded { losses = losses + task.slopesOfSums() }
    if zeroInfinity { losses = losses.where(losses .!= Double.infinity, 0) }
    switch reduction {
    case .none: return isSingle ? losses.squeeze(dim: 0) : losses
    case .sum: return try reduced(losses, .sum)
    case .mean:
      let lengths = targetLengths.map { Double(Swift.max($0, 1)) }
      return try reduced(losses / Tensor(lengths, dtype: losses.dtype, device: losses.device), .mean)
    }
  }
}

/// The same with lengths in tensors, which are read: that waits for the device.
public func ctcLoss(
  _ logProbabilities: Tensor, _ targets: Tensor, inputLengths: Tensor, targetLengths: Tensor, blank: Int = 0,
  reduction: Reduction = .mean, zeroInfinity: Bool = false
) -> Tensor {
  ctcLoss(
    logProbabilities, targets, inputLengths: inputLengths.flatten().array(as: Int.self),
    targetLengths: targetLengths.flatten().array(as: Int.self), blank: blank, reduction: reduction,
    zeroInfinity: zeroInfinity)
}

/// A batch of inputs [T, N, C] and texts.
///
/// A text's states are its letters and blanks in turn, from blank to blank.
private struct CTC {
  let logs: Tensor
  /// The class of each state, [N, 2 S + 1].
  let states: Tensor
  let inputLengths: [Int]
  let targetLengths: [Int]
  let blank: Int

  init(
    _ logs: Tensor, _ targets: Tensor, _ inputLengths: [Int], _ targetLengths: [Int], _ blank: Int
  ) throws(TensorError) {
    let name = "ctcLoss"
    guard logs.rank == 3 else {
      throw TensorError(.shape, name, "expected log-probabilities [T, N, C] or [T, C], but got shape \(logs.shape)")
    }
    let (steps, batch, classes) = (logs.shape[0], logs.shape[1], logs.shape[2])
    guard targets.dtype == .int64 || targets.dtype == .int32 else {
      throw TensorError(.dtype, name, "expected targets of dtype .int64 or .int32, but got \(targets.dtype)")
    }
    guard inputLengths.count == batch, targetLengths.count == batch else {
      throw TensorError(
        .value, name,
        "expected \(batch) lengths, but got \(inputLengths.count) of inputs and \(targetLengths.count) of targets")
    }
    guard blank >= 0, blank < classes else {
      throw TensorError(.value, name, "expected a blank from 0 up to, not including, \(classes), but got \(blank)")
    }
    if let wrong = inputLengths.first(where: { $0 < 0 || $0 > steps }) {
      throw TensorError(.value, name, "an input's length of \(wrong) is not from 0 to \(steps)")
    }
    let longest = targetLengths.max() ?? 0
    let isPadded = targets.rank == 2
    let total = targetLengths.reduce(0, +)
    guard targetLengths.allSatisfy({ $0 >= 0 }),
      isPadded ? targets.shape[0] == batch && targets.shape[1] >= longest : targets.rank == 1 && targets.count == total
    else {
      throw TensorError(
        .shape, name, "targets of shape \(targets.shape) do not hold texts of the lengths \(targetLengths)")
    }
    // Where each letter stands among the targets; past a text's end, any.
    var places: [Int] = []
    var start = 0
    for (row, length) in targetLengths.enumerated() {
      let first = isPadded ? row * targets.shape[1] : start
      places += (0..<longest).map { $0 < length ? first + $0 : 0 }
      start += length
    }
    let flat = targets.to(.int64).flatten()
    let letters =
      flat.count == 0
      ? Tensor.zeros([batch, longest], dtype: .int64, device: logs.device)
      : flat.indexSelect(dim: 0, index: Tensor(places, dtype: .int64, device: logs.device)).reshape([batch, longest])
    let blanks = Tensor.full([batch, longest, 1], blank, dtype: .int64, device: logs.device)
    states = cat(
      [
        cat([blanks, letters.unsqueeze(dim: 2)], dim: 2).flatten(startDim: 1),
        Tensor.full([batch, 1], blank, dtype: .int64, device: logs.device),
      ], dim: 1)
    self.logs = logs
    self.inputLengths = inputLengths
    self.targetLengths = targetLengths
    self.blank = blank
  }

  /// The loss of each text, [N].
  func losses() -> Tensor {
    let (steps, batch, count) = (logs.shape[0], logs.shape[1], states.shape[1])
    let device = logs.device
    let integers = { (values: [Int]) in Tensor(values, dtype: .int64, device: device).unsqueeze(dim: 1) }
    let impossible = Tensor.full([batch, count], -Double.infinity, dtype: logs.dtype, device: device)
    let lengths = integers(targetLengths)
    guard steps > 0 else { return none(lengths) }
    let emitted = logs.gather(dim: 2, index: states.unsqueeze(dim: 0).expand(steps, batch, count))
    let places = Tensor.arange(count, device: device)
    // A letter may follow another one at once, but for its own repetition.
    let earlier = states.gather(dim: 1, index: (places - 2).clamp(min: 0).expand(batch, count))
    let skips = (states .!= blank).logicalAnd(states .!= earlier).logicalAnd(places .>= 2)
    let moved = { (x: Tensor, by: Int) in
      count <= by
        ? impossible
        : cat(
          [impossible.narrow(dim: 1, start: 0, length: by), x.narrow(dim: 1, start: 0, length: count - by)], dim: 1)
    }
    // The log-probability of all ways to each state.
    var reached = emitted[0].where((places .< 2).logicalAnd(places .<= lengths * 2), impossible)
    let inputs = integers(inputLengths)
    for step in 1..<Swift.max(steps, 1) {
      let ways = reached.logAddExp(moved(reached, 1)).logAddExp(moved(reached, 2).where(skips, impossible))
      reached = (ways + emitted[step]).where(inputs .> step, reached)
    }
    let last = reached.gather(dim: 1, index: lengths * 2)
    let before = reached.gather(dim: 1, index: (lengths * 2 - 1).clamp(min: 0)).where(lengths .> 0, -Double.infinity)
    let losses = -last.logAddExp(before)
    return losses.squeeze(dim: 1).where(inputs.squeeze(dim: 1) .> 0, none(lengths))
  }

  /// Zeros with the gradient of the probabilities' sums over the steps that count.
  func slopesOfSums() -> Tensor {
    let counts = Tensor(inputLengths, dtype: .int64, device: logs.device)
    let counted = Tensor.arange(logs.shape[0], device: logs.device).unsqueeze(dim: 1) .< counts
    let sums = logs.exp().sum(dim: 2).where(counted, 0).sum(dim: 0)
    return sums - Tensor(aliasing: sums)
  }

  /// The losses of inputs without steps, which only hold empty texts.
  private func none(_ lengths: Tensor) -> Tensor {
    let zero = Tensor.zeros([lengths.shape[0]], dtype: logs.dtype, device: logs.device)
    return zero.where(lengths.squeeze(dim: 1) .== 0, Double.infinity)
  }
}
