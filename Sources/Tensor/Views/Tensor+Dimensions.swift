// Dimensions in another order.

extension Tensor {
  /// The dimensions in another order: entry i names the dimension that comes i-th.
  public func permute(_ dims: [Int]) -> Tensor {
    checked { () throws(TensorError) in
      var order = Dims()
      for dim in dims {
        let dim = try resolve(dim: dim, rank: rank, operation: "permute")
        if order.contains(dim) {
          throw TensorError(.index, "permute", "dimension \(dim) appears twice in the list of dims \(dims)")
        }
        order.append(dim)
      }
      if order.count != rank {
        throw TensorError(.index, "permute", "\(dims) does not name each dimension of a tensor of shape \(shape)")
      }
      return try run(Permute(dims: order), self)
    }
  }

  /// The dimensions in another order: entry i names the dimension that comes i-th.
  public func permute(_ dims: Int...) -> Tensor { permute(dims) }

  /// Two dimensions exchanged.
  public func transpose(_ dim1: Int, _ dim2: Int) -> Tensor {
    checked { () throws(TensorError) in
      let first = try resolve(dim: dim1, rank: rank, operation: "transpose")
      let second = try resolve(dim: dim2, rank: rank, operation: "transpose")
      var order = Dims(0..<rank)
      if rank > 0 { order.swapAt(first, second) }
      return try run(Permute(dims: order), self)
    }
  }

  /// The transpose of a matrix; a vector or zero-dim tensor stays, more dimensions are an error.
  public func t() -> Tensor {
    checked { () throws(TensorError) in
      if rank > 2 {
        throw TensorError(.shape, "t", "expects a tensor of at most 2 dimensions, but got shape \(shape)")
      }
      return rank < 2 ? try run(Permute(dims: Dims(0..<rank)), self) : transpose(0, 1)
    }
  }

  /// The last two dimensions exchanged.
  public var mT: Tensor {
    checked { () throws(TensorError) in
      if rank < 2 { throw TensorError(.shape, "mT", "expects at least 2 dimensions, but got shape \(shape)") }
      return transpose(-2, -1)
    }
  }

  /// A dimension moved to another place, the others keeping their order.
  public func movedim(_ source: Int, _ destination: Int) -> Tensor {
    checked { () throws(TensorError) in
      let source = try resolve(dim: source, rank: rank, operation: "movedim")
      let destination = try resolve(dim: destination, rank: rank, operation: "movedim")
      var order = Dims(0..<rank)
      if rank > 0 {
        order.remove(at: source)
        order.insert(source, at: destination)
      }
      return try run(Permute(dims: order), self)
    }
  }
}
