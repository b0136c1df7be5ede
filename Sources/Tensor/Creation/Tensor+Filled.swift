extension Tensor {
  /// What all creation functions share: memory of a device, the default one unless another is given, filled, and made a leaf when it is to require grad.
  static func make(
    _ operation: String, _ shape: [Int], dtype: DType?, device: Device?, requiresGrad: Bool,
    fill: (Tensor) throws(TensorError) -> Void
  ) -> Tensor {
    checked { (scope) throws(TensorError) in
      try make(
        operation, Layout(contiguous: Dims(shape)), dtype: dtype ?? scope?.defaultDType ?? .float32,
        device: device ?? scope?.defaultDevice ?? .cpu, requiresGrad: requiresGrad, fill: fill)
    }
  }

  /// The same for the `like` forms: the model's dtype and device unless others are given, and its stride order.
  func makeLike(
    _ operation: String, dtype: DType?, device: Device?, requiresGrad: Bool,
    fill: (Tensor) throws(TensorError) -> Void
  ) -> Tensor {
    checked { () throws(TensorError) in
      try .make(
        operation, layout.fresh, dtype: dtype ?? self.dtype, device: device ?? self.device, requiresGrad: requiresGrad,
        fill: fill)
    }
  }

  private static func make(
    _ operation: String, _ layout: Layout, dtype: DType, device: Device, requiresGrad: Bool,
    fill: (Tensor) throws(TensorError) -> Void
  ) throws(TensorError) -> Tensor {
    let output = try Tensor(
      uninitialized: layout, dtype: dtype, on: device.backend(for: operation), for: operation)
    try fill(output)
    return requiresGrad ? try output.requireGrad(for: operation) : output
  }
}

// MARK: - By shape

extension Tensor {
  /// A tensor whose elements are whatever the memory held.
  public static func empty(
    _ shape: [Int], dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    make("empty", shape, dtype: dtype, device: device, requiresGrad: requiresGrad) { _ throws(TensorError) in }
  }

  /// A tensor of the sizes given whose elements are whatever the memory held.
  public static func empty(
    _ shape: Int..., dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    empty(shape, dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// A tensor of zeros, of the default floating dtype unless one is given.
  public static func zeros(
    _ shape: [Int], dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    filled("zeros", shape, .int(0), dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// A tensor of zeros of the sizes given: `Tensor.zeros(3, 3)`.
  public static func zeros(
    _ shape: Int..., dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    zeros(shape, dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// A tensor of ones, of the default floating dtype unless one is given.
  public static func ones(
    _ shape: [Int], dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    filled("ones", shape, .int(1), dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// A tensor of ones of the sizes given: `Tensor.ones(3, 3)`.
  public static func ones(
    _ shape: Int..., dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    ones(shape, dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// A tensor of one number, which gives the dtype unless one is given: `full([3, 3], 7)` is int64.
  ///
  /// A number that the dtype cannot hold is an error.
  public static func full(
    _ shape: [Int], _ value: some Scalar, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    filled(
      "full", shape, value.number, dtype: dtype ?? value.number.dtype, device: device, requiresGrad: requiresGrad)
  }

  private static func filled(
    _ operation: String, _ shape: [Int], _ number: Number, dtype: DType?, device: Device?, requiresGrad: Bool
  ) -> Tensor {
    make(operation, shape, dtype: dtype, device: device, requiresGrad: requiresGrad) { (output) throws(TensorError) in
      try checkFits(number, output.dtype, count: output.count, operation: operation)
      try output.backend.fill(output, with: number)
    }
  }
}

// MARK: - Like another tensor

extension Tensor {
  /// A tensor of another's shape, dtype and device whose elements are whatever the memory held.
  public static func emptyLike(
    _ model: Tensor, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    model.makeLike("emptyLike", dtype: dtype, device: device, requiresGrad: requiresGrad) { _ throws(TensorError) in }
  }

  /// A tensor of zeros of another's shape, dtype and device.
  public static func zerosLike(
    _ model: Tensor, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    model.filledLike("zerosLike", .int(0), dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// A tensor of ones of another's shape, dtype and device.
  public static func onesLike(
    _ model: Tensor, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    model.filledLike("onesLike", .int(1), dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  /// A tensor of one number of another's shape, dtype and device.
  ///
  /// A number that the dtype cannot hold is an error.
  public static func fullLike(
    _ model: Tensor, _ value: some Scalar, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false
  ) -> Tensor {
    model.filledLike("fullLike", value.number, dtype: dtype, device: device, requiresGrad: requiresGrad)
  }

  private func filledLike(
    _ operation: String, _ number: Number, dtype: DType?, device: Device?, requiresGrad: Bool
  ) -> Tensor {
    makeLike(operation, dtype: dtype, device: device, requiresGrad: requiresGrad) { (output) throws(TensorError) in
      try checkFits(number, output.dtype, count: output.count, operation: operation)
      try output.backend.fill(output, with: number)
    }
  }
}
