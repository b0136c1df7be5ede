internal import CTensorKernels

/// The windows of pooling: one number for each dimension of space.
package struct PoolOptions: Sendable, Equatable {
  package let kernel: Dims
  package let stride: Dims
  package let padding: Dims
  package let dilation: Dims
  /// How many windows there are along each dimension.
  package let places: Dims
  /// Windows of almost equal sizes that cover all elements, whatever the kernel.
  package var isAdaptive = false
  package var countsPadding = true
  /// What a mean divides by, if not the window's elements.
  package var divisor: Int?

  package init(kernel: Dims, stride: Dims, padding: Dims, dilation: Dims, places: Dims) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.places = places
  }

  /// Windows that cover all elements.
  package init(adaptive places: Dims) {
    let (ones, zeros) = (Dims(repeating: 1, count: places.count), Dims(repeating: 0, count: places.count))
    self.init(kernel: ones, stride: ones, padding: zeros, dilation: ones, places: places)
    isAdaptive = true
  }

  /// The dimensions of space.
  package var rank: Int { places.count }

  fileprivate var kernelOptions: st_pool {
    func each(_ numbers: Dims) -> (Int32, Int32, Int32) {
      func number(_ i: Int) -> Int32 { i < numbers.count ? Int32(numbers[i]) : 0 }
      return (number(0), number(1), number(2))
    }
    return st_pool(
      kernel: each(kernel), stride: each(stride), padding: each(padding), dilation: each(dilation),
      adaptive: isAdaptive, count_include_pad: countsPadding, divisor: Int32(divisor ?? 0))
  }

  /// The shape of a result of x [..., space].
  package func shape(_ x: Dims) -> Dims { Dims(Array(x.prefix(x.count - rank)) + Array(places)) }
}

/// The largest elements of windows on x [..., space]; NaN counts as the largest.
///
/// Where in its plane each lies goes to a tensor that the operation holds.
package struct MaxPool: UnaryOperation {
  package let options: PoolOptions
  /// int64, of the result's shape.
  package let indices: Tensor?

  package init(_ options: PoolOptions, indices: Tensor?) {
    self.options = options
    self.indices = indices
  }

  package var name: String { "\(options.isAdaptive ? "adaptiveMaxPool" : "maxPool")\(options.rank)d" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try filled(options.shape(x.layout.shape), like: x, name) { (dtype, output) throws(TensorError) in
      try x.backend.maxPool(
        planes(rowMajor(x, dtype), options.rank), options: options.kernelOptions, to: planes(output, options.rank),
        indices: indices.map { planes($0, options.rank) })
    }
  }
}

/// The means of windows on x [..., space].
package struct AveragePool: UnaryOperation {
  package let options: PoolOptions
  package init(_ options: PoolOptions) { self.options = options }
  package var name: String { "\(options.isAdaptive ? "adaptiveAvgPool" : "avgPool")\(options.rank)d" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    try filled(options.shape(x.layout.shape), like: x, name) { (dtype, output) throws(TensorError) in
      try x.backend.averagePool(
        planes(rowMajor(x, dtype), options.rank), options: options.kernelOptions, to: planes(output, options.rank))
    }
  }
}

/// Of the gradient of means, that of what they are taken of.
package struct AveragePoolBackward: UnaryOperation {
  package let options: PoolOptions
  /// The shape of what means are taken of.
  package let shape: Dims

  package init(_ options: PoolOptions, shape: Dims) {
    self.options = options
    self.shape = shape
  }

  package var name: String { "avgPool\(options.rank)dBackward" }

  package func forward(_ gradient: Tensor) throws(TensorError) -> Tensor {
    try filled(shape, like: gradient, name) { (dtype, output) throws(TensorError) in
      try gradient.backend.averagePoolBackward(
        planes(rowMajor(gradient, dtype), options.rank), options: options.kernelOptions,
        to: planes(output, options.rank))
    }
  }
}

/// A row-major tensor [..., space] as [planes, space].
private func planes(_ x: Tensor, _ rank: Int) -> Tensor {
  let shape = x.layout.shape
  let space = Array(shape.suffix(rank))
  return x.viewed(as: Dims([shape.prefix(shape.count - rank).reduce(1, *)] + space))
}
