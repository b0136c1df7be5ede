package import Tensor

extension Softmax: Differentiable {
  package func saved(for needed: Operands) -> Operands { .output }
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(rows(gradient, context.output, SoftmaxBackward(dim: dim, logarithm: false)))
  }
}

extension LogSoftmax: Differentiable {
  package func saved(for needed: Operands) -> Operands { .output }
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(rows(gradient, context.output, SoftmaxBackward(dim: dim, logarithm: true)))
  }
}

/// A zero-dim result is constant.
private func rows(_ gradient: Tensor, _ output: Tensor, _ operation: SoftmaxBackward) -> Tensor {
  output.rank == 0 ? Tensor.zerosLike(gradient) : apply(operation, gradient, output)
}

extension SoftmaxBackward: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .second] }

  package func backward(_ u: Tensor, _ context: BackwardContext) -> Gradients {
    let (g, y) = (context.first, context.second)
    if logarithm {
      // g - e^y sum(g)
      let p = y.exp()
      return context.gradients(
        u - (u * p).sum(dim: dim, keepDim: true), -u * p * g.sum(dim: dim, keepDim: true))
    }
    // y (g - sum(g y))
    return context.gradients(
      apply(SoftmaxBackward(dim: dim, logarithm: false), u, y),
      u * (g - (g * y).sum(dim: dim, keepDim: true)) - g * (u * y).sum(dim: dim, keepDim: true))
  }
}
