// Reading and writing by index tensors. Their attributes are resolved: dimensions rise, index tensors are int64.

/// The elements that tensors of indices name: an input tensor, then an index tensor for each of some of its dimensions.
///
/// The index tensors broadcast to one shape. It stands in place of the indexed dimensions when these are neighbours, else
/// first, as in PyTorch. Negative indices count from the end.
package struct Index: ListOperation {
  /// The input's dimensions that the tensors index, rising.
  package let positions: [Int]
  package init(positions: [Int]) { self.positions = positions }
  package var name: String { "subscript" }

  package func forward(_ inputs: [Tensor]) throws(TensorError) -> Tensor {
    let x = inputs[0]
    let plan = try IndexPlan(of: x, at: positions, by: Array(inputs.dropFirst()), operation: name)
    let output = try Tensor(uninitialized: Layout(contiguous: plan.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.index(
      x.with(plan.indexedFirst(x.layout)), by: plan.indices, dims: positions,
      to: output.with(plan.indicesFirst(output.layout)))
    return output
  }
}

/// Overwrites the elements that tensors of indices name, or adds to them; the values broadcast and are cast.
///
/// Where indices repeat, the last value wins, and sums are made in order.
package struct IndexPut: BinaryWrite {
  /// The target's dimensions that the tensors index, rising.
  package let positions: [Int]
  package let indices: [Tensor]
  package let accumulate: Bool

  package init(positions: [Int], indices: [Tensor], accumulate: Bool = false) {
    self.positions = positions
    self.indices = indices
    self.accumulate = accumulate
  }

  package var name: String { "subscript" }

  package func write(to target: Tensor, _ values: Tensor) throws(TensorError) {
    let plan = try IndexPlan(of: target, at: positions, by: indices, operation: name)
    guard Dims.broadcast(plan.shape, values.layout.shape) == plan.shape else {
      throw TensorError(
        .shape, name,
        "values of shape \(values.shape) cannot be broadcast to the indexed part of shape \(plan.shape)")
    }
    var values = try withoutOverlap(values.converted(like: target), target, operation: name)
    // Equal layouts pass the check above, but a permuting index would read what it has overwritten.
    if values.storage === target.storage { values = try run(Clone(), values) }
    try target.backend.indexPut(
      values.with(plan.indicesFirst(values.layout.broadcast(to: plan.shape))), by: plan.indices, dims: positions,
      accumulate: accumulate, to: target.with(plan.indexedFirst(target.layout)))
  }
}

/// The positions of the elements that are not zero: int64 of shape [count, rank], in row-major order.
package struct Nonzero: UnaryOperation {
  package init() {}
  package var name: String { "nonzero" }
  package var isDifferentiable: Bool { false }
  package func forward(_ x: Tensor) throws(TensorError) -> Tensor { try x.backend.nonzero(x) }
}

/// Which dimensions go where when tensors index some of them: backends take these first.
struct IndexPlan {
  /// The index tensors, broadcast to one shape.
  let indices: [Tensor]
  /// The shape of the indexed part.
  let shape: Dims
  private let positions: [Int]
  /// Where the dimensions of the indices begin in the indexed part.
  private let place: Int

  init(of x: Tensor, at positions: [Int], by indices: [Tensor], operation: String) throws(TensorError) {
    var common = Dims()
    for index in indices {
      guard let shape = Dims.broadcast(common, index.layout.shape) else {
        let shapes = indices.map { "\($0.shape)" }.joined(separator: ", ")
        throw TensorError(.shape, operation, "index tensors of shapes \(shapes) cannot be broadcast together")
      }
      common = shape
    }
    self.indices = indices.map { $0.with($0.layout.broadcast(to: common)) }
    self.positions = positions
    let areNeighbours = positions.last! - positions.first! == positions.count - 1
    place = areNeighbours ? positions.first! : 0
    var shape = x.layout.shape
    for dim in positions.reversed() { shape.remove(at: dim) }
    for size in common.reversed() { shape.insert(size, at: place) }
    self.shape = shape
  }

  /// The layout of the tensor with its indexed dimensions first.
  func indexedFirst(_ layout: Layout) -> Layout { layout.leading(with: positions) }

  /// The layout of the indexed part with the dimensions of the indices first.
  func indicesFirst(_ layout: Layout) -> Layout {
    layout.leading(with: place..<(place + indices[0].rank))
  }
}

extension Layout {
  /// The layout with some dimensions first, the others following in their order.
  fileprivate func leading(with dims: some Collection<Int>) -> Layout {
    let order = Array(dims) + (0..<rank).filter { !dims.contains($0) }
    return Layout(shape: Dims(order.map { shape[$0] }), strides: Dims(order.map { strides[$0] }), offset: offset)
  }
}

// MARK: - What indexing operations share

extension Tensor {
  /// The same memory under another layout, for a backend only: no graph, no base.
  fileprivate func with(_ layout: Layout) -> Tensor { Tensor(storage: storage, layout: layout, dtype: dtype) }

  /// The tensor without leading dimensions of size 1 beyond a rank.
  func droppingLeadingOnes(toRank rank: Int) throws(TensorError) -> Tensor {
    var lead = 0
    while self.rank - lead > rank && layout.shape[lead] == 1 { lead += 1 }
    return lead == 0 ? self : try run(Squeeze(dims: Dims(0..<lead)), self)
  }

  /// The tensor on a device and in a dtype; itself when it is there and of it.
  package func converted(to device: Device, _ dtype: DType) throws(TensorError) -> Tensor {
    let cast = dtype == self.dtype ? self : try run(Cast(dtype: dtype), self)
    return device == self.device ? cast : try run(Move(device: device), cast)
  }

  /// The tensor on another's device and in its dtype.
  func converted(like other: Tensor) throws(TensorError) -> Tensor { try converted(to: other.device, other.dtype) }

  /// A zero-dim tensor of this dtype and device that holds a number, which must fit.
  func zeroDim(_ number: Number, operation: String) throws(TensorError) -> Tensor {
    try checkFits(number, dtype, operation: operation)
    let element = try Tensor(uninitialized: Layout(contiguous: []), dtype: dtype, on: backend, for: operation)
    try backend.fill(element, with: number)
    return element
  }
}

/// An index tensor as int64 on the device of the tensor it indexes.
func indexTensor(_ index: Tensor, on x: Tensor, operation: String) throws(TensorError) -> Tensor {
  // An index without entries may be of any dtype.
  guard index.dtype == .int64 || index.dtype == .int32 || index.count == 0 else {
    throw TensorError(.dtype, operation, "expected an index of dtype .int64 or .int32, but got \(index.dtype)")
  }
  return try index.converted(to: x.device, .int64)
}

/// The same for an index of one dimension; a zero-dim one counts as one entry.
func indexVector(_ index: Tensor, on x: Tensor, operation: String) throws(TensorError) -> Tensor {
  if index.rank > 1 {
    throw TensorError(.shape, operation, "expected an index of one dimension, but got shape \(index.shape)")
  }
  let index = try indexTensor(index, on: x, operation: operation)
  return index.rank == 1 ? index : try run(Unsqueeze(dim: 0), index)
}

/// Runs a body whose errors shall bear the name of the operation that the user called, those too that a GPU meets later.
func named<Result>(
  _ operation: StaticString, _ body: () throws(TensorError) -> Result
) throws(TensorError) -> Result {
  let outer = CUDABackend.rename(operation)
  defer { CUDABackend.restore(outer) }
  do { return try body() } catch { throw TensorError(error.kind, "\(operation)", error.message) }
}
