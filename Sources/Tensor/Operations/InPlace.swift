// Imperative verbs write to a tensor's memory and return the tensor.

extension Tensor {
  /// Overwrites every element with a number, which the dtype must hold; returns the tensor.
  @discardableResult
  public func fill(_ value: some Scalar) -> Tensor { apply(Fill(value.number), on: self) }

  /// Overwrites every element with the value of a zero-dim tensor; returns the tensor.
  @discardableResult
  public func fill(_ value: Tensor) -> Tensor {
    checked(or: self) { () throws(TensorError) in
      if value.rank != 0 {
        throw TensorError(.shape, "fill", "expected a zero-dim value, but got shape \(value.shape)")
      }
      try run(Copy(), on: self, value)
      return self
    }
  }

  /// Overwrites every element with 0; returns the tensor.
  @discardableResult
  public func zero() -> Tensor { apply(Fill(.int(0)), on: self) }

  /// Overwrites the elements with another tensor's, broadcast to this shape, cast to this dtype and moved to this device.
  @discardableResult
  public func copy(from source: Tensor) -> Tensor { apply(Copy(), on: self, source) }
}
