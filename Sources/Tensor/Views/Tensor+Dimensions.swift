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
    checked { (scope) throws(TensorError) in
      let first = try resolve(dim: dim1, rank: rank, operation: "transpose")
      let second = try resolve(dim: dim2, rank: rank, operation: "transpose")
      var order = Dims(0..<rank)
      if rank > 0 { order.swapAt(first, second) }
      return try run(Permute(dims: order), self, in: scope)
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

  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// All dimensions in reverse order.
  public var T: Tensor { apply(Permute(dims: Dims((0..<rank).reversed())), self) }

  /// Two dimensions exchanged: another name of `transpose`.
  public func swapDims(_ dim1: Int, _ dim2: Int) -> Tensor { transpose(dim1, dim2) }

  /// A dimension moved to another place, the others keeping their order.
  public func movedim(_ source: Int, _ destination: Int) -> Tensor { movedim([source], [destination]) }

  /// Dimensions moved to other places, the others keeping their order.
  public func movedim(_ sources: [Int], _ destinations: [Int]) -> Tensor {
    checked { () throws(TensorError) in
      if sources.count != destinations.count {
        throw TensorError(
          .index, "movedim", "sources \(sources) and destinations \(destinations) must be as many")
      }
      var order = [Int?](repeating: nil, count: rank)
      var rest = Array(0..<rank)
      for (source, destination) in zip(sources, destinations) {
        let source = try resolve(dim: source, rank: rank, operation: "movedim")
        let destination = try resolve(dim: destination, rank: rank, operation: "movedim")
        if rank == 0 { continue }
        guard let place = rest.firstIndex(of: source), order[destination] == nil else {
          throw TensorError(
            .index, "movedim", "a dimension appears twice in sources \(sources) or destinations \(destinations)")
        }
        rest.remove(at: place)
        order[destination] = source
      }
      var remaining = rest.makeIterator()
      return try run(Permute(dims: Dims(order.map { $0 ?? remaining.next()! })), self)
    }
  }
}
