import Tensor

// Views as places in their base's memory: what a view reads, adds to and overwrites, whatever operations made it. The three
// operations are each other's derivatives. `base` is the layout of a whole tensor, `view` that of a part of its memory.

/// The elements that a view reaches, from a tensor of the base's shape.
struct ViewOfBase: UnaryOperation, Differentiable {
  let view: Layout
  let base: Layout
  var name: String { "asStrided" }
  var graphName: String { "AsStrided" }

  func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    // A tensor laid out as the base can be read where it is.
    if x.layout.strides == base.strides, view.offset >= base.offset,
      view.offset + view.span <= base.offset + base.span
    {
      var part = view
      part.offset += x.layout.offset - base.offset
      return try Clone().forward(Tensor(viewOf: x, layout: part))
    }
    let flat = try FlatMemory(base, view, copying: x, operation: name)
    return try Clone().forward(flat.part)
  }

  func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(AddThroughView(view: view, base: base), gradient))
  }
}

/// A tensor of the base's shape that holds the sums of what a view's elements hold, zero elsewhere.
struct AddThroughView: UnaryOperation, Differentiable {
  let view: Layout
  let base: Layout
  var name: String { "asStrided" }
  var graphName: String { "AsStridedBackward" }

  func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let flat = try FlatMemory(base, view, zerosLike: x, operation: name)
    if view.mayOverlap {
      try flat.addToPart(x)
    } else {
      try Copy().write(to: flat.part, x)
    }
    return flat.whole
  }

  func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    Gradients(apply(ViewOfBase(view: view, base: base), gradient))
  }
}

/// A tensor of the base's shape in which a view's elements are replaced by the second operand's.
struct WriteThroughView: BinaryOperation, Differentiable {
  let view: Layout
  let base: Layout
  var name: String { "asStridedScatter" }
  var graphName: String { "CopySlices" }

  func forward(_ x: Tensor, _ part: Tensor) throws(TensorError) -> Tensor {
    let flat = try FlatMemory(base, view, copying: x, operation: name)
    try Copy().write(to: flat.part, part)
    return flat.whole
  }

  func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    context.gradients(
      apply(self, gradient, Tensor(number: .float(0))), apply(ViewOfBase(view: view, base: base), gradient))
  }
}

/// Fresh memory laid out as that of a base and a view of it.
private struct FlatMemory {
  /// The tensor of the base's shape and strides.
  let whole: Tensor
  /// What the view reaches.
  let part: Tensor

  init(_ base: Layout, _ view: Layout, zerosLike x: Tensor, operation: String) throws(TensorError) {
    // A base that repeats elements has no memory to write each of them to.
    if base.mayOverlap {
      throw TensorError(
        .autograd, operation,
        "the gradient of a view of a tensor of shape \(base.shape) and strides \(base.strides), whose elements share "
          + "memory, is not supported; clone() it first")
    }
    let start = Swift.min(base.offset, view.offset)
    let end = Swift.max(base.offset + base.span, view.offset + view.span)
    let memory = try Tensor(
      uninitialized: Layout(contiguous: [Swift.max(end - start, 1)]), dtype: x.dtype, on: x.backend, for: operation)
    try x.backend.fill(memory, with: .int(0))
    func tensor(_ layout: Layout) -> Tensor {
      Tensor(
        storage: memory.storage,
        layout: Layout(shape: layout.shape, strides: layout.strides, offset: layout.offset - start), dtype: x.dtype)
    }
    whole = tensor(base)
    part = tensor(view)
  }

  init(_ base: Layout, _ view: Layout, copying x: Tensor, operation: String) throws(TensorError) {
    try self.init(base, view, zerosLike: x, operation: operation)
    try x.backend.copy(x, to: whole)
  }

  /// Adds to the elements that the view reaches, of which some are reached more than once.
  func addToPart(_ x: Tensor) throws(TensorError) { try FlatMemory.add(x, to: part, from: 0) }

  /// Takes one index at a time along leading dimensions, until no element is reached twice.
  private static func add(_ x: Tensor, to part: Tensor, from dim: Int) throws(TensorError) {
    if !part.layout.mayOverlap {
      try Binary<Add>().write(to: part, x)
      return
    }
    for i in 0..<part.layout.shape[dim] {
      try add(x.sliced(dim, at: i), to: part.sliced(dim, at: i), from: dim + 1)
    }
  }
}

extension Tensor {
  /// The view of one index along a dimension, which stays with size 1.
  fileprivate func sliced(_ dim: Int, at index: Int) -> Tensor {
    var part = layout
    part.offset += index * part.strides[dim]
    part.shape[dim] = 1
    return Tensor(viewOf: self, layout: part)
  }
}
