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

  /// Overwrites the elements with what a function makes of them: `x.update { $0.abs() }` is PyTorch's `x.abs_()`.
  ///
  /// Gradients flow through the function. A leaf that requires grad and a view whose elements share memory are refused
  /// before it runs, a result of another shape afterwards, and one of a dtype that does not cast to this one: a floating
  /// one to integers, one of numbers to bool. Memory: the result, and a copy of the elements where gradients are recorded.
  ///
  /// - Parameter body: Makes a tensor of this shape of the elements.
  @discardableResult
  public func update(_ body: (Tensor) -> Tensor) -> Tensor {
    checked(or: self) { (scope) throws(TensorError) in
      let write = Copy(name: "update")
      try checkWritable(self, operation: write.name)
      let records = scope?.isGradEnabled ?? true && dtype.isFloatingPoint
      if records, isRecorded || hidesRecordedBase {
        _ = try gradientSupport?.willWrite(write, to: self, nil)
      }
      // What the function keeps for its derivative must outlive the write.
      let result = body(records ? try run(Clone(), self, in: scope) : self)
      if scope?.errors?.hasFailed ?? false { return self }
      if result.layout.shape != layout.shape {
        throw TensorError(
          .shape, write.name, "the result has shape \(result.shape), but the tensor written to has \(shape)")
      }
      try checkCast(from: result.dtype, to: dtype, operation: write.name)
      try run(write, on: self, result, in: scope)
      return self
    }
  }
}
