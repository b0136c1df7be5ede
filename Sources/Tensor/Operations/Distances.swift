// Lengths of vectors and distances between them.

/// The cosine of the angle between vectors along a dimension.
///
/// - Parameters:
///   - a: Vectors along `dim`; shapes broadcast.
///   - b: The others.
///   - dim: The dimension of the vectors.
///   - eps: The least length that a vector is divided by.
public func cosineSimilarity(_ a: Tensor, _ b: Tensor, dim: Int = 1, eps: Double = 1e-8) -> Tensor {
  checked { () throws(TensorError) in
    let dtype = promotedDType(a, b)
    if !dtype.isFloatingPoint {
      throw TensorError(
        .dtype, "cosineSimilarity", "expected floating-point operands, but got \(a.dtype) and \(b.dtype)")
    }
    guard let shape = Dims.broadcast(a.layout.shape, b.layout.shape) else {
      throw shapeMismatch(a.layout.shape, b.layout.shape, operation: "cosineSimilarity")
    }
    let (x, y) = (a.to(dtype).expand(Array(shape)), b.to(dtype).expand(Array(shape)))
    let unit = { (x: Tensor) throws(TensorError) in
      try x / x.norm(p: 2, dim: dim, keepDim: true).raised(to: eps)
    }
    return try (unit(x) * unit(y)).sum(dim: dim)
  }
}

/// The p-norm of the differences of vectors along the last dimension.
///
/// - Parameters:
///   - a: Vectors along the last dimension; shapes broadcast.
///   - b: The others.
///   - p: The norm; 2 is the length.
///   - eps: Added to each difference, so that the gradient of equal vectors is finite.
///   - keepDim: Whether the last dimension stays with size 1.
public func pairwiseDistance(
  _ a: Tensor, _ b: Tensor, p: Double = 2, eps: Double = 1e-6, keepDim: Bool = false
) -> Tensor {
  (a - b + eps).norm(p: p, dim: -1, keepDim: keepDim)
}

extension Tensor {
  /// The p-norms of the differences of all pairs of rows [N, M], as N (N - 1) / 2 numbers: rows 0 and 1, 0 and 2, ...
  ///
  /// Takes memory for the differences.
  public func pdist(p: Double = 2) -> Tensor {
    checked { () throws(TensorError) in
      try checkFloating(self, operation: "pdist")
      if rank != 2 { throw TensorError(.shape, "pdist", "expected a matrix, but got shape \(shape)") }
      if !(p >= 0) { throw TensorError(.value, "pdist", "expected p >= 0, but got \(p)") }
      let count = layout.shape[0]
      let pairs = (0..<Swift.max(count, 1)).flatMap { i in ((i + 1)..<Swift.max(count, i + 1)).map { (i, $0) } }
      let rows = { (index: [Int]) in
        self.indexSelect(dim: 0, index: Tensor(index, dtype: .int64, device: self.device))
      }
      return (rows(pairs.map(\.0)) - rows(pairs.map(\.1))).norm(p: p, dim: 1)
    }
  }

  /// The elements divided by their p-norm along a dimension, which is taken as `eps` at least.
  public func normalize(p: Double = 2, dim: Int = 1, eps: Double = 1e-12) -> Tensor {
    self / norm(p: p, dim: dim, keepDim: true).clamp(min: eps)
  }

  /// A row of zeros with a 1 at the class for each int64 element: [..., classes].
  ///
  /// - Parameter classes: Their number; nil for the largest element plus one, which waits for the device.
  public func oneHot(classes: Int? = nil) -> Tensor {
    checked { () throws(TensorError) in
      let name = "oneHot"
      if dtype != .int64 { throw TensorError(.dtype, name, "expected classes of dtype .int64, but got \(dtype)") }
      if let classes, classes < 1 { throw TensorError(.value, name, "expected classes >= 1, but got \(classes)") }
      if count == 0 {
        guard let classes else {
          throw TensorError(.value, name, "an empty tensor of shape \(shape) says no number of classes")
        }
        return Tensor.zeros(shape + [classes], dtype: .int64, device: device)
      }
      let all = Dims(0..<rank)
      let least = try Extremes(largest: false, dims: all, keepDim: false).forward(self).item(as: Int.self)
      let greatest = try Extremes(largest: true, dims: all, keepDim: false).forward(self).item(as: Int.self)
      if least < 0 || greatest >= classes ?? .max {
        throw TensorError(
          .value, name,
          "expected classes from 0 up to, not including, \(classes ?? greatest + 1), but got "
            + "\(least) to \(greatest)")
      }
      let range = Tensor.arange(classes ?? greatest + 1, device: device)
      return try run(Cast(dtype: .int64), run(Binary<Equal>(), run(Unsqueeze(dim: rank), self), range))
    }
  }
}

/// Forms of two vectors: for each output o the sum of `a[i] * weight[o, i, j] * b[j]`, plus a bias.
///
/// - Parameters:
///   - a: Of shape [..., I].
///   - b: Of shape [..., J], with the same leading dimensions.
///   - weight: Of shape [outputs, I, J].
///   - bias: Of shape [outputs].
/// - Returns: A tensor of shape [..., outputs].
public func bilinear(_ a: Tensor, _ b: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
  checked { () throws(TensorError) in
    let name = "bilinear"
    guard a.rank > 0, a.rank == b.rank, a.shape.dropLast() == b.shape.dropLast(), weight.rank == 3,
      weight.shape[1] == a.shape.last, weight.shape[2] == b.shape.last,
      bias?.shape ?? [weight.shape[0]] == [weight.shape[0]]
    else {
      throw TensorError(
        .shape, name,
        "expected inputs [..., I] and [..., J] and a weight [outputs, I, J], but got \(a.shape), \(b.shape) and "
          + "\(weight.shape)" + (bias.map { " with a bias of \($0.shape)" } ?? ""))
    }
    let (outputs, first, second) = (weight.shape[0], weight.shape[1], weight.shape[2])
    let lead = Array(a.shape.dropLast())
    let rows = lead.reduce(1, *)
    let forms = a.reshape([rows, first]).matmul(weight.permute(1, 0, 2).reshape([first, outputs * second]))
    let values = forms.reshape([rows, outputs, second]).matmul(b.reshape([rows, second, 1]))
    let result = values.reshape(lead + [outputs])
    return bias.map { result + $0 } ?? result
  }
}
