// Subscripts. Each gives `_modify` besides `get` and `set`: the compiler crashes when it synthesises that accessor for a
// parameter pack (Swift 6.3), and a view that comes back unchanged from `x[0] += 1` need not be written again.

extension Tensor {
  /// One entry of the first dimension: a view without it.
  ///
  /// Negative indices count from the end. Assigning writes to this tensor's memory, broadcast and cast to its dtype.
  public subscript(index: Int) -> Tensor {
    get { select(dim: 0, index: index) }
    set { write(newValue, to: part(index)) }
    _modify {
      let view = select(dim: 0, index: index)
      var value = view
      yield &value
      if value !== view { write(value, to: part(index)) }
    }
  }

  /// Part of the tensor by an index for each dimension, as in PyTorch: `x[0, 1..., .newAxis]`, `x[.ellipsis, -1]`,
  /// `x[mask]`, `x[indices, 0..<2]`.
  ///
  /// Integers, ranges, `.newAxis` and `.ellipsis` give a view; tensors and arrays of integers or truth values give a copy,
  /// in which the dimensions of the index tensors stand in place of the indexed ones when these are neighbours, else
  /// first. Assigning writes to this tensor's memory, broadcast and cast to its dtype; where indices repeat, the last wins.
  public subscript<each Entry: TensorIndex>(_ index: repeat each Entry) -> Tensor {
    get { read(part(repeat each index)) }
    set { write(newValue, to: part(repeat each index)) }
    _modify {
      let part = part(repeat each index)
      let read = read(part)
      var value = read
      yield &value
      if value !== read || part?.isView == false { write(value, to: part) }
    }
  }

  /// Part of the tensor by a list of entries that is made when the program runs: `x[at: [.slice(1), 0.indexEntry]]`.
  public subscript(at entries: [IndexEntry]) -> Tensor {
    get { read(part(at: entries)) }
    set { write(newValue, to: part(at: entries)) }
  }

  /// Part of the tensor overwritten with a number, which the dtype must hold: `x[mask] = 0`, `x[0, 1] = 2.5`.
  ///
  /// Reading gives the number of a part of one element; it takes a context that asks for `any Scalar`. (An existential,
  /// because operators such as `+=` of `Int` would be preferred to the tensor's for a generic number.)
  @_disfavoredOverload
  public subscript<each Entry: TensorIndex>(_ index: repeat each Entry) -> any Scalar {
    get { read(part(repeat each index)).scalar }
    set { write(newValue.number, to: part(repeat each index)) }
    _modify {
      let part = part(repeat each index)
      var value = read(part).scalar
      yield &value
      write(value.number, to: part)
    }
  }

  /// The number of a tensor of one element, as the Swift type of its kind.
  private var scalar: any Scalar {
    switch dtype {
    case .bool: item(as: Bool.self)
    case let dtype where dtype.isFloatingPoint: item(as: Double.self)
    default: item(as: Int.self)
    }
  }

  /// The part that the entries name, or nil after an error.
  private func part<each Entry: TensorIndex>(_ index: repeat each Entry) -> IndexedPart? {
    var entries: [IndexEntry] = []
    for entry in repeat each index { entries.append(entry.indexEntry) }
    return part(at: entries)
  }

  private func part(at entries: [IndexEntry]) -> IndexedPart? {
    checked(or: nil) { () throws(TensorError) -> IndexedPart? in try IndexedPart(of: self, at: entries) }
  }

  private func read(_ part: IndexedPart?) -> Tensor {
    checked { () throws(TensorError) in try part?.read() ?? .poisoned }
  }

  private func write(_ value: Tensor, to part: IndexedPart?) {
    checked(or: ()) { () throws(TensorError) in try part?.write(value) }
  }

  private func write(_ number: Number, to part: IndexedPart?) {
    checked(or: ()) { () throws(TensorError) in try part?.write(number) }
  }
}
