// Matrix products. Operands must share a dtype: products do not promote, as in PyTorch.

/// The product of tensors of any ranks: vectors, matrices and stacks of matrices whose leading dimensions broadcast.
package struct Matmul: BinaryOperation {
  /// Which public function it is; autocast treats them apart.
  package enum Form: Sendable { case matmul, mm, bmm, mv, dot, addmm }
  package let form: Form

  package init(form: Form = .matmul) { self.form = form }

  package var name: String {
    switch form {
    case .matmul: "matmul"
    case .mm: "mm"
    case .bmm: "bmm"
    case .mv: "mv"
    case .dot: "dot"
    case .addmm: "addmm"
    }
  }

  package func precision(on kind: Device.Kind) -> Precision {
    switch form {
    case .matmul, .mm, .bmm, .addmm: .lower
    case .mv: kind == .cuda ? .lower : .untouched
    case .dot: kind == .cuda ? .promote : .untouched
    }
  }

  package func forward(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
    if a.layout.rank == 0 || b.layout.rank == 0 {
      throw TensorError(
        .shape, name,
        "both operands need at least one dimension, but they have shapes \(a.layout.shape) and \(b.layout.shape)")
    }
    try checkProduct(a, b, operation: name)
    if a.layout.rank == 2, b.layout.rank == 2, a.layout.shape[1] == b.layout.shape[0] {
      let shape = Dims(a.layout.shape[0], b.layout.shape[1])
      let output = try Tensor(uninitialized: Layout(contiguous: shape), dtype: a.dtype, on: a.backend, for: name)
      try a.backend.matmul(a, b, bias: nil, to: output)
      return output
    }
    // A vector on the left is a row, one on the right a column; their dimensions vanish from the result.
    var (x, y) = (a.layout, b.layout)
    if x.rank == 1 {
      x.shape.insert(1, at: 0)
      x.strides.insert(0, at: 0)
    }
    if y.rank == 1 {
      y.shape.append(1)
      y.strides.append(0)
    }
    let (rows, inner, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1], y.shape[y.rank - 1])
    if y.shape[y.rank - 2] != inner {
      throw TensorError(
        .shape, name,
        "shapes \(a.layout.shape) and \(b.layout.shape) cannot be multiplied: \(inner) columns meet "
          + "\(y.shape[y.rank - 2]) rows")
    }
    guard let lead = Dims.broadcast(Dims(x.shape.dropLast(2)), Dims(y.shape.dropLast(2))) else {
      throw TensorError(
        .shape, name,
        "the leading dimensions of shapes \(a.layout.shape) and \(b.layout.shape) do not broadcast")
    }
    var shape = lead
    if a.layout.rank > 1 { shape.append(rows) }
    if b.layout.rank > 1 { shape.append(columns) }
    let output = try Tensor(uninitialized: Layout(contiguous: shape), dtype: a.dtype, on: a.backend, for: name)
    var out = lead
    out.append(rows)
    out.append(columns)
    if y.rank == 2, let folded = x.foldingRows() {
      // A stack of matrices by one matrix is a single product.
      x = folded
      out = [folded.shape[0], columns]
    }
    try a.backend.matmul(a.seen(as: x), b.seen(as: y), bias: nil, to: output.viewed(as: out))
    return output
  }
}

/// `x @ weight.T + bias` for inputs [..., in], a weight [out, in] and a bias [out], in one product with one rounding.
package struct LinearProduct: TernaryOperation {
  package init() {}

  package var name: String { "linear" }
  package func precision(on kind: Device.Kind) -> Precision { .lower }

  package func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) throws(TensorError) -> Tensor {
    try checkProduct(x, weight, operation: name)
    if let bias { try checkProduct(x, bias, operation: name) }
    let (input, w) = (x.layout, weight.layout)
    guard w.rank == 2, input.rank >= 1, input.shape[input.rank - 1] == w.shape[1] else {
      throw TensorError(
        .shape, name, "an input of shape \(input.shape) does not fit a weight of shape \(w.shape), which is [out, in]")
    }
    if let bias, bias.layout.rank > 1 || bias.layout.rank == 1 && bias.layout.shape[0] != w.shape[0] {
      throw TensorError(
        .shape, name,
        "a bias of shape \(bias.layout.shape) does not fit a weight of shape \(w.shape), which is [out, in]")
    }
    var shape = input.shape
    shape[shape.count - 1] = w.shape[0]
    let output = try Tensor(uninitialized: Layout(contiguous: shape), dtype: x.dtype, on: x.backend, for: name)
    let transposed = Layout(
      shape: Dims(w.shape[1], w.shape[0]), strides: Dims(w.strides[1], w.strides[0]), offset: w.offset)
    var rows = input
    if rows.rank == 1 {
      rows.shape.insert(1, at: 0)
      rows.strides.insert(0, at: 0)
    }
    rows = rows.foldingRows() ?? rows
    var out = rows.shape
    out[out.count - 1] = w.shape[0]
    try x.backend.matmul(
      x.seen(as: rows), weight.seen(as: transposed), bias: bias, to: output.viewed(as: out))
    return output
  }
}

extension Tensor {
  /// The same memory in another layout, outside any graph: for a kernel's eyes.
  fileprivate func seen(as layout: Layout) -> Tensor {
    self.layout.shape == layout.shape && self.layout.strides == layout.strides
      ? self : Tensor(storage: storage, layout: layout, dtype: dtype)
  }
}

