internal import NN

extension Table {
  /// Draws; the replayer seeds the generator with 42.
  static func random() -> Family {
    var t = Family("random")
    t.one("randn", .random) { a in
      let shape = try a.rest(from: 0).map { try Argument(label: "size", value: $0).int() }
      return try Tensor.randn(shape, dtype: a["dtype"].dtype())
    }
    return t
  }
}
