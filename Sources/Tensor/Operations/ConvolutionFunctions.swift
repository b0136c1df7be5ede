/// Filters laid on every place of sequences: see ``conv2d(_:_:_:stride:padding:dilation:groups:)``, here with one
/// dimension of space.
///
/// - Parameters:
///   - x: Sequences [N, C, L] or one [C, L].
///   - weight: Filters [O, C / groups, K].
///   - bias: A number for each filter, [O], or nil.
///   - stride: The step from one place to the next.
///   - padding: The zeros at both ends.
///   - dilation: The step between the numbers of a filter.
///   - groups: Into how many parts the channels and filters are divided, each filter seeing one part.
/// - Returns: A tensor of shape [N, O, places], or without N.
public func conv1d(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Extents = 1, padding: ConvolutionPadding = 0,
  dilation: Extents = 1, groups: Int = 1
) -> Tensor {
  convolution(1, x, weight, bias, stride, padding, dilation, groups)
}

/// Filters laid on every place of images: for each filter and place the sum of the products of its numbers with those that
/// they lie on, plus a bias; what is called convolution though the filters are not turned, as in PyTorch.
///
/// A result has `(size + 2 * padding - dilation * (filter - 1) - 1) / stride + 1` places along each dimension.
///
/// - Parameters:
///   - x: Images [N, C, H, W] or one image [C, H, W], of any dtype but bool.
///   - weight: Filters [O, C / groups, KH, KW] of the same dtype.
///   - bias: A number for each filter, [O], or nil.
///   - stride: The step from one place to the next.
///   - padding: The rows and columns of zeros around an image, `.same` or `.valid`.
///   - dilation: The step between the numbers of a filter.
///   - groups: Into how many parts the channels and filters are divided, each filter seeing one part.
/// - Returns: A tensor of shape [N, O, places, places], or without N.
public func conv2d(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Extents = 1, padding: ConvolutionPadding = 0,
  dilation: Extents = 1, groups: Int = 1
) -> Tensor {
  convolution(2, x, weight, bias, stride, padding, dilation, groups)
}

/// Filters laid on every place of volumes: see ``conv2d(_:_:_:stride:padding:dilation:groups:)``, here with three
/// dimensions of space.
///
/// - Parameters:
///   - x: Volumes [N, C, D, H, W] or one [C, D, H, W].
///   - weight: Filters [O, C / groups, KD, KH, KW].
///   - bias: A number for each filter, [O], or nil.
///   - stride: The step from one place to the next.
///   - padding: The zeros around a volume.
///   - dilation: The step between the numbers of a filter.
///   - groups: Into how many parts the channels and filters are divided, each filter seeing one part.
/// - Returns: A tensor of shape [N, O, places, places, places], or without N.
public func conv3d(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Extents = 1, padding: ConvolutionPadding = 0,
  dilation: Extents = 1, groups: Int = 1
) -> Tensor {
  convolution(3, x, weight, bias, stride, padding, dilation, groups)
}

/// The transpose of a convolution over sequences: see
/// ``convTranspose2d(_:_:_:stride:padding:outputPadding:groups:dilation:)``, here with x [N, C, L] and a weight
/// [C, O / groups, K].
public func convTranspose1d(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Extents = 1, padding: Extents = 0,
  outputPadding: Extents = 0, groups: Int = 1, dilation: Extents = 1
) -> Tensor {
  transposedConvolution(1, x, weight, bias, stride, padding, outputPadding, dilation, groups)
}

/// The transpose of a convolution, by which ``conv2d(_:_:_:stride:padding:dilation:groups:)`` gives its input a gradient:
/// each number of an image times a filter is added to the result where the filter lies, plus a bias.
///
/// A result has `(size - 1) * stride - 2 * padding + dilation * (filter - 1) + outputPadding + 1` places along each
/// dimension.
///
/// - Parameters:
///   - x: Images [N, C, H, W] or one image [C, H, W], of any dtype but bool.
///   - weight: Filters [C, O / groups, KH, KW] of the same dtype.
///   - bias: A number for each of the result's channels, [O], or nil.
///   - stride: The step from one place of a filter to the next.
///   - padding: The rows and columns that the result lacks on each side.
///   - outputPadding: Rows and columns that the result has beyond those at its end; less than the stride or the dilation.
///   - groups: Into how many parts both sides' channels are divided.
///   - dilation: The step between the numbers of a filter.
/// - Returns: A tensor of shape [N, O, places, places], or without N.
public func convTranspose2d(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Extents = 1, padding: Extents = 0,
  outputPadding: Extents = 0, groups: Int = 1, dilation: Extents = 1
) -> Tensor {
  transposedConvolution(2, x, weight, bias, stride, padding, outputPadding, dilation, groups)
}

/// The transpose of a convolution over volumes: see
/// ``convTranspose2d(_:_:_:stride:padding:outputPadding:groups:dilation:)``, here with x [N, C, D, H, W] and a weight
/// [C, O / groups, KD, KH, KW].
public func convTranspose3d(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Extents = 1, padding: Extents = 0,
  outputPadding: Extents = 0, groups: Int = 1, dilation: Extents = 1
) -> Tensor {
  transposedConvolution(3, x, weight, bias, stride, padding, outputPadding, dilation, groups)
}

