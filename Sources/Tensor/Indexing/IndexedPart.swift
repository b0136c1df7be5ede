/// The part of a tensor that a subscript names: a view, of which tensors index some dimensions.
struct IndexedPart {
  /// A tensor and the first dimension of the view that it indexes; a bool one indexes as many dimensions as it has.
  typealias Selector = (tensor: Tensor, dim: Int)

  private(set) var view: Tensor
  private(set) var indices: [Selector] = []
}

extension IndexedPart {
  private static let name = "subscript"

  /// Resolves a subscript's entries in order, as PyTorch does: integers before the tensors that copy.
  init(of tensor: Tensor, at entries: [IndexEntry]) throws(TensorError) {
    view = tensor
    let taken = entries.reduce(0) { $0 + $1.dimensionsTaken }
    if taken > tensor.rank {
      throw TensorError(
        .index, IndexedPart.name,
        tensor.rank == 0
          ? "a zero-dim tensor takes no index; item() reads its number"
          : "too many indices (\(taken)) for a tensor of shape \(tensor.shape)")
    }
    var dim = 0
    // Further ellipses stand for no dimension.
    var spread = tensor.rank - taken
    for entry in entries {
      switch entry.kind {
      case .integer(let index): try select(index, dim)
      case .slice(let start, let end, let step):
        let slice = try Slice(start, end, by: step, of: view, dim: dim, operation: IndexedPart.name)
        if slice.start != 0 || slice.end != view.layout.shape[dim] || step != 1 { view = try run(slice, view) }
        dim += 1
      case .newAxis:
        view = try run(Unsqueeze(dim: dim), view)
        dim += 1
      case .ellipsis:
        dim += spread
        spread = 0
      case .truth(let isTrue): try addTruth(isTrue, &dim)
      case .tensor(let tensor): try add(tensor, &dim)
      }
    }
    if view === tensor && indices.isEmpty { view = try run(View(shape: tensor.layout.shape), tensor) }
  }

  private mutating func select(_ index: Int, _ dim: Int) throws(TensorError) {
    view = try run(Select(index, of: view, dim: dim, operation: IndexedPart.name), view)
  }

  /// A truth value is a new dimension, indexed by one 0 or by nothing.
  private mutating func addTruth(_ isTrue: Bool, _ dim: inout Int) throws(TensorError) {
    view = try run(Unsqueeze(dim: dim), view)
    let index = try Tensor(
      uninitialized: Layout(contiguous: [isTrue ? 1 : 0]), dtype: .int64, on: view.backend, for: IndexedPart.name)
    try view.backend.fill(index, with: .int(0))
    indices.append((index, dim))
    dim += 1
  }

  private mutating func add(_ tensor: Tensor, _ dim: inout Int) throws(TensorError) {
    switch tensor.dtype {
    case .int64, .int32:
      if tensor.rank == 0 { return try select(Int(tensor.number(for: IndexedPart.name).integer), dim) }
      indices.append((try indexTensor(tensor, on: view, operation: IndexedPart.name), dim))
      dim += 1
    case .bool, .uint8:
      if tensor.rank == 0 { return try addTruth(tensor.number(for: IndexedPart.name).integer != 0, &dim) }
      let covered = view.layout.shape[dim..<(dim + tensor.rank)]
      if !covered.elementsEqual(tensor.layout.shape) {
        throw TensorError(
          .index, IndexedPart.name,
          "the mask of shape \(tensor.shape) at dimension \(dim) does not match the indexed tensor of shape "
            + "\(view.shape)")
      }
      indices.append((try tensor.converted(to: view.device, .bool), dim))
      dim += tensor.rank
    default:
      throw TensorError(
        .dtype, IndexedPart.name,
        "tensors used as indices must be of dtype .int64, .int32, .uint8 or .bool, but got \(tensor.dtype)")
    }
  }

  /// The int64 index tensors and the dimensions they index: a mask as the positions of its true elements.
  private func positions() throws(TensorError) -> (dims: [Int], tensors: [Tensor]) {
    var (dims, tensors): ([Int], [Tensor]) = ([], [])
    for (tensor, dim) in indices {
      if tensor.dtype == .bool {
        let places = try run(Nonzero(), tensor)
        for i in 0..<tensor.rank {
          dims.append(dim + i)
          tensors.append(try run(Select(dim: 1, index: i), places))
        }
      } else {
        dims.append(dim)
        tensors.append(tensor)
      }
    }
    return (dims, tensors)
  }

  /// Whether reading gives a view, not a copy.
  var isView: Bool { indices.isEmpty }

  /// The view, or a copy of what the tensors index.
  func read() throws(TensorError) -> Tensor {
    if indices.isEmpty { return view }
    let (dims, tensors) = try positions()
    return try run(Index(positions: dims), [view] + tensors)
  }

  /// Overwrites the part with a tensor's elements; leading dimensions of size 1 that are too many are dropped.
  ///
  /// - Parameter accumulate: Whether they are added instead.
  func write(_ value: Tensor, accumulate: Bool = false) throws(TensorError) {
    if indices.isEmpty {
      if accumulate { return try run(Binary<Add>(), on: view, value.droppingLeadingOnes(toRank: view.rank)) }
      // `x[0] = x[0]` and what `x[0] += 1` hands back.
      if value.storage === view.storage && value.layout == view.layout && value.dtype == view.dtype { return }
      return try run(Copy(), on: view, value.droppingLeadingOnes(toRank: view.rank))
    }
    if !accumulate, indices.count == 1, indices[0].tensor.dtype == .bool, value.count == 1 {
      return try fillMask(with: value)
    }
    let (dims, tensors) = try positions()
    let rank = view.rank - dims.count + (tensors.map(\.rank).max() ?? 0)
    try run(
      IndexPut(positions: dims, indices: tensors, accumulate: accumulate), on: view,
      value.droppingLeadingOnes(toRank: rank))
  }

  /// Overwrites the part with a number, which the dtype must hold.
  func write(_ number: Number) throws(TensorError) {
    if indices.isEmpty { return try run(Fill(number), on: view) }
    let element = try view.zeroDim(number, operation: IndexedPart.name)
    try write(element)
  }

  /// A single value needs no positions: choosing elementwise is several times faster.
  private func fillMask(with value: Tensor) throws(TensorError) {
    let (mask, dim) = indices[0]
    var shape = mask.layout.shape
    while dim + shape.count < view.rank { shape.append(1) }
    let element = try run(View(shape: []), value.converted(like: view))
    try run(Copy(), on: view, run(Ternary<Where>(), run(View(shape: shape), mask), element, view))
  }
}

extension IndexEntry {
  /// How many of the indexed tensor's dimensions the entry takes.
  fileprivate var dimensionsTaken: Int {
    switch kind {
    case .integer, .slice: 1
    case .newAxis, .ellipsis, .truth: 0
    case .tensor(let tensor): tensor.dtype == .bool || tensor.dtype == .uint8 ? tensor.rank : 1
    }
  }
}
