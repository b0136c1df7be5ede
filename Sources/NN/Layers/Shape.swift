/// Returns its input.
public final class Identity: Layer {
  /// Makes the layer.
  public init() {}
  /// Returns the input itself.
  public func forward(_ input: Tensor) -> Tensor { input }
}

/// Joins a range of dimensions to one; by default all but the first: [batch, 1, 28, 28] becomes [batch, 784].
public final class Flatten: Layer {
  /// The first dimension that is joined.
  public let startDim: Int
  /// The last dimension that is joined; negative ones count from the end.
  public let endDim: Int
  /// Makes the layer.
  public init(startDim: Int = 1, endDim: Int = -1) {
    self.startDim = startDim
    self.endDim = endDim
  }
  /// Gives a view where the strides allow it.
  public func forward(_ input: Tensor) -> Tensor { input.flatten(startDim: startDim, endDim: endDim) }
  /// The range of dimensions.
  public var extraDescription: String { "startDim: \(startDim), endDim: \(endDim)" }
}
