internal import NN

extension Table {
  /// Interpolation and sampling.
  static func resampling() -> Family {
    let t = Family("resampling")
    return t
  }
}
