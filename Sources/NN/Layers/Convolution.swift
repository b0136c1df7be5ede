/// A convolution over sequences: filters that look at every place, plus a bias.
///
/// Takes [N, inChannels, L] or [inChannels, L]. The weight [outChannels, inChannels / groups, K] starts as
/// `Init.kaimingUniform(a: sqrt(5))` and the bias [outChannels] uniform within one over the root of a filter's size,
/// drawn in that order.
///
/// ```swift
/// let layer = Conv1d(4, 16, kernelSize: 3, padding: 1)
/// print(layer(Tensor.ones(8, 4, 28)).shape)  // [8, 16, 28]
/// ```
public final class Conv1d: Layer {
  /// The filters, [outChannels, inChannels / groups, K].
  public let weight: Tensor
  /// What is added to each filter's results, [outChannels], or nil.
  public let bias: Tensor?
  /// The step from one place to the next.
  public let stride: Extents
  /// The zeros around the input.
  public let padding: ConvolutionPadding
  /// The step between the numbers of a filter.
  public let dilation: Extents
  /// Into how many parts channels and filters are divided.
  public let groups: Int

  /// Makes a layer with random filters, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - inChannels: The input's channels; `groups` must divide it.
  ///   - outChannels: The number of filters; `groups` must divide it.
  ///   - kernelSize: The size of a filter.
  ///   - stride: The step from one place to the next.
  ///   - padding: The zeros around the input, `.same` or `.valid`.
  ///   - dilation: The step between the numbers of a filter.
  ///   - groups: Into how many parts channels and filters are divided, each filter seeing one part.
  ///   - bias: Whether the layer adds a bias.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil stands for the default device.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Extents, stride: Extents = 1, padding: ConvolutionPadding = 0,
    dilation: Extents = 1, groups: Int = 1, bias: Bool = true, dtype: DType? = nil, device: Device? = nil
  ) {
    (weight, self.bias) = convolutionParameters(
      "Conv1d", 1, inChannels, outChannels, kernelSize, groups, bias, isTransposed: false, dtype, device)
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The input's channels.
  public var inChannels: Int { weight.shape[1] * groups }
  /// The number of filters.
  public var outChannels: Int { weight.shape[0] }
  /// The size of a filter.
  public var kernelSize: Extents { Extents(Array(weight.shape[2...])) }

  /// Takes [N, inChannels, L] and gives [N, outChannels, places]; both may lack N.
  public func forward(_ input: Tensor) -> Tensor {
    conv1d(input, weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  /// The sizes, and how filters move where it is not the usual way.
  public var extraDescription: String {
    var text = "\(inChannels), \(outChannels), kernelSize: \(kernelSize.numbers), stride: \(stride.repeated(1).numbers)"
    if let described = padding.described(1) { text += ", padding: \(described)" }
    if dilation != 1 { text += ", dilation: \(dilation.repeated(1).numbers)" }
    if groups != 1 { text += ", groups: \(groups)" }
    return text + (bias == nil ? ", bias: false" : "")
  }
}

/// A convolution over images: filters that look at every place, plus a bias.
///
/// Takes [N, inChannels, H, W] or [inChannels, H, W]. The weight [outChannels, inChannels / groups, KH, KW] starts as
/// `Init.kaimingUniform(a: sqrt(5))` and the bias [outChannels] uniform within one over the root of a filter's size,
/// drawn in that order.
///
/// ```swift
/// let layer = Conv2d(3, 16, kernelSize: 3, padding: 1)
/// print(layer(Tensor.ones(8, 3, 28, 28)).shape)  // [8, 16, 28, 28]
/// ```
public final class Conv2d: Layer {
  /// The filters, [outChannels, inChannels / groups, KH, KW].
  public let weight: Tensor
  /// What is added to each filter's results, [outChannels], or nil.
  public let bias: Tensor?
  /// The step from one place to the next.
  public let stride: Extents
  /// The zeros around the input.
  public let padding: ConvolutionPadding
  /// The step between the numbers of a filter.
  public let dilation: Extents
  /// Into how many parts channels and filters are divided.
  public let groups: Int

  /// Makes a layer with random filters, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - inChannels: The input's channels; `groups` must divide it.
  ///   - outChannels: The number of filters; `groups` must divide it.
  ///   - kernelSize: The size of a filter.
  ///   - stride: The step from one place to the next.
  ///   - padding: The zeros around the input, `.same` or `.valid`.
  ///   - dilation: The step between the numbers of a filter.
  ///   - groups: Into how many parts channels and filters are divided, each filter seeing one part.
  ///   - bias: Whether the layer adds a bias.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil stands for the default device.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Extents, stride: Extents = 1, padding: ConvolutionPadding = 0,
    dilation: Extents = 1, groups: Int = 1, bias: Bool = true, dtype: DType? = nil, device: Device? = nil
  ) {
    (weight, self.bias) = convolutionParameters(
      "Conv2d", 2, inChannels, outChannels, kernelSize, groups, bias, isTransposed: false, dtype, device)
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The input's channels.
  public var inChannels: Int { weight.shape[1] * groups }
  /// The number of filters.
  public var outChannels: Int { weight.shape[0] }
  /// The size of a filter.
  public var kernelSize: Extents { Extents(Array(weight.shape[2...])) }

  /// Takes [N, inChannels, H, W] and gives [N, outChannels, places, places]; both may lack N.
  public func forward(_ input: Tensor) -> Tensor {
    conv2d(input, weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  /// The sizes, and how filters move where it is not the usual way.
  public var extraDescription: String {
    var text = "\(inChannels), \(outChannels), kernelSize: \(kernelSize.numbers), stride: \(stride.repeated(2).numbers)"
    if let described = padding.described(2) { text += ", padding: \(described)" }
    if dilation != 1 { text += ", dilation: \(dilation.repeated(2).numbers)" }
    if groups != 1 { text += ", groups: \(groups)" }
    return text + (bias == nil ? ", bias: false" : "")
  }
}

/// A convolution over volumes: filters that look at every place, plus a bias.
///
/// Takes [N, inChannels, D, H, W] or [inChannels, D, H, W]. The weight [outChannels, inChannels / groups, KD, KH, KW] starts as
/// `Init.kaimingUniform(a: sqrt(5))` and the bias [outChannels] uniform within one over the root of a filter's size,
/// drawn in that order.
///
/// ```swift
/// let layer = Conv3d(1, 4, kernelSize: 3, padding: .same)
/// print(layer(Tensor.ones(2, 1, 8, 8, 8)).shape)  // [2, 4, 8, 8, 8]
/// ```
public final class Conv3d: Layer {
  /// The filters, [outChannels, inChannels / groups, KD, KH, KW].
  public let weight: Tensor
  /// What is added to each filter's results, [outChannels], or nil.
  public let bias: Tensor?
  /// The step from one place to the next.
  public let stride: Extents
  /// The zeros around the input.
  public let padding: ConvolutionPadding
  /// The step between the numbers of a filter.
  public let dilation: Extents
  /// Into how many parts channels and filters are divided.
  public let groups: Int

  /// Makes a layer with random filters, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - inChannels: The input's channels; `groups` must divide it.
  ///   - outChannels: The number of filters; `groups` must divide it.
  ///   - kernelSize: The size of a filter.
  ///   - stride: The step from one place to the next.
  ///   - padding: The zeros around the input, `.same` or `.valid`.
  ///   - dilation: The step between the numbers of a filter.
  ///   - groups: Into how many parts channels and filters are divided, each filter seeing one part.
  ///   - bias: Whether the layer adds a bias.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil stands for the default device.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Extents, stride: Extents = 1, padding: ConvolutionPadding = 0,
    dilation: Extents = 1, groups: Int = 1, bias: Bool = true, dtype: DType? = nil, device: Device? = nil
  ) {
    (weight, self.bias) = convolutionParameters(
      "Conv3d", 3, inChannels, outChannels, kernelSize, groups, bias, isTransposed: false, dtype, device)
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The input's channels.
  public var inChannels: Int { weight.shape[1] * groups }
  /// The number of filters.
  public var outChannels: Int { weight.shape[0] }
  /// The size of a filter.
  public var kernelSize: Extents { Extents(Array(weight.shape[2...])) }

  /// Takes [N, inChannels, D, H, W] and gives [N, outChannels, places, places, places]; both may lack N.
  public func forward(_ input: Tensor) -> Tensor {
    conv3d(input, weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  /// The sizes, and how filters move where it is not the usual way.
  public var extraDescription: String {
    var text = "\(inChannels), \(outChannels), kernelSize: \(kernelSize.numbers), stride: \(stride.repeated(3).numbers)"
    if let described = padding.described(3) { text += ", padding: \(described)" }
    if dilation != 1 { text += ", dilation: \(dilation.repeated(3).numbers)" }
    if groups != 1 { text += ", groups: \(groups)" }
    return text + (bias == nil ? ", bias: false" : "")
  }
}
