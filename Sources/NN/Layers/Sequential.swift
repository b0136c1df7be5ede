/// Layers that run one after the other, each on the output of the one before.
///
/// ```swift
/// let model = Sequential(Linear(10, 50), ReLU(), Linear(50, 1))
/// print(model[0])  // Linear(inFeatures: 10, outFeatures: 50, bias: true)
/// print(model.stateDict().keys)  // ["0.weight", "0.bias", "2.weight", "2.bias"]
/// ```
public final class Sequential: Layer {
  /// The layers in the order they run.
  public let layers: [any Layer]

  /// Makes a sequence of these layers.
  public convenience init(_ layers: any Layer...) { self.init(layers) }

  /// Makes a sequence of the layers of an array.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// Makes a sequence of the layers that a builder lists, with `if` and `for`.
  public convenience init(@LayerBuilder _ layers: () -> [any Layer]) { self.init(layers()) }

  /// Runs the layers in order.
  public func forward(_ input: Tensor) -> Tensor {
    var output = input
    for layer in layers { output = layer(output) }
    return output
  }

  /// The layers are named by their positions alone.
  public func key(of property: String) -> String { "" }
}

extension Sequential: RandomAccessCollection {
  /// The position of the first layer, 0.
  public var startIndex: Int { 0 }
  /// The number of layers.
  public var endIndex: Int { layers.count }
  /// The layer at a position.
  public subscript(position: Int) -> any Layer { layers[position] }
}

/// Builds the list of layers of `Sequential { }`.
@resultBuilder
public enum LayerBuilder {
  /// A layer on a line of its own.
  public static func buildExpression(_ layer: some Layer) -> [any Layer] { [layer] }
  /// An array of layers on a line of its own.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// Lines one after the other.
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap { $0 } }
  /// An `if` without `else`.
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  /// The first branch of an `if`.
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
  /// The other branch of an `if`.
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
  /// A `for` loop.
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap { $0 } }
}
