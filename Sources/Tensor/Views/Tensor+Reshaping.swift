// Other shapes over the same elements.

extension Tensor {
  /// The same elements with another shape: a view where the strides allow it, else a copy.
  ///
  /// - Parameter shape: The new sizes; one of them may be -1 and follows from the rest.
  public func reshape(_ shape: [Int]) -> Tensor {
    checked { (scope) throws(TensorError) in
      let shape = try inferred(shape, operation: "reshape")
      if isContiguous || layout.strides(viewedAs: shape) != nil { return try run(View(shape: shape), self, in: scope) }
      return try run(View(shape: shape), run(Contiguous(), self, in: scope), in: scope)
    }
  }

  /// The same elements with another shape: a view where the strides allow it, else a copy.
  public func reshape(_ shape: Int...) -> Tensor { reshape(shape) }

  /// A view with another shape; an error where the strides do not allow it.
  ///
  /// - Parameter shape: The new sizes; one of them may be -1 and follows from the rest.
  public func view(_ shape: [Int]) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(View(shape: inferred(shape, operation: "view")), self, in: scope)
    }
  }

  /// A view with another shape; an error where the strides do not allow it.
  public func view(_ shape: Int...) -> Tensor { view(shape) }

  /// The same bytes as elements of another dtype: a view, whose last dimension grows or shrinks by the ratio of their sizes.
  public func view(dtype: DType) -> Tensor { apply(Reinterpret(dtype: dtype), self) }

  /// Some neighbouring dimensions, all by default, merged into one; a zero-dim tensor gets one dimension.
  public func flatten(startDim: Int = 0, endDim: Int = -1) -> Tensor {
    checked { () throws(TensorError) in
      let start = try resolve(dim: startDim, rank: rank, operation: "flatten")
      let end = try resolve(dim: endDim, rank: rank, operation: "flatten")
      if start > end {
        throw TensorError(
          .index, "flatten", "startDim \(startDim) comes after endDim \(endDim) in a tensor of shape \(shape)")
      }
      if rank == 0 { return reshape([1]) }
      if start == end { return self }
      let sizes = shape
      return reshape(Array(sizes[..<start]) + [sizes[start...end].reduce(1, *)] + Array(sizes[(end + 1)...]))
    }
  }

  /// One dimension cut into several, of which one may be -1.
  public func unflatten(dim: Int, sizes: [Int]) -> Tensor {
    checked { () throws(TensorError) in
      let dim = try resolve(dim: dim, rank: rank, operation: "unflatten")
      let sizes = try Tensor.inferred(sizes, count: layout.shape[dim], of: [layout.shape[dim]], operation: "unflatten")
      return view(Array(shape[..<dim]) + Array(sizes) + Array(shape[(dim + 1)...]))
    }
  }

  /// All dimensions of size 1 dropped.
  public func squeeze() -> Tensor { apply(Squeeze(dims: Dims(0..<rank)), self) }

  /// A dimension dropped if its size is 1.
  public func squeeze(dim: Int) -> Tensor { squeeze(dims: [dim]) }

  /// Those of some dimensions dropped whose size is 1.
  public func squeeze(dims: [Int]) -> Tensor {
    checked { () throws(TensorError) in
      if rank == 0 || dims.isEmpty { return try run(Squeeze(dims: []), self) }
      return try run(Squeeze(dims: resolve(dims: dims, rank: rank, operation: "squeeze")), self)
    }
  }

  /// A new dimension of size 1 before dimension `dim`; negative ones count from the result's end.
  public func unsqueeze(dim: Int) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(Unsqueeze(dim: resolve(dim: dim, rank: rank + 1, operation: "unsqueeze")), self, in: scope)
    }
  }

  /// Dimensions of size 1 repeated without a copy; new ones may lead, and -1 keeps a size.
  public func expand(_ shape: [Int]) -> Tensor {
    checked { () throws(TensorError) in
      let lead = shape.count - rank
      func mismatch(_ detail: String) -> TensorError {
        TensorError(.shape, "expand", "cannot expand a tensor of shape \(self.shape) to \(shape): \(detail)")
      }
      if lead < 0 { throw mismatch("it has fewer dimensions") }
      var target = Dims(shape)
      for i in 0..<shape.count {
        let size = i < lead ? nil : Optional(layout.shape[i - lead])
        if target[i] == -1, let size { target[i] = size }
        if target[i] < 0 { throw mismatch("size \(shape[i]) at dimension \(i) is not allowed") }
        if let size, size != 1, size != target[i] {
          throw mismatch("size \(target[i]) must match the existing size \(size) at dimension \(i)")
        }
      }
      guard target.checkedElementCount(itemSize: dtype.itemSize) != nil else { throw mismatch("it is too large") }
      return try run(Expand(shape: target), self)
    }
  }

  /// Dimensions of size 1 repeated without a copy; new ones may lead, and -1 keeps a size.
  public func expand(_ shape: Int...) -> Tensor { expand(shape) }

  /// The tensor expanded to another's shape.
  public func expand(as other: Tensor) -> Tensor { expand(other.shape) }

  /// The tensor expanded to a shape, by the rules of broadcasting.
  public func broadcast(to shape: [Int]) -> Tensor { expand(shape) }

  /// The tensor itself when its elements lie in row-major order, else a copy of which that holds.
  public func contiguous() -> Tensor { isContiguous ? self : apply(Contiguous(), self) }

  /// A copy with its own memory; the stride order of a dense tensor is kept.
  public func clone() -> Tensor { apply(Clone(), self) }

  /// A view of any layout over the tensor's storage; strides and offset count elements, reaching outside is an error.
  ///
  /// The offset counts from the storage's beginning; nil keeps the tensor's.
  public func asStrided(_ shape: [Int], strides: [Int], offset: Int? = nil) -> Tensor {
    apply(
      AsStrided(layout: Layout(shape: Dims(shape), strides: Dims(strides), offset: offset ?? layout.offset)), self)
  }

  func inferred(_ shape: [Int], operation: String) throws(TensorError) -> Dims {
    try Tensor.inferred(shape, count: count, of: layout.shape, operation: operation)
  }

  /// The product of positive sizes; nil when one is not, or when it overflows.
  @inline(__always)
  private static func positiveProduct(_ shape: [Int]) -> Int? {
    var product = 1
    for size in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      if size < 1 || overflow { return nil }
      product = next
    }
    return product
  }

  /// The shape with its -1 replaced by what remains of `count` elements.
  static func inferred(_ shape: [Int], count: Int, of old: Dims, operation: String) throws(TensorError) -> Dims {
    // Most shapes are written out whole.
    if positiveProduct(shape) == count { return Dims(shape) }
    var result = Dims(shape)
    var unknown: Int?
    for (i, size) in shape.enumerated() where size < 0 {
      if size != -1 { throw TensorError(.shape, operation, "invalid shape dimension \(size) in \(shape)") }
      if unknown != nil { throw TensorError(.shape, operation, "only one dimension of \(shape) can be inferred") }
      unknown = i
      result[i] = 1
    }
    let known = result.checkedElementCount(itemSize: 1)
    if let unknown, let known {
      if known == 0 {
        throw TensorError(
          .shape, operation, "cannot infer the -1 of \(shape) for a tensor of shape \(old): any size would do")
      }
      if count % known == 0 {
        result[unknown] = count / known
        return result
      }
    } else if known == count {
      return result
    }
    throw TensorError(.shape, operation, "shape \(Dims(shape)) is invalid for a tensor of shape \(old)")
  }
}
