// MARK: - By dtype

extension Tensor {
  /// The same elements in another dtype, by PyTorch's conversions; the tensor itself when it has that dtype.
  ///
  /// Floats become integers by truncation toward zero; what an integer cannot hold wraps. Anything but 0 is true.
  public func to(_ dtype: DType) -> Tensor {
    dtype == self.dtype ? self : apply(Cast(dtype: dtype), self)
  }

  /// The elements as `bool`: whether they are not 0.
  public func bool() -> Tensor { to(.bool) }
  /// The elements as `uint8`.
  public func byte() -> Tensor { to(.uint8) }
  /// The elements as `int8`.
  public func char() -> Tensor { to(.int8) }
  /// The elements as `int16`.
  public func short() -> Tensor { to(.int16) }
  /// The elements as `int32`.
  public func int() -> Tensor { to(.int32) }
  /// The elements as `int64`.
  public func long() -> Tensor { to(.int64) }
  /// The elements as `float16`.
  public func half() -> Tensor { to(.float16) }
  /// The elements as `bfloat16`.
  public func bfloat16() -> Tensor { to(.bfloat16) }
  /// The elements as `float32`.
  public func float() -> Tensor { to(.float32) }
  /// The elements as `float64`.
  public func double() -> Tensor { to(.float64) }
}

// MARK: - By device

extension Tensor {
  /// The same elements on another device and, when one is given, in another dtype; the tensor itself when nothing changes.
  ///
  /// A device that is not there is an error that lists what was tried to find it.
  public func to(_ device: Device, dtype: DType? = nil) -> Tensor {
    let cast = dtype.map { to($0) } ?? self
    return device == self.device ? cast : apply(Move(device: device), cast)
  }

  /// The same elements in another tensor's dtype on its device; the tensor itself when nothing changes.
  public func to(like other: Tensor) -> Tensor { to(other.device, dtype: other.dtype) }

  /// The same elements in main memory; the tensor itself when it is there.
  public func cpu() -> Tensor { to(.cpu) }

  /// The same elements on an NVIDIA GPU; the tensor itself when it is there.
  public func cuda(_ index: Int = 0) -> Tensor { to(.cuda(index)) }
}
