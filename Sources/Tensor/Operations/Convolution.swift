internal import CTensorKernels

// Convolution and its gradients. Each is linear in both of its operands, and the gradients of each are the other two, so
// that they can be differentiated any number of times.

/// A whole number for the height and one for the width; one alone stands for both.
public struct HeightWidth: Sendable, Hashable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// The number for the height.
  public let height: Int
  /// The number for the width.
  public let width: Int

  /// Makes a pair.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// Makes a pair of equal numbers.
  public init(_ both: Int) { self.init(both, both) }

  /// Makes a pair of equal numbers.
  public init(integerLiteral value: Int) { self.init(value, value) }

  /// "(height, width)".
  public var description: String { "(\(height), \(width))" }
}

/// How a filter moves over its input.
package struct ConvolutionOptions: Sendable, Equatable {
  package let stride: HeightWidth
  package let padding: HeightWidth
  package let dilation: HeightWidth
  package let groups: Int

  package init(stride: HeightWidth, padding: HeightWidth, dilation: HeightWidth, groups: Int) {
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  fileprivate var kernel: st_convolution {
    func pair(_ numbers: HeightWidth) -> (Int32, Int32) { (Int32(numbers.height), Int32(numbers.width)) }
    return st_convolution(stride: pair(stride), padding: pair(padding), dilation: pair(dilation), groups: Int32(groups))
  }

  /// The result's shape.
  fileprivate func shape(_ x: Dims, _ weight: Dims) -> Dims {
    func size(_ dim: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
      (x[dim] + 2 * padding - dilation * (weight[dim] - 1) - 1) / stride + 1
    }
    return [
      x[0], weight[0], size(2, stride.height, padding.height, dilation.height),
      size(3, stride.width, padding.width, dilation.width),
    ]
  }
}

/// The sums over filters [O, C / groups, KH, KW] laid on images [N, C, H, W], plus a bias [O]; floats only.
package struct Convolution: TernaryOperation {
  package let options: ConvolutionOptions
  package init(_ options: ConvolutionOptions) { self.options = options }
  package var name: String { "conv2d" }
  package func precision(on kind: Device.Kind) -> Precision { .lower }

  package func forward(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) throws(TensorError) -> Tensor {
    for other in [weight, bias] {
      guard let other else { continue }
      try checkSameDevice(x, other, operation: name)
      if other.dtype != x.dtype {
        throw TensorError(
          .dtype, name, "expected operands of the same dtype, but got \(x.dtype) and \(other.dtype)")
      }
    }
    let shape = options.shape(x.layout.shape, weight.layout.shape)
    let output = try Tensor(uninitialized: Layout(contiguous: shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.convolution(
      rowMajor(x), weight: rowMajor(weight), bias: bias.map { (bias) throws(TensorError) in try rowMajor(bias) },
      options: options.kernel, to: output)
    return output
  }
}

/// Of a convolution's gradient and its weight, the gradient of its input.
package struct ConvolutionInputGradient: BinaryOperation {
  package let options: ConvolutionOptions
  /// The input's shape.
  package let shape: Dims

  package init(_ options: ConvolutionOptions, shape: Dims) {
    self.options = options
    self.shape = shape
  }

  package var name: String { "conv2dBackward" }

  package func forward(_ gradient: Tensor, _ weight: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(
      uninitialized: Layout(contiguous: shape), dtype: weight.dtype, on: weight.backend, for: name)
    try weight.backend.convolutionBackward(
      gradient: rowMajor(cast(gradient, to: weight.dtype)), nil, weight: rowMajor(weight), options: options.kernel,
      xGradient: output, weightGradient: nil)
    return output
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

  package var name: String { "conv2dBackward" }

  package func forward(_ gradient: Tensor, _ x: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(uninitialized: Layout(contiguous: shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.convolutionBackward(
      gradient: rowMajor(cast(gradient, to: x.dtype)), rowMajor(x), weight: nil, options: options.kernel,
      xGradient: nil, weightGradient: output)
    return output
  }
}

private func rowMajor(_ x: Tensor) throws(TensorError) -> Tensor { x.isContiguous ? x : try Contiguous().forward(x) }

/// Filters laid on every place of images: for each filter and place the sum of the products of its numbers with those that
/// they lie on, plus a bias; what is called convolution though the filters are not turned, as in PyTorch.
///
/// A result has `(size + 2 * padding - dilation * (filter - 1) - 1) / stride + 1` places along each dimension.
///
/// - Parameters:
///   - x: Images [N, C, H, W] or one image [C, H, W], of a floating dtype.
///   - weight: Filters [O, C / groups, KH, KW] of the same dtype.
///   - bias: A number for each filter, [O], or nil.
///   - stride: The step from one place to the next.
///   - padding: The rows and columns of zeros around an image.
///   - dilation: The step between the numbers of a filter.
///   - groups: Into how many parts the channels and filters are divided, each filter seeing one part.
/// - Returns: A tensor of shape [N, O, places, places], or without N.
public func conv2d(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: HeightWidth = 1, padding: HeightWidth = 0,
  dilation: HeightWidth = 1, groups: Int = 1
) -> Tensor {
  checked { () throws(TensorError) in
    let options = ConvolutionOptions(stride: stride, padding: padding, dilation: dilation, groups: groups)
    try check(x, weight, bias, options)
    if x.rank == 4 { return try run(Convolution(options), x, weight, bias) }
    return try run(Squeeze(dims: [0]), run(Convolution(options), run(Unsqueeze(dim: 0), x), weight, bias))
  }
}

private func check(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ options: ConvolutionOptions
) throws(TensorError) {
  let name = "conv2d"
  try checkFloating(x, operation: name)
  guard x.rank == 3 || x.rank == 4, weight.rank == 4 else {
    throw TensorError(
      .shape, name,
      "expected images [N, C, H, W] or [C, H, W] and a weight [O, C / groups, KH, KW], but got shapes "
        + "\(x.shape) and \(weight.shape)")
  }
  let range = 1...Int(Int32.max)
  for (role, pair, least) in [
    ("stride", options.stride, 1), ("dilation", options.dilation, 1), ("padding", options.padding, 0),
  ] {
    for number in [pair.height, pair.width] where number < least || number > range.upperBound {
      throw TensorError(.value, name, "expected a \(role) of at least \(least), but got \(pair)")
    }
  }
  let (image, filter) = (x.layout.shape.suffix(3).map { $0 }, weight.layout.shape)
  guard range.contains(options.groups), filter[0] % options.groups == 0 else {
    throw TensorError(
      .value, name,
      "the number of filters must be divisible by groups \(options.groups), but the weight has shape \(filter)")
  }
  guard image[0] == filter[1] * options.groups, image[0] > 0 else {
    throw TensorError(
      .shape, name,
      "a weight of shape \(filter) with groups \(options.groups) takes \(filter[1] * options.groups) channels, but the "
        + "input of shape \(x.shape) has \(image[0])")
  }
  for (dim, padding, dilation) in [
    (1, options.padding.height, options.dilation.height), (2, options.padding.width, options.dilation.width),
  ] {
    let (size, reach) = (image[dim] + 2 * padding, dilation * (filter[dim + 1] - 1) + 1)
    guard filter[dim + 1] > 0, size >= reach else {
      throw TensorError(
        .shape, name,
        "a filter of shape \(filter) with dilation \(options.dilation) does not fit into an input of shape \(x.shape) "
          + "with padding \(options.padding)")
    }
  }
  if let bias, bias.layout.shape != [filter[0]] {
    throw TensorError(.shape, name, "expected a bias of shape [\(filter[0])], but got \(bias.shape)")
  }
}
