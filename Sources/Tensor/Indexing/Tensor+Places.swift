extension Tensor {
  /// The positions of the first elements that are not zero, filled up to a fixed number of rows.
  ///
  /// - Parameters:
  ///   - size: The number of rows of the result, of shape [size, rank].
  ///   - fillValue: What rows beyond the number of such elements hold.
  public func nonzeroStatic(size: Int, fillValue: Int = -1) -> Tensor {
    checked { () throws(TensorError) in
      if size < 0 { throw TensorError(.value, "nonzeroStatic", "expects a size of at least 0, but got \(size)") }
      let places = try run(Nonzero(), self)
      let found = places.layout.shape[0]
      if found >= size { return places.narrow(dim: 0, start: 0, length: size).clone() }
      return cat([places, Tensor.full([size - found, rank], fillValue, dtype: .int64, device: device)], dim: 0)
    }
  }

  /// The indices along each dimension of a shape that positions in its flat tensor stand for.
  ///
  /// - Parameter shape: Positions must be below the product of its sizes.
  /// - Returns: An int64 tensor of this one's shape for each dimension.
  public func unravelIndex(_ shape: [Int]) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      let name = "unravelIndex"
      if !dtype.isInteger { throw TensorError(.dtype, name, "expected integers, but got \(dtype)") }
      for size in shape where size < 0 {
        throw TensorError(.value, name, "expects sizes of at least 0, but got \(shape)")
      }
      let (places, strides) = (to(.int64), Layout(contiguous: Dims(shape)).strides)
      return shape.indices.map { i in
        places.floorDivide(Swift.max(strides[i], 1)) % Swift.max(shape[i], 1)
      }
    }
  }
}
