// Powers, exponentials and products of matrices and vectors.

extension Linalg {
  /// The n-th power of square matrices [..., m, m]; a negative one is a power of the inverse.
  ///
  /// It takes up to 2 log2(n) products.
  public static func matrixPower(_ a: Tensor, _ n: Int) -> Tensor {
    checked { () throws(TensorError) in
      if a.rank < 2 || a.matrixSize.rows != a.matrixSize.columns {
        throw TensorError(.shape, "matrixPower", "expected square matrices, but got shape \(a.shape)")
      }
      if n == 0 { return Tensor.eye(a.matrixSize.rows, dtype: a.dtype, device: a.device).expand(a.shape).clone() }
      var power = n < 0 ? inv(a) : a
      var left = n.magnitude
      var result: Tensor?
      while true {
        if left & 1 == 1 { result = result.map { $0.matmul(power) } ?? power }
        left >>= 1
        if left == 0 { break }
        power = power.matmul(power)
      }
      return result! === a ? a.clone() : result!
    }
  }

  /// `I + a + a²/2! + a³/3! + ...` for square matrices [..., n, n], floats only; as `matrixExp`.
  public static func matrixExp(_ a: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      let name = "matrixExp"
      if a.rank < 2 || a.matrixSize.rows != a.matrixSize.columns {
        throw TensorError(.shape, name, "expected square matrices, but got shape \(a.shape)")
      }
      try checkFloating(a, operation: name)
      if a.count == 0 { return a.clone() }
      // Halved until its norm is at most 1, where 18 terms are exact to float64, then squared as often; for smaller
      // dtypes in float64 too, since each squaring doubles the error.
      let wide = a.to(.float64)
      let norm = noRecording { wide.abs().sum(dim: -2).amax().item() }
      let halvings = norm.isFinite && norm > 1 ? Int(norm.exponent) + 1 : 0
      let scaled = wide * Double(sign: .plus, exponent: -halvings, significand: 1)
      let unit = Tensor.eye(a.matrixSize.rows, dtype: .float64, device: a.device)
      var sum = unit + scaled / 18
      for k in (1..<18).reversed() { sum = unit + scaled.matmul(sum) / Double(k) }
      for _ in 0..<halvings { sum = sum.matmul(sum) }
      return sum.to(a.dtype)
    }
  }

  /// The product of two or more matrices in the order of least multiplications; the first and last may be vectors.
  public static func multiDot(_ tensors: [Tensor]) -> Tensor {
    checked { () throws(TensorError) in
      let name = "multiDot"
      guard tensors.count >= 2 else {
        throw TensorError(.value, name, "expected at least 2 tensors, but got \(tensors.count)")
      }
      var matrices = tensors
      let (first, last) = (tensors[0], tensors[tensors.count - 1])
      if first.rank == 1 { matrices[0] = first.unsqueeze(dim: 0) }
      if last.rank == 1 { matrices[tensors.count - 1] = last.unsqueeze(dim: 1) }
      for (i, x) in matrices.enumerated() {
        if x.rank != 2 {
          throw TensorError(.shape, name, "expected matrices, but tensor \(i) has shape \(tensors[i].shape)")
        }
        if i > 0, x.shape[0] != matrices[i - 1].shape[1] {
          throw TensorError(
            .shape, name,
            "tensors \(i - 1) and \(i) of shapes \(tensors[i - 1].shape) and \(tensors[i].shape) cannot be multiplied")
        }
      }
      var product = chain(matrices)
      if last.rank == 1 { product = product.squeeze(dim: -1) }
      if first.rank == 1 { product = product.squeeze(dim: 0) }
      return product
    }
  }

  /// By the least costs of all partial chains (Cormen et al., matrix-chain multiplication).
  private static func chain(_ matrices: [Tensor]) -> Tensor {
    let n = matrices.count
    let sizes = matrices.map { $0.shape[0] } + [matrices[n - 1].shape[1]]
    var cost = Array(repeating: Array(repeating: 0.0, count: n), count: n)
    var cut = Array(repeating: Array(repeating: 0, count: n), count: n)
    for length in 1..<n {
      for i in 0..<(n - length) {
        let j = i + length
        cost[i][j] = .infinity
        for k in i..<j {
          let total = cost[i][k] + cost[k + 1][j] + Double(sizes[i]) * Double(sizes[k + 1]) * Double(sizes[j + 1])
          if total < cost[i][j] { (cost[i][j], cut[i][j]) = (total, k) }
        }
      }
    }
    func product(_ i: Int, _ j: Int) -> Tensor {
      i == j ? matrices[i] : product(i, cut[i][j]).matmul(product(cut[i][j] + 1, j))
    }
    return product(0, n - 1)
  }

  /// The cross products of vectors of three elements along a dimension; the others broadcast.
  public static func cross(_ a: Tensor, _ b: Tensor, dim: Int = -1) -> Tensor {
    checked { () throws(TensorError) in
      let name = "cross"
      if a.rank != b.rank {
        throw TensorError(
          .shape, name, "expected operands of equally many dimensions, but got \(a.shape) and \(b.shape)")
      }
      let dim = try resolve(dim: dim, rank: a.rank, operation: name)
      guard a.rank > 0, a.shape[dim] == 3, b.shape[dim] == 3 else {
        throw TensorError(
          .shape, name, "expected size 3 in dimension \(dim), but got shapes \(a.shape) and \(b.shape)")
      }
      return a.roll(-1, dim: dim) * b.roll(-2, dim: dim) - a.roll(-2, dim: dim) * b.roll(-1, dim: dim)
    }
  }

  /// The inner products of vectors along a dimension; the others broadcast.
  public static func vecdot(_ a: Tensor, _ b: Tensor, dim: Int = -1) -> Tensor {
    let product = a * b
    return product.sum(dim: dim).to(product.dtype)
  }

  /// The diagonals [..., k] of matrices, as views.
  public static func diagonal(_ a: Tensor, offset: Int = 0, dim1: Int = -2, dim2: Int = -1) -> Tensor {
    a.diagonal(offset: offset, dim1: dim1, dim2: dim2)
  }

  /// The Vandermonde matrices [..., n, count] of vectors [..., n]: each element's powers from 0 on.
  ///
  /// - Parameters:
  ///   - x: Of at least one dimension.
  ///   - count: How many powers; by default n.
  public static func vander(_ x: Tensor, count: Int? = nil) -> Tensor {
    checked { () throws(TensorError) in
      // A number is a vector of one.
      let vector = x.rank == 0 ? x.unsqueeze(dim: 0) : x
      let n = vector.shape[vector.rank - 1]
      let count = count ?? n
      if count <= 1, count != n || n == 0 {
        throw TensorError(.value, "vander", "expected more than one power, but got \(count)")
      }
      let x = vector.dtype.isFloatingPoint ? vector : vector.to(.int64)
      let ones = Tensor.ones(x.shape + [1], dtype: x.dtype, device: x.device)
      let powers = x.unsqueeze(dim: -1).expand(x.shape + [Swift.max(count - 1, 0)]).cumprod(dim: -1)
      return cat([ones, powers], dim: -1)
    }
  }
}

extension Tensor {
  /// The n-th power of square matrices, as `Linalg.matrixPower`.
  public func matrixPower(_ n: Int) -> Tensor { Linalg.matrixPower(self, n) }
  /// The exponentials of square matrices, as `Linalg.matrixExp`.
  public func matrixExp() -> Tensor { Linalg.matrixExp(self) }

  /// The cross products of vectors of three elements; along the first dimension of that size when none is named.
  public func cross(_ other: Tensor, dim: Int? = nil) -> Tensor {
    checked { () throws(TensorError) in
      guard let found = dim ?? shape.firstIndex(of: 3) else {
        throw TensorError(.shape, "cross", "no dimension of size 3 in shape \(shape)")
      }
      return Linalg.cross(self, other, dim: found)
    }
  }
}
