internal import NN

extension Table {
  /// Elements by indices and masks.
  static func indexing() -> Family {
    var t = Family("indexing")
    t.one("gather") { a in try a[0].tensor().gather(dim: a[1, "dim"].int(), index: a[2, "index"].tensor()) }
    t.one("index_select") { a in try a[0].tensor().indexSelect(dim: a[1, "dim"].int(), index: a[2, "index"].tensor()) }
    t.one("nonzero") { a in try a[0].tensor().nonzero() }
    return t
  }
}
