internal import NN

extension Table {
  /// Sorting, searching, unique elements.
  static func sorting() -> Family {
    var t = Family("sorting")
    t.pair("sort", .ties(dim: 1, or: -1)) { a in
      try a[0].tensor().sort(
        dim: a[1, "dim"].int(or: -1), descending: a[2, "descending"].bool(or: false),
        stable: a["stable"].bool(or: false))
    }
    t.pair("topk", .ties(dim: 2, or: -1)) { a in
      try a[0].tensor().topk(
        a[1, "k"].int(), dim: a[2, "dim"].int(or: -1), largest: a[3, "largest"].bool(or: true),
        sorted: a[4, "sorted"].bool(or: true))
    }
    return t
  }
}
