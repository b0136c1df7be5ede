package import Tensor

// Copies pass gradients on: the engine casts them to the input's dtype and moves them to its device.

extension Cast: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients { Gradients(gradient) }
}

extension Move: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients { Gradients(gradient) }
}

extension Clone: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients { Gradients(gradient) }
}

extension Contiguous: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients { Gradients(gradient) }
}

// MARK: - Writes

// Nothing of an overwritten value remains.

extension Copy: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(Tensor.zerosLike(gradient), gradient)
  }
}

extension Fill: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(Tensor.zerosLike(gradient))
  }
}

extension RandomFill: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(Tensor.zerosLike(gradient))
  }
}
