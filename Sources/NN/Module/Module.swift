import Synchronization

/// A part of a model: a class whose stored tensors and modules are its state.
///
/// There is no base class and nothing to register: tensors and modules are found by the names of the stored properties
/// that hold them, through optionals, arrays, dictionaries, tuples and structs. A tensor that was made to require grad is
/// a parameter, any other a buffer.
///
/// ```swift
/// final class Scaled: Layer {
///   let inner = Linear(10, 50)
///   let scale = Tensor.ones(1, requiresGrad: true)  // a parameter, "scale"
///   let seen = Tensor.zeros(1)  // a buffer, "seen"
///   func forward(_ x: Tensor) -> Tensor { inner(x) * scale }
/// }
/// ```
public protocol Module: AnyObject, Sendable, CustomStringConvertible {
  /// The key in the state dict of what a stored property holds; by default the property's name.
  ///
  /// An empty key leaves the level out, as `Sequential` does: "0.weight" instead of "layers.0.weight".
  func key(of property: String) -> String

  /// What a printed module shows between its parentheses, such as "inFeatures: 10"; empty by default.
  var extraDescription: String { get }
}

extension Module {
  /// The property's own name.
  public func key(of property: String) -> String { property }
  /// Nothing beside the type's name.
  public var extraDescription: String { "" }
}

/// Whether a layer trains or evaluates; layers that differ in it hold one, and `train()` and `eval()` set it.
///
/// ```swift
/// final class Noise: Layer {
///   let mode = TrainingMode()
///   func forward(_ x: Tensor) -> Tensor { mode.isTraining ? x + Tensor.randnLike(x) : x }
/// }
/// ```
public final class TrainingMode: Sendable {
  private let flag: Atomic<Bool>

  /// A mode that starts in training.
  public init(isTraining: Bool = true) { flag = Atomic(isTraining) }

  /// Whether the layer trains.
  public var isTraining: Bool {
    get { flag.load(ordering: .relaxed) }
    set { flag.store(newValue, ordering: .relaxed) }
  }
}
