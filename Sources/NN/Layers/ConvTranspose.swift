/// The transpose of a convolution over sequences: each number adds a filter to the result, plus a bias.
///
/// Takes [N, inChannels, L] or [inChannels, L]. The weight [inChannels, outChannels / groups, K] and the bias
/// [outChannels] start as in `Conv1d`.
public final class ConvTranspose1d: Layer {
  /// The filters, [inChannels, outChannels / groups, K].
  public let weight: Tensor
  /// What is added to each of the result's channels, [outChannels], or nil.
  public let bias: Tensor?
  /// The step from one place of a filter to the next.
  public let stride: Extents
  /// What the result lacks on each side.
  public let padding: Extents
  /// What the result has beyond that at its end.
  public let outputPadding: Extents
  /// The step between the numbers of a filter.
  public let dilation: Extents
  /// Into how many parts both sides' channels are divided.
  public let groups: Int

  /// Makes a layer with random filters, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - inChannels: The input's channels; `groups` must divide it.
  ///   - outChannels: The result's channels; `groups` must divide it.
  ///   - kernelSize: The size of a filter.
  ///   - stride: The step from one place of a filter to the next.
  ///   - padding: What the result lacks on each side.
  ///   - outputPadding: What the result has beyond that at its end.
  ///   - groups: Into how many parts both sides' channels are divided.
  ///   - bias: Whether the layer adds a bias.
  ///   - dilation: The step between the numbers of a filter.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil stands for the default device.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Extents, stride: Extents = 1, padding: Extents = 0,
    outputPadding: Extents = 0, groups: Int = 1, bias: Bool = true, dilation: Extents = 1, dtype: DType? = nil,
    device: Device? = nil
  ) {
    (weight, self.bias) = convolutionParameters(
      "ConvTranspose1d", 1, inChannels, outChannels, kernelSize, groups, bias, isTransposed: true, dtype, device)
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// The input's channels.
  public var inChannels: Int { weight.shape[0] }
  /// The result's channels.
  public var outChannels: Int { weight.shape[1] * groups }
  /// The size of a filter.
  public var kernelSize: Extents { Extents(Array(weight.shape[2...])) }

  /// Takes [N, inChannels, L] and gives [N, outChannels, places]; both may lack N.
  public func forward(_ input: Tensor) -> Tensor {
    convTranspose1d(
      input, weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }

  /// The sizes, and how filters move where it is not the usual way.
  public var extraDescription: String {
    var text = "\(inChannels), \(outChannels), kernelSize: \(kernelSize.numbers), stride: \(stride.repeated(1).numbers)"
    if let described = ConvolutionPadding.zeros(padding).described(1) { text += ", padding: \(described)" }
    if dilation != 1 { text += ", dilation: \(dilation.repeated(1).numbers)" }
    if let described = ConvolutionPadding.zeros(outputPadding).described(1) { text += ", outputPadding: \(described)" }
    if groups != 1 { text += ", groups: \(groups)" }
    return text + (bias == nil ? ", bias: false" : "")
  }
}

/// The transpose of a convolution over images: each number adds a filter to the result, plus a bias.
///
/// Takes [N, inChannels, H, W] or [inChannels, H, W]. The weight [inChannels, outChannels / groups, KH, KW] and the bias
/// [outChannels] start as in `Conv2d`.
public final class ConvTranspose2d: Layer {
  /// The filters, [inChannels, outChannels / groups, KH, KW].
  public let weight: Tensor
  /// What is added to each of the result's channels, [outChannels], or nil.
  public let bias: Tensor?
  /// The step from one place of a filter to the next.
  public let stride: Extents
  /// What the result lacks on each side.
  public let padding: Extents
  /// What the result has beyond that at its end.
  public let outputPadding: Extents
  /// The step between the numbers of a filter.
  public let dilation: Extents
  /// Into how many parts both sides' channels are divided.
  public let groups: Int

  /// Makes a layer with random filters, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - inChannels: The input's channels; `groups` must divide it.
  ///   - outChannels: The result's channels; `groups` must divide it.
  ///   - kernelSize: The size of a filter.
  ///   - stride: The step from one place of a filter to the next.
  ///   - padding: What the result lacks on each side.
  ///   - outputPadding: What the result has beyond that at its end.
  ///   - groups: Into how many parts both sides' channels are divided.
  ///   - bias: Whether the layer adds a bias.
  ///   - dilation: The step between the numbers of a filter.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil stands for the default device.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Extents, stride: Extents = 1, padding: Extents = 0,
    outputPadding: Extents = 0, groups: Int = 1, bias: Bool = true, dilation: Extents = 1, dtype: DType? = nil,
    device: Device? = nil
  ) {
    (weight, self.bias) = convolutionParameters(
      "ConvTranspose2d", 2, inChannels, outChannels, kernelSize, groups, bias, isTransposed: true, dtype, device)
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// The input's channels.
  public var inChannels: Int { weight.shape[0] }
  /// The result's channels.
  public var outChannels: Int { weight.shape[1] * groups }
  /// The size of a filter.
  public var kernelSize: Extents { Extents(Array(weight.shape[2...])) }

  /// Takes [N, inChannels, H, W] and gives [N, outChannels, places, places]; both may lack N.
  public func forward(_ input: Tensor) -> Tensor {
    convTranspose2d(
      input, weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }

  /// The sizes, and how filters move where it is not the usual way.
  public var extraDescription: String {
    var text = "\(inChannels), \(outChannels), kernelSize: \(kernelSize.numbers), stride: \(stride.repeated(2).numbers)"
    if let described = ConvolutionPadding.zeros(padding).described(2) { text += ", padding: \(described)" }
    if dilation != 1 { text += ", dilation: \(dilation.repeated(2).numbers)" }
    if let described = ConvolutionPadding.zeros(outputPadding).described(2) { text += ", outputPadding: \(described)" }
    if groups != 1 { text += ", groups: \(groups)" }
    return text + (bias == nil ? ", bias: false" : "")
  }
}

/// The transpose of a convolution over volumes: each number adds a filter to the result, plus a bias.
///
/// Takes [N, inChannels, D, H, W] or [inChannels, D, H, W]. The weight [inChannels, outChannels / groups, KD, KH, KW] and the bias
/// [outChannels] start as in `Conv3d`.
public final class ConvTranspose3d: Layer {
  /// The filters, [inChannels, outChannels / groups, KD, KH, KW].
  public let weight: Tensor
  /// What is added to each of the result's channels, [outChannels], or nil.
  public let bias: Tensor?
  /// The step from one place of a filter to the next.
  public let stride: Extents
  /// What the result lacks on each side.
  public let padding: Extents
  /// What the result has beyond that at its end.
  public let outputPadding: Extents
  /// The step between the numbers of a filter.
  public let dilation: Extents
  /// Into how many parts both sides' channels are divided.
  public let groups: Int

  /// Makes a layer with random filters, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - inChannels: The input's channels; `groups` must divide it.
  ///   - outChannels: The result's channels; `groups` must divide it.
  ///   - kernelSize: The size of a filter.
  ///   - stride: The step from one place of a filter to the next.
  ///   - padding: What the result lacks on each side.
  ///   - outputPadding: What the result has beyond that at its end.
  ///   - groups: Into how many parts both sides' channels are divided.
  ///   - bias: Whether the layer adds a bias.
  ///   - dilation: The step between the numbers of a filter.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil stands for the default device.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: Extents, stride: Extents = 1, padding: Extents = 0,
    outputPadding: Extents = 0, groups: Int = 1, bias: Bool = true, dilation: Extents = 1, dtype: DType? = nil,
    device: Device? = nil
  ) {
    (weight, self.bias) = convolutionParameters(
      "ConvTranspose3d", 3, inChannels, outChannels, kernelSize, groups, bias, isTransposed: true, dtype, device)
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.groups = groups
  }

  /// The input's channels.
  public var inChannels: Int { weight.shape[0] }
  /// The result's channels.
  public var outChannels: Int { weight.shape[1] * groups }
  /// The size of a filter.
  public var kernelSize: Extents { Extents(Array(weight.shape[2...])) }

  /// Takes [N, inChannels, D, H, W] and gives [N, outChannels, places, places, places]; both may lack N.
  public func forward(_ input: Tensor) -> Tensor {
    convTranspose3d(
      input, weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }

  /// The sizes, and how filters move where it is not the usual way.
  public var extraDescription: String {
    var text = "\(inChannels), \(outChannels), kernelSize: \(kernelSize.numbers), stride: \(stride.repeated(3).numbers)"
    if let described = ConvolutionPadding.zeros(padding).described(3) { text += ", padding: \(described)" }
    if dilation != 1 { text += ", dilation: \(dilation.repeated(3).numbers)" }
    if let described = ConvolutionPadding.zeros(outputPadding).described(3) { text += ", outputPadding: \(described)" }
    if groups != 1 { text += ", groups: \(groups)" }
    return text + (bias == nil ? ", bias: false" : "")
  }
}
