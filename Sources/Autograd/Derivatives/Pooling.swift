package import Tensor

extension MaxPool: Differentiable {
  package func saved(for needed: Operands) -> Operands { .operation }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    checked(or: Gradients(nil)) { () throws(TensorError) in
      guard let indices else {
        throw TensorError(.autograd, name, "the indices of the largest elements were not kept")
      }
      // The indices are the user's too.
      if indices.version != 0 { throw overwritten(indices, expected: 0, producer: graphName + "Backward") }
      let shape = context.shape(0)
      let planes = Array(shape.prefix(shape.count - options.rank))
      let flat = planes + [shape.suffix(options.rank).reduce(1, *)]
      let places = planes + [options.places.reduce(1, *)]
      let sums = try run(
        Scatter(dim: planes.count, adding: true), gradient.zeros(Dims(flat)), indices.reshape(places),
        gradient.reshape(places))
      return Gradients(sums.reshape(Array(shape)))
    }
  }
}

extension AveragePool: Differentiable {
  package func saved(for needed: Operands) -> Operands { [] }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(AveragePoolBackward(options, shape: context.shape(0)), gradient))
  }
}

extension AveragePoolBackward: Differentiable {
  package func saved(for needed: Operands) -> Operands { [] }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(AveragePool(options), gradient))
  }
}
