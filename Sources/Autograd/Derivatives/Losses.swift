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

extension CrossEntropy: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .second, .third, .operation] }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    checked(or: Gradients(nil)) { () throws(TensorError) in
      if context.needs(.third) {
        throw TensorError(.autograd, name, "the derivative for weight is not implemented; detach() it")
      }
      let (x, target, weight) = (context.first, context.second, context.optionalThird)
      if Scope.isGradEnabled { return Gradients(differentiable(gradient, x, target, weight)) }
      return Gradients(try run(CrossEntropyBackward(self, target: target, weight: weight), gradient, x))
    }
  }

  /// The same by public operations: the softmax times each row's weight, less what belongs to each class.
  private func differentiable(_ gradient: Tensor, _ x: Tensor, _ target: Tensor, _ weight: Tensor?) -> Tensor {
    let dim = Swift.min(x.rank - 1, 1)
    let count = x.shape[dim]
    let isCounted = (target.long() .!= ignoreIndex).unsqueeze(dim: dim)
    let classes = target.long().unsqueeze(dim: dim).kept(where: isCounted)
    var columns = [Int](repeating: 1, count: x.rank)
    columns[dim] = count
    let weights = (weight?.to(x.dtype) ?? Tensor.ones([count], dtype: x.dtype, device: x.device)).reshape(columns)
    let own = weights.expand(x.shape).gather(dim: dim, index: classes).kept(where: isCounted)
    var slope = gradient.rank == 0 ? gradient : gradient.unsqueeze(dim: dim)
    // Where nothing counts the mean is NaN, but no element has a part in it.
    if case .mean = reduction { slope = slope / `where`(isCounted.any(), own.sum(), 1) }

    let share = labelSmoothing / Double(count)
    var goal = Tensor.zerosLike(x).scatter(dim: dim, index: classes, source: own * (1 - labelSmoothing))
    if share != 0 { goal = goal + (weights * share).kept(where: isCounted) }
    if takesLogProbabilities { return -(slope * goal) }
    var scale = own * (1 - labelSmoothing)
    if share != 0 { scale = scale + (weights.sum() * share).kept(where: isCounted) }
    return slope * ((x.softmax(dim: dim) * scale).kept(where: isCounted) - goal)
  }
}
