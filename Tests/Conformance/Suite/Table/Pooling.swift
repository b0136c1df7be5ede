internal import NN

extension Table {
  /// Pooling.
  static func pooling() -> Family {
    let t = Family("pooling")
    return t
  }
}
