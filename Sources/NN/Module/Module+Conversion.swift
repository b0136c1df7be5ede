extension Module {
  /// Casts the floating parameters and buffers to a floating dtype, in place; returns the module.
  ///
  /// The tensors stay the same objects and so do their gradients, so that optimizers made before stay valid. Integer
  /// buffers keep their dtype. No other thread may use the module meanwhile.
  @discardableResult
  public func to(_ dtype: DType) -> Self { convert(dtype: dtype, device: nil) }

  /// Moves the parameters and buffers to a device, in place, and their gradients too; returns the module.
  @discardableResult
  public func to(_ device: Device) -> Self { convert(dtype: nil, device: device) }

  /// Moves the parameters and buffers to a device and casts the floating ones to a dtype, in place; returns the module.
  @discardableResult
  public func to(_ device: Device, dtype: DType) -> Self { convert(dtype: dtype, device: device) }

  /// Casts the floating parameters and buffers to float16, in place; returns the module.
  @discardableResult
  public func half() -> Self { to(.float16) }

  /// Casts the floating parameters and buffers to bfloat16, in place; returns the module.
  @discardableResult
  public func bfloat16() -> Self { to(.bfloat16) }

  /// Casts the floating parameters and buffers to float32, in place; returns the module.
  @discardableResult
  public func float() -> Self { to(.float32) }

  /// Casts the floating parameters and buffers to float64, in place; returns the module.
  @discardableResult
  public func double() -> Self { to(.float64) }

  /// Moves the parameters and buffers to main memory, in place; returns the module.
  @discardableResult
  public func cpu() -> Self { to(.cpu) }

  /// Moves the parameters and buffers to a GPU, in place; returns the module.
  @discardableResult
  public func cuda(_ index: Int = 0) -> Self { to(.cuda(index)) }

  private func convert(dtype: DType?, device: Device?) -> Self {
    checked(or: ()) { () throws(TensorError) in
      if let dtype, !dtype.isFloatingPoint {
        throw TensorError(.dtype, "\(Self.self).to", "a module takes only floating-point dtypes, but got \(dtype)")
      }
      var seen: Set<ObjectIdentifier> = []
      for (_, tensor) in state where seen.insert(ObjectIdentifier(tensor)).inserted {
        try tensor.grad?.convertBody(dtype: dtype, device: device)
        try tensor.convertBody(dtype: dtype, device: device)
      }
    }
    return self
  }
}

extension Tensor {
  /// Swaps the memory for a copy of another dtype or on another device; the handle and its layout stay.
  fileprivate func convertBody(dtype: DType?, device: Device?) throws(TensorError) {
    let newDType = self.dtype.isFloatingPoint ? dtype ?? self.dtype : self.dtype
    let newDevice = device ?? self.device
    if newDType == self.dtype && newDevice == self.device { return }
    // As one row of all elements up to the last, so that strides and offset stay valid.
    var body = Tensor(
      storage: storage, layout: Layout(contiguous: [layout.offset + layout.span]), dtype: self.dtype)
    if newDType != self.dtype { body = try run(Cast(dtype: newDType), body) }
    if newDevice != self.device { body = try run(Move(device: newDevice), body) }
    replaceBody(storage: body.storage, dtype: newDType)
  }
}
