/// A convolution over images: filters that look at every place, plus a bias.
///
/// Takes [N, inChannels, H, W] or [inChannels, H, W]. The weight [outChannels, inChannels / groups, KH, KW] starts as
/// `Init.kaimingUniform(a: sqrt(5))` and the bias [outChannels] uniform within 1 / sqrt(inChannels / groups * KH * KW),
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
  public let stride: HeightWidth
  /// The rows and columns of zeros around an image.
  public let padding: HeightWidth
  /// The step between the numbers of a filter.
  public let dilation: HeightWidth
  /// Into how many parts channels and filters are divided.
  public let groups: Int

  /// Makes a layer with random filters, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - inChannels: The channels of images; `groups` must divide it.
  ///   - outChannels: The number of filters; `groups` must divide it.
  ///   - kernelSize: The height and width of a filter.
  ///   - stride: The step from one place to the next.
  ///   - padding: The rows and columns of zeros around an image.
  ///   - dilation: The step between the numbers of a filter.
  ///   - groups: Into how many parts channels and filters are divided, each filter seeing one part.
  ///   - bias: Whether the layer adds a bias.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live.
  public init(
    _ inChannels: Int, _ outChannels: Int, kernelSize: HeightWidth, stride: HeightWidth = 1, padding: HeightWidth = 0,
    dilation: HeightWidth = 1, groups: Int = 1, bias: Bool = true, dtype: DType? = nil, device: Device = .cpu
  ) {
    let isDivided = groups > 0 && inChannels % groups == 0 && outChannels % groups == 0
    if !isDivided {
      fail(
        TensorError(
          .value, "Conv2d",
          "inChannels \(inChannels) and outChannels \(outChannels) must be divisible by groups \(groups)"))
    }
    let perGroup = isDivided ? inChannels / groups : 0
    weight = Tensor.empty(
      [outChannels, perGroup, kernelSize.height, kernelSize.width], dtype: dtype, device: device)
    Init.kaimingUniform(weight, a: 5.0.squareRoot())
    self.bias = bias ? Tensor.empty([outChannels], dtype: dtype, device: device) : nil
    if let bias = self.bias {
      let fanIn = perGroup * kernelSize.height * kernelSize.width
      let bound = fanIn > 0 ? 1 / Double(fanIn).squareRoot() : 0
      Init.uniform(bias, from: -bound, to: bound)
    }
    weight.requiresGrad()
    self.bias?.requiresGrad()
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  /// The channels of images.
  public var inChannels: Int { weight.shape[1] * groups }
  /// The number of filters.
  public var outChannels: Int { weight.shape[0] }
  /// The height and width of a filter.
  public var kernelSize: HeightWidth { HeightWidth(weight.shape[2], weight.shape[3]) }

  /// Takes [N, inChannels, H, W] and gives [N, outChannels, places, places]; both may lack N.
  public func forward(_ input: Tensor) -> Tensor {
    conv2d(input, weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }

  /// The sizes, and how filters move where it is not the usual way.
  public var extraDescription: String {
    var text = "\(inChannels), \(outChannels), kernelSize: \(kernelSize), stride: \(stride)"
    if padding != 0 { text += ", padding: \(padding)" }
    if dilation != 1 { text += ", dilation: \(dilation)" }
    if groups != 1 { text += ", groups: \(groups)" }
    return text + (bias == nil ? ", bias: false" : "")
  }
}