private func convolution(
  _ rank: Int, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ stride: Extents, _ padding: ConvolutionPadding,
  _ dilation: Extents, _ groups: Int
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "conv\(rank)d"
    try checkRanks(x, weight, rank, name)
    let stride = try stride.each(rank, least: 1, as: "stride", operation: name)
    let dilation = try dilation.each(rank, least: 1, as: "dilation", operation: name)
    var (before, after) = (Dims(repeating: 0, count: rank), Dims(repeating: 0, count: rank))
    switch padding {
    case .zeros(let numbers):
      before = try numbers.each(rank, least: 0, as: "padding", operation: name)
      after = before
    case .valid: break
    case .same:
      for i in 0..<rank {
        if stride[i] != 1 {
          throw TensorError(.value, name, "padding .same needs a stride of 1, but got \(Array(stride))")
        }
        let total = dilation[i] * (weight.layout.shape[2 + i] - 1)
        before[i] = total / 2
        after[i] = total - total / 2
      }
    }
    let options = ConvolutionOptions(stride: stride, padding: before, dilation: dilation, groups: groups)
    try check(x, weight, bias, options, after: after, name)
    let isBatch = x.rank == rank + 2
    var input = isBatch ? x : try run(Unsqueeze(dim: 0), x)
    for i in 0..<rank where after[i] > before[i] {
      // Kernels pad both sides alike; one more row of zeros is joined on.
      var shape = input.layout.shape
      shape[2 + i] = after[i] - before[i]
      input = try run(
        Concatenate(dim: 2 + i), [input, Tensor.zeros(Array(shape), dtype: input.dtype, device: input.device)])
    }
    let output = try run(Convolution(options), input, weight, bias)
    return isBatch ? output : try run(Squeeze(dims: [0]), output)
  }
}

private func transposedConvolution(
  _ rank: Int, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ stride: Extents, _ padding: Extents,
  _ outputPadding: Extents, _ dilation: Extents, _ groups: Int
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "convTranspose\(rank)d"
    try checkRanks(x, weight, rank, name)
    let options = ConvolutionOptions(
      stride: try stride.each(rank, least: 1, as: "stride", operation: name),
      padding: try padding.each(rank, least: 0, as: "padding", operation: name),
      dilation: try dilation.each(rank, least: 1, as: "dilation", operation: name), groups: groups)
    let extra = try outputPadding.each(rank, least: 0, as: "outputPadding", operation: name)
    let isBatch = x.rank == rank + 2
    let (image, filter) = (Dims(isBatch ? x.shape : [1] + x.shape), weight.layout.shape)
    guard groups >= 1, groups <= Int(Int32.max), image[1] == filter[0], image[1] > 0, image[1] % groups == 0 else {
      throw TensorError(
        .shape, name,
        "a weight of shape \(filter) takes \(filter[0]) channels, divisible by groups \(groups), but the input has "
          + "shape \(x.shape)")
    }
    var shape = Dims(image[0], filter[1] * groups)
    for i in 0..<rank {
      guard extra[i] < options.stride[i] || extra[i] < options.dilation[i] else {
        throw TensorError(
          .value, name,
          "outputPadding \(outputPadding) must be less than the stride \(Array(options.stride)) or the dilation "
            + "\(Array(options.dilation))")
      }
      let reach = options.dilation[i] * (filter[2 + i] - 1)
      let size = (image[2 + i] - 1) * options.stride[i] - 2 * options.padding[i] + reach + extra[i] + 1
      guard filter[2 + i] > 0, image[2 + i] > 0, size > 0 else {
        throw TensorError(
          .shape, name, "input \(x.shape) and weight \(filter) give a result of size \(size) at dimension \(2 + i)")
      }
      shape.append(size)
    }
    try checkBias(bias, shape[1], name)
    let input = isBatch ? x : try run(Unsqueeze(dim: 0), x)
    let output = try run(TransposedConvolution(options, shape: shape), input, weight, bias)
    return isBatch ? output : try run(Squeeze(dims: [0]), output)
  }
}

private func checkRanks(_ x: Tensor, _ weight: Tensor, _ rank: Int, _ name: String) throws(TensorError) {
  if x.dtype == .bool { throw TensorError(.dtype, name, "not implemented for .bool") }
  guard x.rank == rank + 1 || x.rank == rank + 2, weight.rank == rank + 2 else {
    throw TensorError(
      .shape, name,
      "expected an input of rank \(rank + 2), or \(rank + 1) without the batch, and a weight of rank \(rank + 2), but "
        + "got shapes \(x.shape) and \(weight.shape)")
  }
}

private func check(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ options: ConvolutionOptions, after: Dims, _ name: String
) throws(TensorError) {
  let (image, filter) = (Array(x.layout.shape.suffix(options.rank + 1)), weight.layout.shape)
  guard options.groups >= 1, options.groups <= Int(Int32.max), filter[0] % options.groups == 0 else {
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
  for i in 0..<options.rank {
    let size = image[1 + i] + options.padding[i] + after[i]
    let reach = options.dilation[i] * (filter[2 + i] - 1) + 1
    guard filter[2 + i] > 0, size >= reach else {
      throw TensorError(
        .shape, name,
        "a filter of shape \(filter) with dilation \(Array(options.dilation)) does not fit into an input of shape "
          + "\(x.shape) with padding \(Array(options.padding))")
    }
  }
  try checkBias(bias, filter[0], name)
}

private func checkBias(_ bias: Tensor?, _ count: Int, _ name: String) throws(TensorError) {
  if let bias, bias.layout.shape != [count] {
    throw TensorError(.shape, name, "expected a bias of shape [\(count)], but got \(bias.shape)")
  }
}
