/// What went wrong in an operation: its name, and the shapes, dtypes, devices or values that do not fit.
///
/// Outside `withThrowingErrors` a programmer's error ends the program with this text; inside, the scope throws it.
public struct TensorError: Error, Sendable, Hashable {
  /// The kind of mistake, for code that reacts to one.
  public enum Kind: Sendable, Hashable {
    /// Shapes that do not fit each other or the operation.
    case shape
    /// An element type the operation does not take or that operands do not share.
    case dtype
    /// A device that is missing, or operands on different devices.
    case device
    /// A dimension, index or slice out of range.
    case index
    /// An argument's value that the operation does not take.
    case value
    /// Gradients: a graph used twice, a value overwritten, a leaf changed in place.
    case autograd
    /// Memory that could not be had.
    case memory
    /// A file that cannot be read, written or trusted.
    case file
  }

  /// The kind of mistake.
  public let kind: Kind
  /// The operation that met it, by its Swift name.
  public let operation: String
  /// What did not fit, with the figures.
  public let message: String

  /// Makes an error of an operation.
  public init(_ kind: Kind, _ operation: String, _ message: String) {
    self.kind = kind
    self.operation = operation
    self.message = message
  }
}

extension TensorError: CustomStringConvertible {
  /// "operation: message".
  public var description: String { "\(operation): \(message)" }
}
