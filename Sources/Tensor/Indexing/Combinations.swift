/// Which of its tensors `meshgrid` lays along the first dimension.
public enum MeshgridIndexing: Sendable {
  /// The first: rows before columns, as matrices are indexed.
  case ij
  /// The second, and the first along the second dimension, as points of a plane are named.
  case xy
}

/// Grids of coordinates: each tensor expanded along a dimension of its own, as views.
///
/// - Parameters:
///   - tensors: Vectors or zero-dim tensors of one dtype and device.
///   - indexing: Whether the first two dimensions are exchanged.
/// - Returns: As many tensors, all of the shape of the vectors' sizes.
public func meshgrid(_ tensors: [Tensor], indexing: MeshgridIndexing = .ij) -> [Tensor] {
  checked(or: []) { () throws(TensorError) in
    let name = "meshgrid"
    guard let first = tensors.first else { throw TensorError(.value, name, "expected at least one tensor") }
    for (i, tensor) in tensors.enumerated() {
      if tensor.rank > 1 {
        throw TensorError(.shape, name, "expects vectors, but got shape \(tensor.shape) at entry \(i)")
      }
      if tensor.dtype != first.dtype {
        throw TensorError(.dtype, name, "expects tensors of one dtype, but got \(first.dtype) and \(tensor.dtype)")
      }
      try checkSameDevice(first, tensor, operation: name)
    }
    let isSwapped = indexing == .xy && tensors.count > 1
    let order = isSwapped ? [1, 0] + Array(2..<Swift.max(2, tensors.count)) : Array(tensors.indices)
    let sizes = order.map { tensors[$0].count }
    return tensors.indices.map { i in
      var single = Array(repeating: 1, count: tensors.count)
      let place = order[i]
      single[place] = tensors[i].count
      return tensors[i].view(single).expand(sizes)
    }
  }
}

/// All tuples with an element of each vector, as the rows of a matrix; one vector alone stays as it is.
public func cartesianProd(_ tensors: [Tensor]) -> Tensor {
  checked { () throws(TensorError) in
    if tensors.isEmpty { throw TensorError(.value, "cartesianProd", "expected at least one tensor") }
    for tensor in tensors where tensor.rank != 1 {
      throw TensorError(.shape, "cartesianProd", "expects vectors, but got shape \(tensor.shape)")
    }
    if tensors.count == 1 { return tensors[0] }
    return stack(meshgrid(tensors).map { $0.flatten() }, dim: 1)
  }
}

extension Tensor {
  /// All choices of `r` elements of a vector, in its order, as the rows of a matrix.
  ///
  /// - Parameters:
  ///   - r: How many are chosen, at least 0.
  ///   - withReplacement: Whether an element can be chosen more than once.
  /// - Returns: Shape [choices, r]; [0] for r = 0.
  public func combinations(r: Int = 2, withReplacement: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      let name = "combinations"
      if rank != 1 { throw TensorError(.shape, name, "expects a vector, but got shape \(shape)") }
      if r < 0 { throw TensorError(.value, name, "expects a number of elements of at least 0, but got \(r)") }
      if r == 0 { return Tensor.empty([0], dtype: dtype, device: device) }
      var places: [Int] = []
      var choice = withReplacement ? Array(repeating: 0, count: r) : Array(0..<r)
      var isOpen = withReplacement ? count > 0 : r <= count
      while isOpen {
        places += choice
        // The last place that can still rise does, and those after it begin anew.
        func limit(_ i: Int) -> Int { withReplacement ? count - 1 : count - r + i }
        guard let i = choice.indices.last(where: { choice[$0] < limit($0) }) else { break }
        choice[i] += 1
        for j in choice.indices.dropFirst(i + 1) { choice[j] = withReplacement ? choice[i] : choice[j - 1] + 1 }
        isOpen = true
      }
      return indexSelect(dim: 0, index: Tensor(places, dtype: .int64, device: device)).reshape([places.count / r, r])
    }
  }

  /// The indices of the elements on and below a diagonal of a matrix: shape [2, count], rows first, in row-major order.
  public static func trilIndices(
    _ rows: Int, _ columns: Int, offset: Int = 0, dtype: DType = .int64, device: Device? = nil
  ) -> Tensor {
    triangleIndices("trilIndices", rows, columns, dtype, device) { row in
      0..<Swift.max(0, Swift.min(columns, (row + 1).addingReportingOverflow(offset).partialValue))
    }
  }

  /// The indices of the elements on and above a diagonal of a matrix: shape [2, count], rows first, in row-major order.
  public static func triuIndices(
    _ rows: Int, _ columns: Int, offset: Int = 0, dtype: DType = .int64, device: Device? = nil
  ) -> Tensor {
    triangleIndices("triuIndices", rows, columns, dtype, device) { row in
      Swift.max(0, Swift.min(columns, row.addingReportingOverflow(offset).partialValue))..<columns
    }
  }

  private static func triangleIndices(
    _ name: String, _ rows: Int, _ columns: Int, _ dtype: DType, _ device: Device?, _ range: (Int) -> Range<Int>
  ) -> Tensor {
    checked { () throws(TensorError) in
      if rows < 0 || columns < 0 {
        throw TensorError(.value, name, "expects sizes of at least 0, but got \(rows) and \(columns)")
      }
      if dtype != .int64 && dtype != .int32 {
        throw TensorError(.dtype, name, "expects dtype .int64 or .int32, but got \(dtype)")
      }
      var (first, second): ([Int], [Int]) = ([], [])
      for row in 0..<rows {
        for column in range(row) {
          first.append(row)
          second.append(column)
        }
      }
      return Tensor(first + second, dtype: dtype, device: device).reshape([2, first.count])
    }
  }
}
