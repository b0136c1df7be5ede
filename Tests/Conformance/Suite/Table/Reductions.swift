internal import NN

extension Table {
  /// Reductions, scans and statistics.
  static func reductions() -> Family {
    var t = Family("reductions")
    t.one("sum") { a in
      try a[0].tensor().sum(
        dims: a[1, "dim"].ints(or: []), keepDim: a[2, "keepdim"].bool(or: false), dtype: a["dtype"].dtype())
    }
    t.one("cumsum") { a in try a[0].tensor().cumsum(dim: a[1, "dim"].int(), dtype: a["dtype"].dtype()) }
    return t
  }
}
