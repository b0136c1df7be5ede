// Views along the dimensions that have names: columns, rows, depth.

extension Tensor {
  /// Equal views along dimension 1, or along dimension 0 of a vector; their number must divide the size.
  public func hsplit(_ sections: Int) -> [Tensor] { split(into: sections, dim: rank == 1 ? 0 : 1, rank: 1, "hsplit") }

  /// Views between positions along dimension 1, or along dimension 0 of a vector.
  public func hsplit(at positions: [Int]) -> [Tensor] {
    split(at: positions, dim: rank == 1 ? 0 : 1, rank: 1, "hsplit")
  }

  /// Equal views along dimension 0 of at least two; their number must divide the size.
  public func vsplit(_ sections: Int) -> [Tensor] { split(into: sections, dim: 0, rank: 2, "vsplit") }

  /// Views between positions along dimension 0 of at least two.
  public func vsplit(at positions: [Int]) -> [Tensor] { split(at: positions, dim: 0, rank: 2, "vsplit") }

  /// Equal views along dimension 2; their number must divide the size.
  public func dsplit(_ sections: Int) -> [Tensor] { split(into: sections, dim: 2, rank: 3, "dsplit") }

  /// Views between positions along dimension 2.
  public func dsplit(at positions: [Int]) -> [Tensor] { split(at: positions, dim: 2, rank: 3, "dsplit") }

  private func split(into sections: Int, dim: Int, rank least: Int, _ name: String) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      try checkRank(atLeast: least, name)
      let size = layout.shape[dim]
      if sections <= 0 || size % sections != 0 {
        throw TensorError(
          .value, name, "cannot split dimension \(dim) with size \(size) into \(sections) equal parts")
      }
      return tensorSplit(sections, dim: dim)
    }
  }

  private func split(at positions: [Int], dim: Int, rank least: Int, _ name: String) -> [Tensor] {
    checked(or: []) { () throws(TensorError) in
      try checkRank(atLeast: least, name)
      return tensorSplit(at: positions, dim: dim)
    }
  }

  private func checkRank(atLeast least: Int, _ name: String) throws(TensorError) {
    if rank < least {
      throw TensorError(.shape, name, "expects at least \(least) dimensions, but got shape \(shape)")
    }
  }
}
