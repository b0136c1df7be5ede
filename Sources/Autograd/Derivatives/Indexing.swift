package import Tensor

extension Gather: Differentiable {
  package func saved(for needed: Operands) -> Operands { .second }
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(Scatter(dim: dim, adding: true), gradient.zeros(context.shape()), context.second, gradient))
  }
}

extension Scatter: Differentiable {
  package func saved(for needed: Operands) -> Operands { .second }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let index = context.second
    return context.gradients(
      adding ? gradient : apply(Scatter(dim: dim, adding: false), gradient, index, gradient.zeros(index.layout.shape)),
      nil, ofSource(apply(Gather(dim: dim), gradient, index), context.shape(2)))
  }

  /// The gradient of a source that may reach beyond the index.
  private func ofSource(_ gathered: Tensor, _ shape: Dims) -> Tensor {
    if gathered.layout.shape == shape { return gathered }
    let whole = gathered.zeros(shape)
    var part = whole
    for (dim, size) in gathered.shape.enumerated() where size != shape[dim] {
      part = part.narrow(dim: dim, start: 0, length: size)
    }
    part.copy(from: gathered)
    return whole
  }
}

extension Index: Differentiable {
  package func saved(for needed: Operands) -> Operands { .inputs.subtracting(.first) }

  // What several picks took of one entry adds up.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let whole = gradient.zeros(context.shape())
    let indices = context.list.dropFirst().map { $0! }
    apply(IndexPut(positions: positions, indices: indices, accumulate: true), on: whole, gradient)
    return Gradients(list: [whole])
  }
}

extension IndexPut: Differentiable {
  package func saved(for needed: Operands) -> Operands { .operation }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(
      accumulate ? gradient : withoutEntries(gradient), apply(Index(positions: positions), [gradient] + indices))
  }

  private func withoutEntries(_ gradient: Tensor) -> Tensor {
    let rest = gradient.clone()
    apply(IndexPut(positions: positions, indices: indices), on: rest, Tensor(number: .int(0)))
    return rest
  }
}

extension Embedding: Differentiable {
  package func saved(for needed: Operands) -> Operands { .second }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let whole = gradient.zeros(context.shape())
    apply(IndexPut(positions: [0], indices: [context.second], accumulate: true), on: whole, gradient)
    if let paddingIndex { apply(Fill(.int(0)), on: apply(Select(dim: 0, index: paddingIndex), whole)) }
    return Gradients(whole)
  }
}
