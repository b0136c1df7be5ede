/// Reductions of the elements where a mask is true.
///
/// A mask is bool and broadcasts to the tensor's shape; without one all elements take part. Where none do, a sum is 0, a
/// product 1, a mean NaN, an extreme that of no elements (infinity, or the dtype's last number) and an index 0.
public enum Masked {
  /// The sum over the listed dimensions, all when none is listed; bool and integers give int64.
  public static func sum(
    _ x: Tensor, dims: [Int] = [], keepDim: Bool = false, dtype: DType? = nil, mask: Tensor? = nil
  ) -> Tensor { filled(x, mask, 0, "Masked.sum").sum(dims: dims, keepDim: keepDim, dtype: dtype) }

  /// The product over the listed dimensions, all when none is listed; bool and integers give int64.
  public static func prod(
    _ x: Tensor, dims: [Int] = [], keepDim: Bool = false, dtype: DType? = nil, mask: Tensor? = nil
  ) -> Tensor {
    checked { () throws(TensorError) in
      let dims = try resolve(dims: dims, rank: x.rank, operation: "Masked.prod")
      var result = filled(x, mask, 1, "Masked.prod")
      if x.rank == 0 { return result.to(dtype ?? (x.dtype.isFloatingPoint ? x.dtype : .int64)) }
      // From the last on, so that the others keep their numbers.
      for dim in dims.reversed() { result = result.prod(dim: dim, keepDim: keepDim, dtype: dtype) }
      return result
    }
  }

  /// The mean over the listed dimensions, all when none is listed; floats only, unless `dtype` is one.
  public static func mean(
    _ x: Tensor, dims: [Int] = [], keepDim: Bool = false, dtype: DType? = nil, mask: Tensor? = nil
  ) -> Tensor {
    guard let mask else { return x.mean(dims: dims, keepDim: keepDim, dtype: dtype) }
    return checked { () throws(TensorError) in
      try checkFloating(dtype.map { Tensor.empty([0], dtype: $0, device: .cpu) } ?? x, operation: "Masked.mean")
      let total = sum(x, dims: dims, keepDim: keepDim, dtype: dtype, mask: mask)
      return total / counts(x, mask, dims, keepDim)
    }
  }

  /// The largest elements over the listed dimensions, all when none is listed; equal ones share the gradient.
  public static func amax(
    _ x: Tensor, dims: [Int] = [], keepDim: Bool = false, mask: Tensor? = nil
  ) -> Tensor { filledWithExtreme(x, mask, lowest: true, "Masked.amax").amax(dims: dims, keepDim: keepDim) }

  /// The smallest elements over the listed dimensions, all when none is listed; equal ones share the gradient.
  public static func amin(
    _ x: Tensor, dims: [Int] = [], keepDim: Bool = false, mask: Tensor? = nil
  ) -> Tensor { filledWithExtreme(x, mask, lowest: false, "Masked.amin").amin(dims: dims, keepDim: keepDim) }

  /// The int64 indices of the first largest elements along a dimension, or in the flat tensor.
  public static func argmax(_ x: Tensor, dim: Int? = nil, keepDim: Bool = false, mask: Tensor? = nil) -> Tensor {
    let filled = filledWithExtreme(x, mask, lowest: true, "Masked.argmax")
    return dim.map { filled.argmax(dim: $0, keepDim: keepDim) } ?? filled.argmax(keepDim: keepDim)
  }

  /// The int64 indices of the first smallest elements along a dimension, or in the flat tensor.
  public static func argmin(_ x: Tensor, dim: Int? = nil, keepDim: Bool = false, mask: Tensor? = nil) -> Tensor {
    let filled = filledWithExtreme(x, mask, lowest: false, "Masked.argmin")
    return dim.map { filled.argmin(dim: $0, keepDim: keepDim) } ?? filled.argmin(keepDim: keepDim)
  }

  /// The p-norm over the listed dimensions, all when none is listed; floats only.
  public static func norm(
    _ x: Tensor, p: Double = 2, dims: [Int] = [], keepDim: Bool = false, dtype: DType? = nil, mask: Tensor? = nil
  ) -> Tensor {
    // Of the least norm an element that does not take part is infinite.
    let none: Double = p == -.infinity || p < 0 ? .infinity : 0
    return filled(x, mask, none, "Masked.norm").norm(p: p, dims: dims, keepDim: keepDim, dtype: dtype)
  }

  /// The variance over the listed dimensions, all when none is listed.
  ///
  /// `correction` is taken from the count before dividing. Integers are computed in the default floating dtype.
  public static func `var`(
    _ x: Tensor, dims: [Int] = [], correction: Double = 1, keepDim: Bool = false, mask: Tensor? = nil
  ) -> Tensor {
    checked { () throws(TensorError) in
      let x = x.dtype.isFloatingPoint ? x : try run(Cast(dtype: Scope.defaultDType), x)
      guard let mask else { return x.var(dims: dims, correction: correction, keepDim: keepDim) }
      let (counts, total) = (self.counts(x, mask, dims, true), sum(x, dims: dims, keepDim: true, mask: mask))
      let distances = filled(x - total / counts, mask, 0, "Masked.var")
      let squares = (distances * distances).sum(dims: dims, keepDim: keepDim)
      return (squares / (counts.reshape(squares.shape) - correction).clamp(min: 0)).to(x.dtype)
    }
  }

  /// The standard deviation over the listed dimensions, all when none is listed, as for `var`.
  public static func std(
    _ x: Tensor, dims: [Int] = [], correction: Double = 1, keepDim: Bool = false, mask: Tensor? = nil
  ) -> Tensor { `var`(x, dims: dims, correction: correction, keepDim: keepDim, mask: mask).sqrt() }

  /// The exponentials along a dimension divided by their sum, 0 where the mask is false; NaN where it is so everywhere.
  public static func softmax(_ x: Tensor, dim: Int, dtype: DType? = nil, mask: Tensor? = nil) -> Tensor {
    filled(x, mask, -Double.infinity, "Masked.softmax").softmax(dim: dim, dtype: dtype)
  }

  /// The logarithm of `softmax`.
  public static func logSoftmax(_ x: Tensor, dim: Int, dtype: DType? = nil, mask: Tensor? = nil) -> Tensor {
    filled(x, mask, -Double.infinity, "Masked.logSoftmax").logSoftmax(dim: dim, dtype: dtype)
  }

  // MARK: Parts

  private static func filled(_ x: Tensor, _ mask: Tensor?, _ value: some Scalar, _ name: String) -> Tensor {
    guard let mask else { return x }
    return checked { () throws(TensorError) in
      if mask.dtype != .bool {
        throw TensorError(.dtype, name, "expected a mask of dtype .bool, but got \(mask.dtype)")
      }
      try checkBroadcast(of: mask, into: x, operation: name)
      return choose(mask, x, x.newFull([], value))
    }
  }

  private static func filledWithExtreme(_ x: Tensor, _ mask: Tensor?, lowest: Bool, _ name: String) -> Tensor {
    if let range = x.dtype.integers { return filled(x, mask, lowest ? range.lowerBound : range.upperBound, name) }
    return filled(x, mask, lowest ? -Double.infinity : Double.infinity, name)
  }

  private static func counts(_ x: Tensor, _ mask: Tensor, _ dims: [Int], _ keepDim: Bool) -> Tensor {
    mask.expand(x.shape).sum(dims: dims, keepDim: keepDim)
  }
}
