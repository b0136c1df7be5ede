package import Tensor

// A convolution, its input's gradient and its weight's are the three products of one sum over x, weight and gradient.

extension Convolution: Differentiable {
  package func saved(for needed: Operands) -> Operands {
    Operands.second.when(needed, has: .first).union(Operands.first.when(needed, has: .second))
  }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(
      apply(ConvolutionInputGradient(options, shape: context.shape(0)), gradient, context.second),
      apply(ConvolutionWeightGradient(options, shape: context.shape(1)), gradient, context.first),
      gradient.sum(dims: [0, 2, 3]))
  }
}

extension ConvolutionInputGradient: Differentiable {
  package func saved(for needed: Operands) -> Operands {
    Operands.second.when(needed, has: .first).union(Operands.first.when(needed, has: .second))
  }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(
      apply(Convolution(options), gradient, context.second, nil),
      apply(ConvolutionWeightGradient(options, shape: context.shape(1)), context.first, gradient))
  }
}

extension ConvolutionWeightGradient: Differentiable {
  package func saved(for needed: Operands) -> Operands {
    Operands.second.when(needed, has: .first).union(Operands.first.when(needed, has: .second))
  }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(
      apply(Convolution(options), context.second, gradient, nil),
      apply(ConvolutionInputGradient(options, shape: context.shape(1)), context.first, gradient))
  }
}
