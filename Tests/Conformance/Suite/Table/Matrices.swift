internal import NN

extension Table {
  /// Products and other matrix operations.
  static func matrices() -> Family {
    var t = Family("matrices")
    t.one("matmul") { a in try a[0].tensor().matmul(a[1].tensor()) }
    t.one("mm") { a in try a[0].tensor().mm(a[1].tensor()) }
    t.one("bmm") { a in try a[0].tensor().bmm(a[1].tensor()) }
    t.one("mv") { a in try a[0].tensor().mv(a[1].tensor()) }
    t.one("dot") { a in try a[0].tensor().dot(a[1].tensor()) }
    t.one("outer") { a in try a[0].tensor().outer(a[1].tensor()) }
    t.one("__rmatmul__") { a in try a[1].tensor().matmul(a[0].tensor()) }
    t.one("addmm") { a in
      try a[0].tensor().addmm(
        a[1].tensor(), a[2].tensor(), beta: a["beta"].double(or: 1), alpha: a["alpha"].double(or: 1))
    }
    return t
  }
}
