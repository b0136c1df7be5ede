internal import NN

extension Table {
  /// Factorisations and solvers.
  static func linearAlgebra() -> Family {
    let t = Family("linalg")
    return t
  }
}
