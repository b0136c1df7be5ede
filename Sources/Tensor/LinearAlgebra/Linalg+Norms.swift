// Norms of vectors and matrices, and condition numbers.

extension Linalg {
  /// Which norm is meant: a number p, Frobenius' or the nuclear one.
  public enum NormOrder: Sendable, Equatable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// Vectors: `sum(|x|^p)^(1/p)`. Matrices: 1 and -1, the largest and least sum of a column; infinite ones, of a row; 2 and
    /// -2, the largest and least singular value.
    case p(Double)
    /// The root of the sum of squares.
    case fro
    /// The sum of the singular values.
    case nuc

    /// The p-norm.
    public init(floatLiteral value: Double) { self = .p(value) }
    /// The p-norm.
    public init(integerLiteral value: Int) { self = .p(Double(value)) }
    /// The largest absolute value of a vector, or of the sums of a matrix's rows.
    public static var infinity: NormOrder { .p(.infinity) }
  }

  /// The p-norm of elements over dimensions, all together when none is listed; floats only.
  public static func vectorNorm(
    _ x: Tensor, ord: Double = 2, dims: [Int]? = nil, keepDim: Bool = false, dtype: DType? = nil
  ) -> Tensor {
    checked { () throws(TensorError) in
      let x = try dtype.map { (dtype) throws(TensorError) in try run(Cast(dtype: dtype), x) } ?? x
      // An empty list means all dimensions.
      let all = dims.map { $0.isEmpty ? Array(0..<x.rank) : $0 } ?? Array(0..<x.rank)
      if x.count == 0, ord < 0 || ord == .infinity,
        all.isEmpty || all.contains(where: { x.rank > 0 && x.shape[$0 < 0 ? $0 + x.rank : $0] == 0 })
      {
        throw TensorError(
          .value, "vectorNorm", "the norm of order \(ord) has no value for no elements, shape \(x.shape)")
      }
      return x.norm(p: ord, dims: all, keepDim: keepDim)
    }
  }

  /// The norm of matrices, of two dimensions; floats only.
  ///
  /// Singular values, for orders 2, -2 and nuclear, need float32 or float64 on the CPU.
  public static func matrixNorm(
    _ a: Tensor, ord: NormOrder = .fro, dims: (Int, Int) = (-2, -1), keepDim: Bool = false, dtype: DType? = nil
  ) -> Tensor {
    checked { () throws(TensorError) in
      let name = "matrixNorm"
      if a.rank < 2 {
        throw TensorError(.shape, name, "expected a matrix or a stack of them, but got shape \(a.shape)")
      }
      let a = try dtype.map { (dtype) throws(TensorError) in try run(Cast(dtype: dtype), a) } ?? a
      let rows = try resolve(dim: dims.0, rank: a.rank, operation: name)
      let columns = try resolve(dim: dims.1, rank: a.rank, operation: name)
      if rows == columns { throw TensorError(.index, name, "the two dimensions are both \(rows)") }
      try checkFloating(a, operation: name)
      func singular(_ reduce: (Tensor) -> Tensor) -> Tensor {
        let values = reduce(svdvals(a.movedim([rows, columns], [-2, -1])))
        if !keepDim { return values }
        return Swift.min(rows, columns) == rows
          ? values.unsqueeze(dim: rows).unsqueeze(dim: columns) : values.unsqueeze(dim: columns).unsqueeze(dim: rows)
      }
      /// The extreme over one dimension of the sums over another.
      func sums(over inner: Int, _ outer: Int, largest: Bool) -> Tensor {
        let sum = a.abs().sum(dim: inner, keepDim: true)
        // The largest of no sums is 0.
        if largest, a.shape[outer] == 0 {
          return Linalg.vectorNorm(sum, ord: 1, dims: [inner, outer], keepDim: keepDim)
        }
        let extreme = largest ? sum.amax(dim: outer, keepDim: true) : sum.amin(dim: outer, keepDim: true)
        return keepDim ? extreme : extreme.squeeze(dims: [inner, outer])
      }
      switch ord {
      case .fro: return a.norm(p: 2, dims: [rows, columns], keepDim: keepDim)
      case .nuc: return singular { $0.sum(dim: -1) }
      case .p(2): return singular { $0.shape.last == 0 ? $0.sum(dim: -1) : $0.amax(dim: -1) }
      case .p(-2): return singular { $0.amin(dim: -1) }
      case .p(1), .p(-1): return sums(over: rows, columns, largest: ord == .p(1))
      case .p(.infinity), .p(-.infinity): return sums(over: columns, rows, largest: ord == .p(.infinity))
      case .p(let p): throw TensorError(.value, name, "order \(p) is none of 1, -1, 2, -2, infinity, -infinity")
      }
    }
  }

  /// The norm of a tensor: of all its elements, of vectors along one dimension, or of matrices along two.
  ///
  /// Without an order it is the root of the sum of squares. Without dimensions, an order needs one or two dimensions.
  public static func norm(
    _ x: Tensor, ord: NormOrder? = nil, dims: [Int]? = nil, keepDim: Bool = false, dtype: DType? = nil
  ) -> Tensor {
    checked { () throws(TensorError) in
      if let ord, dims?.count == 2 || dims == nil && x.rank == 2 {
        let pair = dims ?? [0, 1]
        return matrixNorm(x, ord: ord, dims: (pair[0], pair[1]), keepDim: keepDim, dtype: dtype)
      }
      guard let ord else { return vectorNorm(x, dims: dims, keepDim: keepDim, dtype: dtype) }
      guard case .p(let p) = ord else {
        throw TensorError(
          .shape, "norm", "order \(ord) needs two dimensions, but got shape \(x.shape), dims \(dims ?? [])")
      }
      if dims == nil, x.rank > 2 || dims?.count ?? 1 > 2 {
        throw TensorError(.shape, "norm", "an order without dims needs one or two dimensions, but got shape \(x.shape)")
      }
      return vectorNorm(x, ord: p, dims: dims, keepDim: keepDim, dtype: dtype)
    }
  }

  /// The condition numbers [...] of matrices: `norm(a) * norm(inv(a))`, infinite for a singular one.
  ///
  /// - Parameters:
  ///   - a: Of shape [..., m, n]; square, but for orders 2 and -2.
  ///   - p: The norm; by default 2, the ratio of the largest and the least singular value.
  public static func cond(_ a: Tensor, _ p: NormOrder = 2) -> Tensor {
    checked { () throws(TensorError) in
      if p == 2 || p == -2 {
        let values = svdvals(a)
        if values.shape.last == 0 { return Tensor.zeros(values.shape.dropLast(), dtype: a.dtype, device: a.device) }
        let (first, last) = (values.select(dim: -1, index: 0), values.select(dim: -1, index: -1))
        return p == 2 ? first / last : last / first
      }
      try checkSquare(a, operation: "cond")
      if a.count == 0 { return Tensor.zeros(a.shape.dropLast(2), dtype: a.dtype, device: a.device) }
      let (inverse, info) = invEx(a)
      let product = matrixNorm(a, ord: p) * matrixNorm(inverse, ord: p)
      return `where`(info .== 0, product, Double.infinity)
    }
  }
}
