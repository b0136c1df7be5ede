package import Tensor

extension MSELoss: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .second] }

  // 2 (input - target), divided by the number of elements for the mean.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let difference = context.first - context.second
    let scale = if case .mean = reduction { 2 / Double(difference.count) } else { 2.0 }
    let ofInput = difference * scale * gradient
    return context.gradients(ofInput, -ofInput)
  }
}

extension NLLLoss: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.second, .third] }

  // Minus its weight at each target's class, divided by the sum of weights for the mean.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    checked(or: Gradients(nil)) { () throws(TensorError) in
      if context.needs(.third) {
        throw TensorError(.autograd, name, "the derivative for weight is not implemented; detach() it")
      }
      let shape = context.shape()
      let dim = Swift.min(shape.count - 1, 1)
      let picked = try PickedClasses(context.second, count: shape[dim], ignoreIndex: ignoreIndex, operation: name)
      var weights = try picked.weights(context.optionalThird, dtype: gradient.dtype)
      if case .mean = reduction { weights = weights / weights.sum() }
      let values = (gradient * -weights).kept(where: picked.isCounted)
      return Gradients(
        try run(
          Scatter(dim: dim, adding: true), gradient.zeros(shape), run(Unsqueeze(dim: dim), picked.classes),
          run(Unsqueeze(dim: dim), values)))
    }
  }
}
