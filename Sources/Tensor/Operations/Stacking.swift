// Tensors joined after they were brought to a common number of dimensions.

extension Tensor {
  /// The tensor itself, or a view of shape [1] for a zero-dim one.
  public func atleast1d() -> Tensor { rank >= 1 ? self : reshape([1]) }

  /// The tensor with dimensions of size 1 put before, so that it has at least two.
  public func atleast2d() -> Tensor {
    switch rank {
    case 0: reshape([1, 1])
    case 1: unsqueeze(dim: 0)
    default: self
    }
  }

  /// The tensor with dimensions of size 1 around its own, so that it has at least three: [n] becomes [1, n, 1] and [m, n]
  /// becomes [m, n, 1].
  public func atleast3d() -> Tensor {
    switch rank {
    case 0: reshape([1, 1, 1])
    case 1: unsqueeze(dim: 0).unsqueeze(dim: -1)
    case 2: unsqueeze(dim: -1)
    default: self
    }
  }
}

/// Tensors side by side: along dimension 1, or along dimension 0 when they are vectors; zero-dim ones count as vectors.
public func hstack(_ tensors: [Tensor]) -> Tensor {
  checked { () throws(TensorError) in
    try checkNotEmpty(tensors, operation: "hstack")
    let tensors = tensors.map { $0.atleast1d() }
    return cat(tensors, dim: tensors[0].rank == 1 ? 0 : 1)
  }
}

/// Tensors one above the other: along dimension 0, vectors as rows.
public func vstack(_ tensors: [Tensor]) -> Tensor {
  checked { () throws(TensorError) in
    try checkNotEmpty(tensors, operation: "vstack")
    return cat(tensors.map { $0.atleast2d() }, dim: 0)
  }
}

/// Tensors one behind the other: along dimension 2, of which vectors and matrices have one of size 1.
public func dstack(_ tensors: [Tensor]) -> Tensor {
  checked { () throws(TensorError) in
    try checkNotEmpty(tensors, operation: "dstack")
    return cat(tensors.map { $0.atleast3d() }, dim: 2)
  }
}

/// Tensors side by side along dimension 1, vectors and zero-dim ones as columns.
public func columnStack(_ tensors: [Tensor]) -> Tensor {
  checked { () throws(TensorError) in
    try checkNotEmpty(tensors, operation: "columnStack")
    return hstack(tensors.map { $0.rank <= 1 ? $0.reshape([$0.count, 1]) : $0 })
  }
}

/// A matrix with the given ones along its diagonal and 0 elsewhere; vectors count as rows, dtypes promote.
///
/// - Parameter tensors: At most two dimensions each; none at all give a matrix of shape [1, 0].
public func blockDiag(_ tensors: [Tensor]) -> Tensor {
  checked { () throws(TensorError) in
    let name = "blockDiag"
    for (i, tensor) in tensors.enumerated() where tensor.rank > 2 {
      throw TensorError(
        .shape, name, "expects tensors of at most 2 dimensions, but got shape \(tensor.shape) at entry \(i)")
    }
    guard let first = tensors.first else { return Tensor.zeros([1, 0]) }
    for tensor in tensors { try checkSameDevice(first, tensor, operation: name) }
    let blocks = tensors.map { $0.atleast2d() }
    let dtype = tensors.dropFirst().reduce(first.dtype) { DType.promote($0, $1.dtype) }
    let rows = blocks.reduce(0) { $0 + $1.layout.shape[0] }
    let columns = blocks.reduce(0) { $0 + $1.layout.shape[1] }
    let output = Tensor.zeros([rows, columns], dtype: dtype, device: first.device)
    var (row, column) = (0, 0)
    for block in blocks {
      let (height, width) = (block.layout.shape[0], block.layout.shape[1])
      output.narrow(dim: 0, start: row, length: height).narrow(dim: 1, start: column, length: width).copy(from: block)
      row += height
      column += width
    }
    return output
  }
}

private func checkNotEmpty(_ tensors: [Tensor], operation: String) throws(TensorError) {
  if tensors.isEmpty { throw TensorError(.value, operation, "expected at least one tensor") }
}
