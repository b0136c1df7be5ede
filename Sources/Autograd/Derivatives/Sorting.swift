package import Tensor

extension Sort: Differentiable {
  package func saved(for needed: Operands) -> Operands { .operation }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    checked(or: Gradients(nil)) { () throws(TensorError) in
      // The indices are the user's too.
      if indices.version != 0 { throw overwritten(indices, expected: 0, producer: graphName + "Backward") }
      if gradient.rank == 0 { return Gradients(gradient) }
      return Gradients(
        try run(Scatter(dim: dim, adding: false), gradient.zeros(gradient.layout.shape), indices, gradient))
    }
  }
}
