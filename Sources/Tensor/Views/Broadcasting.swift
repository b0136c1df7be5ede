/// The shape to which shapes broadcast: aligned at their ends, sizes of 1 give way to others.
public func broadcastShapes(_ shapes: [[Int]]) -> [Int] {
  checked(or: []) { () throws(TensorError) in
    var common = Dims()
    for shape in shapes {
      for size in shape where size < 0 {
        throw TensorError(.shape, "broadcastShapes", "a shape has a negative size: \(shape)")
      }
      guard let wider = Dims.broadcast(common, Dims(shape)) else {
        throw shapeMismatch(common, Dims(shape), operation: "broadcastShapes")
      }
      common = wider
    }
    return Array(common)
  }
}

/// The tensors expanded to one shape, as views.
public func broadcastTensors(_ tensors: [Tensor]) -> [Tensor] {
  checked(or: []) { () throws(TensorError) in
    var common = Dims()
    for tensor in tensors {
      guard let wider = Dims.broadcast(common, tensor.layout.shape) else {
        throw shapeMismatch(common, tensor.layout.shape, operation: "broadcastTensors")
      }
      common = wider
    }
    var expanded: [Tensor] = []
    for tensor in tensors { expanded.append(try run(Expand(shape: common), tensor)) }
    return expanded
  }
}

extension Tensor {
  /// A view with another tensor's shape; an error where the strides do not allow it.
  public func view(as other: Tensor) -> Tensor { view(other.shape) }

  /// The same elements with another tensor's shape: a view where the strides allow it, else a copy.
  public func reshape(as other: Tensor) -> Tensor { reshape(other.shape) }

  /// The elements as a vector: a view where the strides allow it, else a copy.
  public func ravel() -> Tensor { reshape([-1]) }

  /// The sum over the dimensions that broadcasting from `shape` to this tensor's shape had added or widened.
  ///
  /// Bool and integers give int64, but the tensor itself is returned where nothing is to be added.
  ///
  /// - Parameter shape: One that broadcasts to this tensor's.
  public func sum(toSize shape: [Int]) -> Tensor {
    checked { () throws(TensorError) in
      for size in shape where size < 0 { throw TensorError(.shape, "sum", "a size is negative: \(shape)") }
      return shape.isEmpty ? sum() : try sum(to: Dims(shape))
    }
  }
}
