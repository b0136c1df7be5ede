internal import CTensorKernels

// Convolution, its transpose and its weight's gradient. Each is linear in both of its operands, and the gradients of each
// are the other two, so that they can be differentiated any number of times.

/// How a filter moves over its input: one number for each dimension of space.
package struct ConvolutionOptions: Sendable, Equatable {
  package let stride: Dims
  package let padding: Dims
  package let dilation: Dims
  package let groups: Int

  package init(stride: Dims, padding: Dims, dilation: Dims, groups: Int) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The dimensions of space.
  package var rank: Int { stride.count }

  fileprivate var kernel: st_convolution {
    func each(_ numbers: Dims, or none: Int32) -> (Int32, Int32, Int32) {
      func number(_ i: Int) -> Int32 { i < numbers.count ? Int32(numbers[i]) : none }
      return (number(0), number(1), number(2))
    }
    return st_convolution(
      stride: each(stride, or: 1), padding: each(padding, or: 0), dilation: each(dilation, or: 1),
      groups: Int32(groups))
  }

  /// The result's shape.
  fileprivate func shape(_ x: Dims, _ weight: Dims) -> Dims {
    var shape = Dims(x[0], weight[0])
    for i in 0..<rank {
      shape.append((x[2 + i] + 2 * padding[i] - dilation[i] * (weight[2 + i] - 1) - 1) / stride[i] + 1)
    }
    return shape
  }
}

/// The sums over filters [O, C / groups, kernel] laid on images [N, C, space], plus a bias [O].
package struct Convolution: TernaryOperation {
  package let options: ConvolutionOptions
  package init(_ options: ConvolutionOptions) { self.options = options }
  package var name: String { "conv\(options.rank)d" }
  package func precision(on kind: Device.Kind) -> Precision { .lower }

  package func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) throws(TensorError) -> Tensor {
    try checkSameKind(x, weight, bias, name)
    let shape = options.shape(x.layout.shape, weight.layout.shape)
    return try filled(shape, like: x, name) { (dtype, output) throws(TensorError) in
      try x.backend.convolution(
        rowMajor(x, dtype), weight: rowMajor(weight, dtype), bias: rowMajor(bias, dtype), options: options.kernel,
        to: output)
    }
  }
}

/// Each number of x [N, O, places] times filters [O, C / groups, kernel], added up where they lie, plus a bias [C]: what
/// gives a convolution's input its gradient.
package struct TransposedConvolution: TernaryOperation {
  package let options: ConvolutionOptions
  /// The result's shape, [N, C, space].
  package let shape: Dims

  package init(_ options: ConvolutionOptions, shape: Dims) {
    self.options = options
    self.shape = shape
  }

  package var name: String { "convTranspose\(options.rank)d" }
  package func precision(on kind: Device.Kind) -> Precision { .lower }

  package func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) throws(TensorError) -> Tensor {
    try checkSameKind(x, weight, bias, name)
    return try filled(shape, like: weight, name) { (dtype, output) throws(TensorError) in
      try x.backend.convolutionTransposed(
        rowMajor(x, dtype), weight: rowMajor(weight, dtype), bias: rowMajor(bias, dtype), options: options.kernel,
        to: output)
    }
  }
}

/// Of a convolution's gradient and its input, the gradient of its weight.
package struct ConvolutionWeightGradient: BinaryOperation {
  package let options: ConvolutionOptions
  /// The weight's shape.
  package let shape: Dims

  package init(_ options: ConvolutionOptions, shape: Dims) {
    self.options = options
    self.shape = shape
  }

  package var name: String { "conv\(options.rank)dBackward" }

  package func forward(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    try filled(shape, like: x, name) { (dtype, output) throws(TensorError) in
      try x.backend.convolutionWeightGradient(
        rowMajor(gradient, dtype), rowMajor(x, dtype), options: options.kernel, to: output)
    }
  }
}

private func checkSameKind(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ name: String) throws(TensorError) {
  for other in [weight, bias] {
    guard let other else { continue }
    try checkSameDevice(x, other, operation: name)
    if other.dtype != x.dtype {
      throw TensorError(.dtype, name, "expected operands of the same dtype, but got \(x.dtype) and \(other.dtype)")
    }
  }
}
