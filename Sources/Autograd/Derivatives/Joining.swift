package import Tensor

extension Concatenate: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    var gradients: [Tensor?] = []
    var start = 0
    for i in 0..<context.inputCount {
      let shape = context.shape(i)
      // Inputs of shape [0] go with any others and add nothing.
      let isSkipped = shape == [0] && context.outputShape.count != 1
      let length = isSkipped ? 0 : shape[dim]
      if !context.needs(.input(i)) {
        gradients.append(nil)
      } else if isSkipped {
        gradients.append(gradient.zeros(shape))
      } else {
        gradients.append(apply(Slice(dim: dim, start: start, end: start + length), gradient))
      }
      start += length
    }
    return Gradients(list: gradients)
  }
}
