package import Tensor

extension RandomDropout: Differentiable {
  package func saved(for needed: Operands) -> Operands { .operation }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(gradient * mask * (1 / (1 - p)))
  }
}
