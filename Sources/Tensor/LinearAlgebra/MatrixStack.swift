/// A stack of matrices copied to row-major float64, for factorisations, which change it in place.
///
/// Results are rounded to the input's dtype once.
struct MatrixStack {
  /// [count, rows, columns], float64.
  let matrices: Tensor
  /// The dimensions before the last two.
  let batch: Dims
  let dtype: DType
  let backend: any LinearAlgebraBackend
  let operation: String

  var count: Int { matrices.layout.shape[0] }
  var rows: Int { matrices.layout.shape[1] }
  var columns: Int { matrices.layout.shape[2] }

  init(copying x: Tensor, operation: String) throws(TensorError) {
    try checkMatrix(x, operation: operation)
    let shape = x.layout.shape
    backend = try x.backend.linearAlgebra(for: operation)
    batch = Dims(shape.dropLast(2))
    dtype = x.dtype
    self.operation = operation
    let output = try Tensor(uninitialized: Layout(contiguous: shape), dtype: .float64, on: backend, for: operation)
    try backend.copy(x, to: output)
    matrices = output.viewed(as: [batch.elementCount, shape[shape.count - 2], shape[shape.count - 1]])
  }

  /// Scratch for every matrix, of a shape of its own.
  func empty(_ shape: Dims, dtype: DType = .float64) throws(TensorError) -> Tensor {
    var whole = shape
    whole.insert(count, at: 0)
    return try Tensor(uninitialized: Layout(contiguous: whole), dtype: dtype, on: backend, for: operation)
  }

  /// A stack of results as the user sees it: [batch..., rest...] in the input's dtype.
  func result(_ stack: Tensor, dtype: DType? = nil) throws(TensorError) -> Tensor {
    let shape = batch + Dims(stack.layout.shape.dropFirst())
    return try cast(stack.viewed(as: shape), to: dtype ?? self.dtype)
  }

  /// Several results side by side in one tensor [batch..., numbers], in the input's dtype; `Parts` takes them out again.
  func packed(_ stacks: Tensor...) throws(TensorError) -> Tensor {
    let sizes = stacks.map { $0.layout.shape.dropFirst().reduce(1, *) }
    let total = sizes.reduce(0, +)
    let output = try Tensor(
      uninitialized: Layout(contiguous: [count, total]), dtype: dtype, on: backend, for: operation)
    var offset = 0
    for (stack, size) in zip(stacks, sizes) {
      let layout = Layout(shape: [count, size], strides: [total, 1], offset: offset)
      try backend.copy(
        stack.viewed(as: [count, size]), to: Tensor(storage: output.storage, layout: layout, dtype: dtype))
      offset += size
    }
    return output.viewed(as: batch + [total])
  }
}

/// The shapes of results that lie side by side in one tensor, as `MatrixStack.packed` puts them.
///
/// One tensor is what an operation returns and differentiates; its parts are views, whose gradients meet in it.
package struct Parts {
  private let shapes: [[Int]]
  package init(_ shapes: [Int]...) { self.shapes = shapes }

  /// Part i of a packed tensor, of shape [batch..., shape...].
  package func part(_ i: Int, of packed: Tensor) -> Tensor {
    let start = shapes[..<i].map { $0.reduce(1, *) }.reduce(0, +)
    let part = packed.narrow(dim: -1, start: start, length: shapes[i].reduce(1, *))
    return part.reshape(packed.shape.dropLast() + shapes[i])
  }

  /// Part i in memory of its own.
  func separate(_ i: Int, of packed: Tensor) -> Tensor {
    shapes.count == 1 ? part(0, of: packed) : part(i, of: packed).clone()
  }
}

extension Dims {
  static func + (a: Dims, b: Dims) -> Dims {
    var sum = a
    for size in b { sum.append(size) }
    return sum
  }
}

extension Tensor {
  /// The numbers of rows and columns of a stack of matrices.
  package var matrixSize: (rows: Int, columns: Int) { (shape[rank - 2], shape[rank - 1]) }
  /// Each matrix of a stack transposed.
  package var transposed: Tensor { transpose(-1, -2) }
}

func checkMatrix(_ x: Tensor, operation: String) throws(TensorError) {
  if x.rank < 2 {
    throw TensorError(.shape, operation, "expected a matrix or a stack of them, but got shape \(x.shape)")
  }
  if x.dtype != .float32 && x.dtype != .float64 {
    throw TensorError(.dtype, operation, "not implemented for \(x.dtype): expected .float32 or .float64")
  }
}

func checkSquare(_ x: Tensor, operation: String) throws(TensorError) {
  try checkMatrix(x, operation: operation)
  if x.matrixSize.rows != x.matrixSize.columns {
    throw TensorError(.shape, operation, "expected square matrices, but got shape \(x.shape)")
  }
}

/// Throws for the first matrix whose `info` is not 0.
func checkInfo(_ info: Tensor, operation: String, _ message: (Int) -> String) throws(TensorError) {
  let numbers = info.contiguous().array(as: Int32.self)
  guard let first = numbers.firstIndex(where: { $0 != 0 }) else { return }
  let which = info.rank == 0 || numbers.count == 1 ? "" : "matrix \(first) of the batch: "
  throw TensorError(.value, operation, which + message(Int(numbers[first])))
}
