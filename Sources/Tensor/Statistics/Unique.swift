// Each element, or each entry of a dimension, once.

/// The distinct elements of a tensor, and how the tensor is made of them.
public struct UniqueElements: Sendable {
  /// The elements, or entries of the dimension.
  public let values: Tensor
  /// For each element of the tensor, or entry of the dimension, the int64 place of its like among the values.
  public let inverse: Tensor
  /// How often each value occurs; int64.
  public let counts: Tensor
}

extension Tensor {
  /// The distinct elements in rising order, or the distinct entries of a dimension in lexicographic order.
  ///
  /// NaN is never equal to another. On a GPU it waits for their number.
  ///
  /// - Parameters:
  ///   - sorted: Whether they must be in order. They always are here.
  ///   - dim: The dimension whose entries are compared; nil for the elements of the flat tensor.
  public func unique(sorted: Bool = true, dim: Int? = nil) -> UniqueElements {
    distinct("unique", dim) { (rows) throws(TensorError) in
      let count = rows.layout.shape[0]
      var order = Tensor.arange(count, device: device)
      // By the last column first: each stable sort keeps the order of those after it.
      for column in rows.unbind(dim: 1).reversed() {
        order = order.indexSelect(dim: 0, index: column.indexSelect(dim: 0, index: order).argsort(dim: 0))
      }
      return order
    }
  }

  /// The elements, or the entries of a dimension, without those that equal the one before.
  ///
  /// - Parameter dim: The dimension whose entries are compared; nil for the elements of the flat tensor.
  public func uniqueConsecutive(dim: Int? = nil) -> UniqueElements {
    distinct("uniqueConsecutive", dim) { rows in Tensor.arange(rows.layout.shape[0], device: device) }
  }

  /// - Parameter arrange: An order of the rows of a matrix in which equal ones are neighbours.
  private func distinct(
    _ name: String, _ dim: Int?, _ arrange: (Tensor) throws(TensorError) -> Tensor
  ) -> UniqueElements {
    checked(or: UniqueElements(values: .poisoned, inverse: .poisoned, counts: .poisoned)) { () throws(TensorError) in
      var place: Int?
      if let dim, rank > 0 { place = try resolve(dim: dim, rank: rank, operation: name) }
      let x = place == nil ? flatten() : self
      let along = place ?? 0
      let count = x.layout.shape[along]
      if count == 0 {
        if place != nil, x.count == 0, x.shape.enumerated().contains(where: { $0.offset != along && $0.element == 0 }) {
          throw TensorError(.shape, name, "there are no entries along dimension \(along) of shape \(shape)")
        }
        let none = Tensor.empty([0], dtype: .int64, device: device)
        return UniqueElements(values: x.clone(), inverse: place == nil ? none.reshape(shape) : none, counts: none)
      }
      return try Scope.with(isGradEnabled: false).run { () throws(TensorError) -> UniqueElements in
        let rows = x.movedim(along, 0).reshape([count, x.count / count])
        let order = try arrange(rows)
        let sorted = rows.indexSelect(dim: 0, index: order)
        let first = Tensor.ones([1], dtype: .bool, device: device)
        let later = sorted.narrow(dim: 0, start: 1, length: count - 1)
        let differs = (later .!= sorted.narrow(dim: 0, start: 0, length: count - 1)).any(dim: 1)
        let isFirst = cat([first, differs.to(.bool)], dim: 0)
        let starts = isFirst.nonzero().reshape([-1])
        let ends = cat([starts, Tensor.full([1], count, dtype: .int64, device: device)], dim: 0)
        let ranks = isFirst.cumsum(dim: 0) - 1
        let inverse = Tensor.zeros([count], dtype: .int64, device: device).scatter(dim: 0, index: order, source: ranks)
        let values = x.indexSelect(dim: along, index: order.indexSelect(dim: 0, index: starts))
        return UniqueElements(
          values: values, inverse: place == nil ? inverse.reshape(shape) : inverse, counts: ends.diff())
      }
    }
  }
}
