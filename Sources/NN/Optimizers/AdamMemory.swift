internal import CTensorKernels

/// What Adam and AdamW remember of a parameter, and the step they share.
struct AdamMemory: Sendable {
  /// How many steps were made: float32 and zero-dim, on the parameter's device, where a step may be left out.
  var step: Tensor
  /// The running mean of the gradients.
  var average: Tensor
  /// The running mean of their squares.
  var square: Tensor
  /// The largest running mean of squares so far, with amsgrad.
  var maxSquare: Tensor?

  private init(of parameter: Tensor) throws(TensorError) {
    step = try zeroSteps(like: parameter)
    average = try AdamMemory.zeros(like: parameter)
    square = try AdamMemory.zeros(like: parameter)
  }

  private static func zeros(like parameter: Tensor) throws(TensorError) -> Tensor {
    let zeros = try parameter.emptyTwin(for: "Adam")
    try zeros.backend.fill(zeros, with: .int(0))
    return zeros
  }

  static func step(
    _ slots: inout [ParameterStates<Adam.Options, AdamMemory>.Slot], options: Adam.Options, isDecoupled: Bool,
    unless foundInf: Tensor?
  ) throws(TensorError) {
    var batches: [StepBatch] = []
    for i in slots.indices {
      let parameter = slots[i].parameter
      guard let gradient = parameter.grad else { continue }
      let operands = try StepOperands(parameter, gradient)
      var memory = if let old = slots[i].memory { old } else { try AdamMemory(of: operands.target) }
      memory.step = try memory.step.moved(to: operands.target)
      memory.average = try memory.average.matching(operands.target)
      memory.square = try memory.square.matching(operands.target)
      let batch = batches.position(of: parameter)
      batches[batch].add(parameter, operands)
      batches[batch].first.append(memory.average)
      batches[batch].second.append(memory.square)
      batches[batch].steps.append(memory.step)
      if options.amsgrad {
        let largest = if let old = memory.maxSquare { old } else { try zeros(like: operands.target) }
        memory.maxSquare = try largest.matching(operands.target)
        batches[batch].third.append(memory.maxSquare!)
      }
      slots[i].memory = memory
    }
    for batch in batches {
      try batch.backend.adam(
        AdamStep(
          parameters: batch.targets, gradients: batch.gradients, averages: batch.first, squares: batch.second,
          maxSquares: batch.third, steps: batch.steps),
        options: st_adam_options(
          lr: options.lr, beta1: options.beta1, beta2: options.beta2, eps: options.eps,
          weight_decay: options.weightDecay, decoupled: isDecoupled, amsgrad: options.amsgrad,
          maximize: options.maximize, step: 0), foundInf: foundInf?.moved(to: batch.targets[0]))
      try batch.finish()
    }
  }
}

// MARK: - Saving and loading

extension AdamMemory {
  /// By PyTorch's names.
  var tensors: [(String, Tensor)] {
    var tensors = [
      ("step", step.clone()), ("exp_avg", average), ("exp_avg_sq", square),
    ]
    if let maxSquare { tensors.append(("max_exp_avg_sq", maxSquare)) }
    return tensors
  }

  init(_ reader: StateReader) throws(TensorError) {
    step = try reader.steps("step")
    average = try reader.required("exp_avg")
    square = try reader.required("exp_avg_sq")
    maxSquare = try reader.tensor("max_exp_avg_sq")
  }
}
