internal import NN

extension Table {
  /// Elements by indices and masks.
  static func indexing() -> Family {
    var t = Family("indexing")
    subscripts(&t)
    alongDimensions(&t)
    scattering(&t)
    masks(&t)
    return t
  }

  private static func subscripts(_ t: inout Family) {
    t.one("__getitem__") { a in
      let x = try a[0].tensor()
      guard case .tuple(let entries) = a.positional[1] else {
        return x[at: [try entry(a.positional[1], on: x.device)]]
      }
      return x[at: try entries.map { try entry($0, on: x.device) }]
    }
    t.one("index_put") { a in
      try a[0].tensor().clone().indexPut(
        a[1, "indices"].optionalTensors(), a[2, "values"].tensor(), accumulate: a[3, "accumulate"].bool(or: false))
    }
    t.inPlace("index_put") { a in
      try a[0].tensor().indexPut(
        a[1, "indices"].optionalTensors(), a[2, "values"].tensor(), accumulate: a[3, "accumulate"].bool(or: false))
    }
    t.one("take") { a in try a[0].tensor().take(a[1, "index"].tensor()) }
    t.one("put") { a in
      try a[0].tensor().put(
        a[1, "index"].tensor(), a[2, "source"].tensor(), accumulate: a[3, "accumulate"].bool(or: false))
    }
    t.many("unravel_index") { a in try a[0].tensor().unravelIndex(a[1, "shape"].ints()) }
  }

  /// An entry of a subscript, as Python writes it.
  private static func entry(_ value: Value, on device: Device) throws -> IndexEntry {
    switch value {
    case .none: return .newAxis
    case .ellipsis: return .ellipsis
    case .bool(let truth): return truth.indexEntry
    case .int(let index): return index.indexEntry
    case .slice(let start, let end, let step): return .slice(start, end, by: step ?? 1)
    case .tensor(let tensor): return tensor.indexEntry
    case .list(let entries):
      let places: [Int] = try entries.map { try Argument(label: "index", value: $0).int() }
      return Tensor(places, dtype: .int64, device: device).indexEntry
    default: throw ArgumentError("\(value) is no index")
    }
  }

  private static func alongDimensions(_ t: inout Family) {
    t.one("gather") { a in try a[0].tensor().gather(dim: a[1, "dim"].int(), index: a[2, "index"].tensor()) }
    t.one("take_along_dim") { a in
      guard let dim = try a[2, "dim"].optionalInt() else {
        return try a[0].tensor().takeAlongDim(a[1, "indices"].tensor())
      }
      return try a[0].tensor().takeAlongDim(a[1, "indices"].tensor(), dim: dim)
    }
    t.one("index_select") { a in try a[0].tensor().indexSelect(dim: a[1, "dim"].int(), index: a[2, "index"].tensor()) }
    t.one("index_add") { a in
      let (x, dim, index) = (try a[0].tensor(), try a[1, "dim"].int(), try a[2, "index"].tensor())
      let alpha = try a["alpha"].scalar(or: 1)
      return x.indexAdd(dim: dim, index: index, source: try a[3, "source"].tensor(), alpha: alpha)
    }
    t.one("index_copy") { a in
      let (x, dim, index) = (try a[0].tensor(), try a[1, "dim"].int(), try a[2, "index"].tensor())
      return x.indexCopy(dim: dim, index: index, source: try a[3, "source"].tensor())
    }
    t.one("index_fill") { a in
      let (x, dim, index) = (try a[0].tensor(), try a[1, "dim"].int(), try a[2, "index"].tensor())
      switch try a[3, "value"].operand() {
      case .tensor(let value): return x.indexFill(dim: dim, index: index, value: value)
      case .number(let value): return x.indexFill(dim: dim, index: index, value: value)
      }
    }
  }

  private static func scattering(_ t: inout Family) {
    t.one("scatter") { a in
      let (x, dim, index) = (try a[0].tensor(), try a[1, "dim"].int(), try a[2, "index"].tensor())
      let source = try a.named["src"] == nil ? a[3, "value"].operand() : a[3, "src"].operand()
      guard let reduce = try a["reduce"].optionalString() else {
        switch source {
        case .tensor(let source): return x.scatter(dim: dim, index: index, source: source)
        case .number(let value): return x.scatter(dim: dim, index: index, value: value)
        }
      }
      let reductions: [String: ScatterReduction] = ["add": .sum, "multiply": .prod]
      guard let reduction = reductions[reduce] else { throw ArgumentError("\(reduce) is no reduction of scatter") }
      switch source {
      case .tensor(let source): return x.scatterReduce(dim: dim, index: index, source: source, reduce: reduction)
      case .number(let value):
        let source = Tensor.full(index.shape, value, dtype: x.dtype, device: x.device)
        return x.scatterReduce(dim: dim, index: index, source: source, reduce: reduction)
      }
    }
    t.one("scatter_add") { a in
      try a[0].tensor().scatterAdd(dim: a[1, "dim"].int(), index: a[2, "index"].tensor(), source: a[3, "src"].tensor())
    }
    let reductions: [String: ScatterReduction] = [
      "sum": .sum, "prod": .prod, "mean": .mean, "amax": .amax, "amin": .amin,
    ]
    for name in ["sum", "prod", "mean", "amax", "amin"] {
      t.one("scatter_reduce." + name) { a in
        let (x, dim, index) = (try a[0].tensor(), try a[1, "dim"].int(), try a[2, "index"].tensor())
        let reduce = try a[4, "reduce"].choice(reductions, or: .sum)
        return x.scatterReduce(
          dim: dim, index: index, source: try a[3, "src"].tensor(), reduce: reduce,
          includeSelf: try a["include_self"].bool(or: true))
      }
    }
    for name in ["prod", "mean", "amax", "amin"] {
      t.one("index_reduce." + name) { a in
        let (x, dim, index) = (try a[0].tensor(), try a[1, "dim"].int(), try a[2, "index"].tensor())
        let reduce = try a[4, "reduce"].choice(reductions, or: .prod)
        return x.indexReduce(
          dim: dim, index: index, source: try a[3, "source"].tensor(), reduce: reduce,
          includeSelf: try a["include_self"].bool(or: true))
      }
    }
  }

  private static func masks(_ t: inout Family) {
    t.one("masked_fill") { a in
      let (x, mask) = (try a[0].tensor(), try a[1, "mask"].tensor())
      switch try a[2, "value"].operand() {
      case .tensor(let value): return x.maskedFill(mask, value)
      case .number(let value): return x.maskedFill(mask, value)
      }
    }
    t.one("masked_select") { a in try a[0].tensor().maskedSelect(a[1, "mask"].tensor()) }
    t.one("masked_scatter") { a in
      try a[0].tensor().maskedScatter(a[1, "mask"].tensor(), source: a[2, "source"].tensor())
    }
    t.value("nonzero") { a in
      let x = try a[0].tensor()
      if try !a["as_tuple"].bool(or: false) { return .tensor(x.nonzero()) }
      return .tensors((x.rank == 0 ? x.reshape(1) : x).nonzero().unbind(dim: 1))
    }
    t.one("argwhere") { a in try a[0].tensor().argwhere() }
    t.one("nonzero_static") { a in
      try a[0].tensor().nonzeroStatic(size: a["size"].int(), fillValue: a["fill_value"].int(or: -1))
    }
  }
}
