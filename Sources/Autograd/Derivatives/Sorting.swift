package import Tensor

extension Sort: Differentiable {
  package func saved(for needed: Operands) -> Operands { .operation }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    scattered(gradient, to: context.shape(), dim: dim, indices, by: self)
  }
}

extension TopK: Differentiable {
  package func saved(for needed: Operands) -> Operands { .operation }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    scattered(gradient, to: context.shape(), dim: dim, indices, by: self)
  }
}

/// The gradient put back to where its elements came from.
private func scattered(
  _ gradient: Tensor, to shape: Dims, dim: Int, _ indices: Tensor, by operation: some Operation
) -> Gradients {
  checked(or: Gradients(nil)) { () throws(TensorError) in
    // The indices are the user's too.
    if indices.version != 0 {
      throw overwritten(indices, expected: 0, producer: operation.graphName + "Backward")
    }
    if gradient.rank == 0 { return Gradients(gradient) }
    return Gradients(try run(Scatter(dim: dim, adding: false), gradient.zeros(shape), indices, gradient))
  }
}
