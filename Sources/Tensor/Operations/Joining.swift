/// Tensors one after another along a dimension; dtypes promote.
///
/// As in PyTorch, tensors of shape [0] are skipped.
package struct Concatenate: ListOperation {
  package let dim: Int

  package init(dim: Int) { self.dim = dim }

  package var name: String { "cat" }
  package func precision(on kind: Device.Kind) -> Precision { kind == .cpu ? .promote : .untouched }

  package func forward(_ inputs: [Tensor]) throws(TensorError) -> Tensor {
    let backend = try commonBackend(inputs, operation: name)
    var shape: Dims?
    for (i, input) in inputs.enumerated() where !Concatenate.isSkipped(input) {
      let size = input.layout.shape
      guard var total = shape else {
        shape = size
        continue
      }
      if size.count != total.count {
        throw TensorError(
          .shape, name, "tensors must have the same number of dimensions, but got \(total.count) and \(size.count)")
      }
      for j in 0..<size.count where j != dim && size[j] != total[j] {
        throw TensorError(
          .shape, name,
          "sizes of tensors must match except in dimension \(dim): expected size \(total[j]) but got size \(size[j]) "
            + "in dimension \(j) for tensor number \(i) of shape \(size)")
      }
      total[dim] += size[dim]
      shape = total
    }
    let output = try Tensor(
      uninitialized: Layout(contiguous: shape ?? [0]), dtype: promotedDType(inputs), on: backend, for: name)
    var part = output.layout
    for input in inputs where !Concatenate.isSkipped(input) {
      part.shape[dim] = input.layout.shape[dim]
      let target = Tensor(storage: output.storage, layout: part, dtype: output.dtype)
      try backend.copy(input, to: target)
      part.offset += part.shape[dim] * part.strides[dim]
    }
    return output
  }

  /// Whether joining ignores a tensor, because it is a vector without elements.
  package static func isSkipped(_ tensor: Tensor) -> Bool { tensor.layout.shape == [0] }
}

/// Tensors one after another along a dimension, of equal sizes in the others; dtypes promote.
///
/// - Parameters:
///   - tensors: At least one, none of them zero-dim; those of shape [0] are skipped.
///   - dim: The dimension along which they are joined, from the end if negative.
public func cat(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
  checked { () throws(TensorError) in
    let name = "cat"
    if tensors.isEmpty { throw TensorError(.value, name, "expected at least one tensor") }
    for (i, tensor) in tensors.enumerated() where tensor.rank == 0 {
      throw TensorError(.shape, name, "zero-dim tensor (at position \(i)) cannot be concatenated")
    }
    let rank = (tensors.first { !Concatenate.isSkipped($0) } ?? tensors[0]).rank
    return try run(Concatenate(dim: resolve(dim: dim, rank: rank, operation: name)), tensors)
  }
}

/// Tensors of one shape one after another along a new dimension; dtypes promote.
///
/// - Parameters:
///   - tensors: At least one.
///   - dim: Where the new dimension stands in the result, from the end if negative.
public func stack(_ tensors: [Tensor], dim: Int = 0) -> Tensor {
  checked { () throws(TensorError) in
    let name = "stack"
    guard let first = tensors.first else { throw TensorError(.value, name, "expected at least one tensor") }
    for (i, tensor) in tensors.enumerated() where tensor.layout.shape != first.layout.shape {
      throw TensorError(
        .shape, name,
        "expected tensors of equal size, but got \(first.layout.shape) at entry 0 and \(tensor.layout.shape) at entry \(i)"
      )
    }
    let dim = try resolve(dim: dim, rank: first.rank + 1, operation: name)
    var columns: [Tensor] = []
    for tensor in tensors { columns.append(try run(Unsqueeze(dim: dim), tensor)) }
    return try run(Concatenate(dim: dim), columns)
  }
}
