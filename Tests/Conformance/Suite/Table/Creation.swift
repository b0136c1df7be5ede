internal import NN

extension Table {
  /// Tensors made of a shape and numbers, and casts.
  static func creation() -> Family {
    var t = Family("creation")
    t.one("zeros") { a in try Tensor.zeros(a[0, "size"].ints(), dtype: a["dtype"].dtype()) }
    t.one("ones") { a in try Tensor.ones(a[0, "size"].ints(), dtype: a["dtype"].dtype()) }
    return t
  }
}
