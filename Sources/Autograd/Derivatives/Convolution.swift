package import Tensor

// A convolution, its transpose and its weight's gradient are the three products of one sum over x, weight and gradient.

extension Convolution: Differentiable {
  package func saved(for needed: Operands) -> Operands { savedByProducts(needed) }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(
      apply(TransposedConvolution(options, shape: context.shape(0)), gradient, context.second, nil),
      apply(ConvolutionWeightGradient(options, shape: context.shape(1)), gradient, context.first),
      sumOfChannels(gradient))
  }
}

extension TransposedConvolution: Differentiable {
  package func saved(for needed: Operands) -> Operands { savedByProducts(needed) }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(
      convolved(options, gradient, context.second, context.shape(0)),
      apply(ConvolutionWeightGradient(options, shape: context.shape(1)), context.first, gradient),
      sumOfChannels(gradient))
  }
}

extension ConvolutionWeightGradient: Differentiable {
  package func saved(for needed: Operands) -> Operands { savedByProducts(needed) }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(
      convolved(options, context.second, gradient, context.shape(0)),
      apply(TransposedConvolution(options, shape: context.shape(1)), context.first, gradient, nil))
  }
}

/// A convolution's places up to those of `shape`: of a transposed one's result there may be more than it was made from.
private func convolved(_ options: ConvolutionOptions, _ x: Tensor, _ weight: Tensor, _ shape: Dims) -> Tensor {
  var result = apply(Convolution(options), x, weight, nil)
  for dim in 2..<shape.count where result.shape[dim] > shape[dim] {
    result = result.narrow(dim: dim, start: 0, length: shape[dim])
  }
  return result
}

/// The gradient of either operand takes the other.
private func savedByProducts(_ needed: Operands) -> Operands {
  Operands.second.when(needed, has: .first).union(Operands.first.when(needed, has: .second))
}

private func sumOfChannels(_ gradient: Tensor) -> Tensor {
  gradient.sum(dims: [0] + Array(2..<gradient.rank))
}
