// Operations whose results share the input's memory. Their attributes are resolved: no negative dimensions or bounds.

/// The same elements under another shape, where the strides allow it.
package struct View: UnaryOperation {
  package let shape: Dims
  package init(shape: Dims) { self.shape = shape }
  package var name: String { "view" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try shape.checkRank(name)
    guard shape.elementCount == x.count else {
      throw TensorError(.shape, name, "shape \(shape) is invalid for a tensor of shape \(x.layout.shape)")
    }
    if x.isContiguous { return Tensor(viewOf: x, contiguous: shape) }
    guard let strides = x.layout.strides(viewedAs: shape) else {
      throw TensorError(
        .shape, name,
        "shape \(shape) is not compatible with shape \(x.layout.shape) and strides \(x.layout.strides): "
          + "a dimension would span two subspaces; use reshape")
    }
    return Tensor(viewOf: x, layout: Layout(shape: shape, strides: strides, offset: x.layout.offset))
  }
}

/// The dimensions in another order: entry i names the input's dimension that comes i-th.
package struct Permute: UnaryOperation {
  package let dims: Dims
  package init(dims: Dims) { self.dims = dims }
  package var name: String { "permute" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    var layout = x.layout
    for (i, dim) in dims.enumerated() {
      layout.shape[i] = x.layout.shape[dim]
      layout.strides[i] = x.layout.strides[dim]
    }
    return Tensor(viewOf: x, layout: layout)
  }
}

/// Dimensions of size 1, and new leading ones, repeated without a copy.
package struct Expand: UnaryOperation {
  package let shape: Dims
  package init(shape: Dims) { self.shape = shape }
  package var name: String { "expand" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try shape.checkRank(name)
    return Tensor(viewOf: x, layout: x.layout.broadcast(to: shape))
  }
}

/// Every `step`-th entry of one dimension from `start` to before `end`.
package struct Slice: UnaryOperation {
  package let dim: Int
  package let start: Int
  package let end: Int
  package let step: Int

  package init(dim: Int, start: Int, end: Int, step: Int = 1) {
    self.dim = dim
    self.start = start
    self.end = end
    self.step = step
  }

  /// The slice of bounds as a user writes them: open ones are nil, negative ones count from the end, all are clamped.
  init(
    _ start: Int?, _ end: Int?, by step: Int, of x: Tensor, dim: Int, operation: String
  ) throws(TensorError) {
    if step <= 0 { throw TensorError(.value, operation, "the step of a slice must be positive, but got \(step)") }
    let size = x.layout.shape[dim]
    func clamp(_ bound: Int) -> Int { Swift.max(0, Swift.min(size, bound < 0 ? bound + size : bound)) }
    let first = clamp(start ?? 0)
    self.init(dim: dim, start: first, end: Swift.max(first, clamp(end ?? size)), step: step)
  }

  package var name: String { "slice" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    guard start >= 0, end <= x.layout.shape[dim], step > 0 else {
      throw TensorError(
        .index, name,
        "\(start)..<\(end) by \(step) is out of bounds for dimension \(dim) with size \(x.layout.shape[dim])")
    }
    var layout = x.layout
    layout.shape[dim] = start < end ? (end - start - 1) / step + 1 : 0
    layout.offset += start * layout.strides[dim]
    // Only the stride of a single entry can overflow, where it does not matter.
    let (stride, overflow) = layout.strides[dim].multipliedReportingOverflow(by: step)
    if !overflow { layout.strides[dim] = stride }
    return Tensor(viewOf: x, layout: layout)
  }
}

/// One entry of a dimension, which is dropped.
package struct Select: UnaryOperation {
  package let dim: Int
  package let index: Int

  package init(dim: Int, index: Int) {
    self.dim = dim
    self.index = index
  }

  /// The entry of an index as a user writes it: a negative one counts from the end.
  init(_ index: Int, of x: Tensor, dim: Int, operation: String) throws(TensorError) {
    let size = x.layout.shape[dim]
    guard index >= -size && index < size else {
      throw TensorError(
        .index, operation, "index \(index) is out of bounds for dimension \(dim) with size \(size)")
    }
    self.init(dim: dim, index: index < 0 ? index + size : index)
  }

  package var name: String { "select" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    guard index >= 0, index < x.layout.shape[dim] else {
      throw TensorError(
        .index, name, "index \(index) is out of bounds for dimension \(dim) with size \(x.layout.shape[dim])")
    }
    var layout = x.layout
    layout.offset += index * layout.strides[dim]
    layout.shape.remove(at: dim)
    layout.strides.remove(at: dim)
    return Tensor(viewOf: x, layout: layout)
  }
}

