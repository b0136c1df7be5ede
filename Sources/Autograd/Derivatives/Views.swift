package import Tensor

// The gradient of a view is its inverse on the gradient: another view, or zeros with the gradient at the view's place.

extension View: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(gradient.reshape(Array(context.shape())))
  }
}

extension Squeeze: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(View(shape: context.shape()), gradient))
  }
}

extension Unsqueeze: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(View(shape: context.shape()), gradient))
  }
}

extension Permute: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    var inverse = dims
    for (i, dim) in dims.enumerated() { inverse[dim] = i }
    return Gradients(apply(Permute(dims: inverse), gradient))
  }
}

extension Expand: Differentiable {
  // The engine sums to the input's shape.
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients { Gradients(gradient) }
}

extension Slice: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(Embed(view: self, shape: context.shape()), gradient))
  }

  package func add(_ gradient: Tensor, to sum: Tensor) throws(TensorError) -> Bool {
    try run(Binary<Add>(), on: forward(sum), gradient)
    return true
  }
}

extension Select: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(Embed(view: self, shape: context.shape()), gradient))
  }

  package func add(_ gradient: Tensor, to sum: Tensor) throws(TensorError) -> Bool {
    try run(Binary<Add>(), on: forward(sum), gradient)
    return true
  }
}

extension Diagonal: Differentiable {
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(Embed(view: self, shape: context.shape()), gradient))
  }

  package func add(_ gradient: Tensor, to sum: Tensor) throws(TensorError) -> Bool {
    try run(Binary<Add>(), on: forward(sum), gradient)
    return true
  }
}

extension AsStrided: Differentiable {
  package func saved(for needed: Operands) -> Operands { .layout }
  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(AddThroughView(view: layout, base: context.layout), gradient))
  }
}

/// Zeros of a shape, with a tensor's elements where a view of that shape would take them from.
struct Embed<V: UnaryOperation & Differentiable>: UnaryOperation, Differentiable {
  let view: V
  let shape: Dims
  var name: String { view.name }
  var graphName: String { view.graphName + "Backward" }

  func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(uninitialized: Layout(contiguous: shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.fill(output, with: .int(0))
    try x.backend.copy(x, to: view.forward(output))
    return output
  }

  func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients { Gradients(apply(view, gradient)) }
}