extension Layout {
  /// All but the last dimension as one, where the strides allow it.
  fileprivate func foldingRows() -> Layout? {
    if rank == 2 { return self }
    var (count, stride) = (1, 0)
    var i = rank - 2
    while i >= 0 {
      if shape[i] != 1 {
        if count == 1 { stride = strides[i] } else if strides[i] != count * stride { return nil }
        count *= shape[i]
      }
      i -= 1
    }
    let (inner, innerStride) = (shape[rank - 1], strides[rank - 1])
    return Layout(shape: [count, inner], strides: [stride, innerStride], offset: offset)
  }
}

/// Products take operands of one device and one dtype, any but bool.
private func checkProduct(_ a: Tensor, _ b: Tensor, operation: @autoclosure () -> String) throws(TensorError) {
  try checkSameDevice(a, b, operation: operation())
  if a.dtype != b.dtype {
    throw TensorError(
      .dtype, operation(),
      "expected operands of the same dtype, but got \(a.dtype) of shape \(a.shape) and \(b.dtype) of shape \(b.shape)")
  }
  if a.dtype == .bool { throw TensorError(.dtype, operation(), "not implemented for .bool") }
}

// MARK: - Public functions

extension Tensor {
  /// The product of vectors, matrices or stacks of matrices, by the ranks.
  ///
  /// Two vectors give their inner product, a matrix and a vector a vector, matrices [n, k] and [k, m] give [n, m]; more
  /// dimensions in front are stacks, which broadcast. Both must have one dtype, not bool.
  public func matmul(_ other: Tensor) -> Tensor { apply(Matmul(), self, other) }

  /// The product of two matrices, [n, k] and [k, m].
  public func mm(_ other: Tensor) -> Tensor { product(.mm, other, ranks: (2, 2)) }
  /// The products of two equally long stacks of matrices, [b, n, k] and [b, k, m].
  public func bmm(_ other: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      try checkRanks(.bmm, other, (3, 3))
      if shape[0] != other.shape[0] {
        throw TensorError(.shape, "bmm", "stacks of shapes \(shape) and \(other.shape) are not equally long")
      }
      return try run(Matmul(form: .bmm), self, other)
    }
  }
  /// The product of a matrix [n, k] and a vector [k].
  public func mv(_ vector: Tensor) -> Tensor { product(.mv, vector, ranks: (2, 1)) }
  /// The inner product of two vectors of one length.
  public func dot(_ other: Tensor) -> Tensor { product(.dot, other, ranks: (1, 1)) }

  /// The products of each element of this vector with each of another, [n] and [m] to [n, m].
  public func outer(_ other: Tensor) -> Tensor {
    checked { () throws(TensorError) in
      if rank != 1 || other.rank != 1 {
        throw TensorError(.shape, "outer", "expected two vectors, but got shapes \(shape) and \(other.shape)")
      }
      return try run(Binary<Multiply>(), run(Unsqueeze(dim: 1), self), other)
    }
  }

  /// `beta * self + alpha * (a @ b)` for matrices a [n, k] and b [k, m]; the term broadcasts to [n, m].
  public func addmm(_ a: Tensor, _ b: Tensor, beta: Double = 1, alpha: Double = 1) -> Tensor {
    checked { () throws(TensorError) in
      try a.checkRanks(.addmm, b, (2, 2))
      let product = try run(Matmul(form: .addmm), a, b)
      // Autocast lowers the term as it does the factors.
      var term = self
      if Scope.current?.autocast?.lower(on: device.kind) != nil, dtype != .float64 {
        term = try run(Cast(dtype: product.dtype), term)
      }
      return try term.adding(product, beta: beta, alpha: alpha, operation: "addmm")
    }
  }

  private func product(_ form: Matmul.Form, _ other: Tensor, ranks: (Int, Int)) -> Tensor {
    checked { (scope) throws(TensorError) in
      try checkRanks(form, other, ranks)
      return try run(Matmul(form: form), self, other, in: scope)
    }
  }

  private func checkRanks(_ form: Matmul.Form, _ other: Tensor, _ ranks: (Int, Int)) throws(TensorError) {
    if (rank, other.rank) != ranks {
      throw TensorError(
        .shape, Matmul(form: form).name,
        "expected operands of \(ranks.0) and \(ranks.1) dimensions, but got shapes \(shape) and \(other.shape)")
    }
  }
}

/// The product of vectors, matrices or stacks of matrices, as `a.matmul(b)`.
public func matmul(_ a: Tensor, _ b: Tensor) -> Tensor { a.matmul(b) }

/// `input @ weight.T + bias`: the linear layer.
///
/// - Parameters:
///   - input: Of shape [..., in].
///   - weight: Of shape [out, in] and the input's dtype; [in] for one output, whose dimension is dropped.
///   - bias: Of shape [out], or nil for none; added before the one rounding.
/// - Returns: A tensor of shape [..., out].
public func linear(_ input: Tensor, _ weight: Tensor, _ bias: Tensor? = nil) -> Tensor {
  if weight.rank == 1 { return linear(input, weight.unsqueeze(dim: 0), bias?.reshape([1])).squeeze(dim: -1) }
  return apply(LinearProduct(), input, weight, bias)
}