/// Dimensions of size 1 dropped; others of the list stay.
package struct Squeeze: UnaryOperation {
  package let dims: Dims
  package init(dims: Dims) { self.dims = dims }
  package var name: String { "squeeze" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    var layout = x.layout
    for dim in dims.sorted(by: >) where layout.shape[dim] == 1 {
      layout.shape.remove(at: dim)
      layout.strides.remove(at: dim)
    }
    return Tensor(viewOf: x, layout: layout)
  }
}

/// A new dimension of size 1.
package struct Unsqueeze: UnaryOperation {
  package let dim: Int
  package init(dim: Int) { self.dim = dim }
  package var name: String { "unsqueeze" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    var layout = x.layout
    let stride = dim < layout.rank ? layout.shape[dim] * layout.strides[dim] : 1
    layout.shape.insert(1, at: dim)
    try layout.shape.checkRank(name)
    layout.strides.insert(stride, at: dim)
    return Tensor(viewOf: x, layout: layout)
  }
}

/// The entries whose indices in two dimensions differ by `offset`; the diagonal becomes the last dimension.
package struct Diagonal: UnaryOperation {
  package let offset: Int
  package let dim1: Int
  package let dim2: Int

  package init(offset: Int, dim1: Int, dim2: Int) {
    self.offset = offset
    self.dim1 = dim1
    self.dim2 = dim2
  }

  package var name: String { "diagonal" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    var layout = x.layout
    let (rows, columns) = (layout.shape[dim1], layout.shape[dim2])
    let length =
      offset >= 0
      ? Swift.min(rows, columns - Swift.min(offset, columns)) : Swift.min(rows - Swift.min(-offset, rows), columns)
    let (rowStride, columnStride) = (layout.strides[dim1], layout.strides[dim2])
    if length > 0 { layout.offset += offset >= 0 ? offset * columnStride : -offset * rowStride }
    for dim in [dim1, dim2].sorted(by: >) {
      layout.shape.remove(at: dim)
      layout.strides.remove(at: dim)
    }
    layout.shape.append(length)
    layout.strides.append(rowStride + columnStride)
    return Tensor(viewOf: x, layout: layout)
  }
}

/// Any layout over the same storage, within its bounds.
package struct AsStrided: UnaryOperation {
  package let layout: Layout
  package init(layout: Layout) { self.layout = layout }
  package var name: String { "asStrided" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try layout.shape.checkRank(name)
    let capacity = x.storage.byteCount / x.dtype.itemSize
    guard layout.fits(capacity: capacity) else {
      throw TensorError(
        .index, name,
        "shape \(layout.shape), strides \(layout.strides) and offset \(layout.offset) reach beyond a storage of "
          + "\(capacity) elements")
    }
    return Tensor(viewOf: x, layout: layout)
  }
}

/// The same bytes as elements of another dtype; the last dimension grows or shrinks by the ratio of their sizes.
package struct Reinterpret: UnaryOperation {
  package let dtype: DType
  package init(dtype: DType) { self.dtype = dtype }
  package var name: String { "view" }
  package var graphName: String { "View" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let (old, new) = (x.dtype.itemSize, dtype.itemSize)
    var layout = x.layout
    let last = layout.rank - 1
    func scaled(_ number: Int) -> Int? {
      if old >= new { return number * (old / new) }
      return number % (new / old) == 0 ? number / (new / old) : nil
    }
    var fits = dtype != .bool || x.dtype == .bool
    if fits, old != new {
      fits = last >= 0 && layout.strides[last] == 1
      if fits, let size = scaled(layout.shape[last]), let offset = scaled(layout.offset) {
        layout.shape[last] = size
        layout.offset = offset
        for i in 0..<last {
          if let stride = scaled(layout.strides[i]) { layout.strides[i] = stride } else { fits = false }
        }
      } else {
        fits = false
      }
    }
    if !fits {
      throw TensorError(
        .dtype, name,
        "cannot view \(x.dtype) of shape \(x.layout.shape), strides \(x.layout.strides) and offset \(x.layout.offset) "
          + "as \(dtype)")
    }
    return Tensor(viewOf: x, layout: layout, dtype: dtype)
  }
}
