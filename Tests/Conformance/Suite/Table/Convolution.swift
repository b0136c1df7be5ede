internal import NN

extension Table {
  /// Convolutions.
  static func convolution() -> Family {
    let t = Family("convolution")
    return t
  }
}
