package import Tensor

extension BinaryCrossEntropy: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .second] }

  // (x - y) / (x (1 - x)) and log(1 - x) - log(x), finite at 0 and 1.
  package func backward(_ g: Tensor, _ c: BackwardContext) -> Gradients {
    let (x, y) = (c.first, c.second)
    return c.gradients(
      g * ((x - y) / ((1 - x) * x).clamp(min: 1e-12)),
      g * ((-x).log1p().clamp(min: -100) - x.log().clamp(min: -100)))
  }
}
