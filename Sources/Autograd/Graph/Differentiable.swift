package import Tensor

/// An operation that has a derivative.
///
/// The conformances stand in Derivatives/, a file per family.
package protocol Differentiable: Operation {
  /// What `backward` reads, given the inputs that need a gradient.
  func saved(for needed: Operands) -> Operands

  /// The gradients of the inputs, given that of the result.
  ///
  /// Written with public operations, so that it can be differentiated again. The engine sums each gradient to its
  /// input's shape and casts it to its dtype, so a broadcast needs no care here.
  func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients

  /// Adds the input's gradient, given that of the result, to a sum of the input's shape in place; false where an
  /// operation knows nothing better than `backward` and an addition.
  func add(_ gradient: Tensor, to sum: Tensor) throws(TensorError) -> Bool
}

extension Differentiable {
  package func saved(for needed: Operands) -> Operands { [] }
  package func add(_ gradient: Tensor, to sum: Tensor) throws(TensorError) -> Bool { false }
}

/// A set of an operation's operands.
package struct Operands: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  package static let first = Operands(rawValue: 1)
  package static let second = Operands(rawValue: 2)
  package static let third = Operands(rawValue: 4)
  /// Every input, for operations on lists.
  package static let inputs = Operands(rawValue: 1 << 60 - 1)
  /// The result.
  package static let output = Operands(rawValue: 1 << 60)
  /// Values that the operation itself holds: it is dropped when saved values are freed.
  package static let operation = Operands(rawValue: 1 << 61)
  /// The first input's whole layout, not only its shape.
  package static let layout = Operands(rawValue: 1 << 62)

  /// The input at a position; those from the sixtieth on share one bit.
  @inline(__always)
  package static func input(_ index: Int) -> Operands { Operands(rawValue: 1 << UInt64(min(index, 59))) }
}

/// The gradients of an operation's inputs, in their order; nil where none is needed.
package struct Gradients {
  var first: Tensor?
  var second: Tensor?
  var third: Tensor?
  var list: [Tensor?] = []

  package init(_ first: Tensor?, _ second: Tensor? = nil, _ third: Tensor? = nil) {
    self.first = first
    self.second = second
    self.third = third
  }

  package init(list: [Tensor?]) {
    first = nil
    second = nil
    third = nil
    self.list = list
  }
}

/// What backward knows of the recorded operation: the saved values, and what its inputs were.
package struct BackwardContext {
  let node: Node
  /// The shape of the result.
  let outputShape: Dims
  /// The inputs whose gradient is asked for.
  package let needed: Operands
  var values: SavedValues

  /// The first input, which `saved` must have named.
  package var first: Tensor { saved(values.first) }
  /// The second input, which `saved` must have named.
  package var second: Tensor { saved(values.second) }
  /// The third input, which `saved` must have named.
  package var third: Tensor { saved(values.third) }
  /// The inputs of an operation on a list.
  package var list: [Tensor?] { values.list }
  /// The result, which `saved` must have named.
  package var output: Tensor { saved(values.output) }

  private func saved(_ value: Tensor?) -> Tensor {
    guard let value else { fatalError("the derivative of \(node.operationName ?? "") reads a value it does not save") }
    return value
  }

  /// Whether the gradient of an input is asked for.
  package func needs(_ operand: Operands) -> Bool { needed.contains(operand) }

  /// The third input of an operation that can do without, which `saved` must have named.
  package var optionalThird: Tensor? { values.third }
  /// The shape of an input whose gradient is asked for, or of any input of a list.
  package func shape(_ index: Int = 0) -> Dims { node.input(index).geometry?.layout.shape ?? outputShape }

  /// The layout of the first input, which `saved` must have named.
  package var layout: Layout {
    guard let geometry = node.input(0).geometry else {
      fatalError("the derivative of \(node.operationName ?? "") reads a layout it does not save")
    }
    return geometry.layout
  }

  /// The dtype of an input.
  package func dtype(_ index: Int = 0) -> DType { node.input(index).dtype }

  /// The number of inputs.
  package var inputCount: Int { node.inputCount }

  /// Gradients of which only those asked for are computed.
  @inline(__always)
  package func gradients(
    _ first: @autoclosure () -> Tensor?, _ second: @autoclosure () -> Tensor? = nil,
    _ third: @autoclosure () -> Tensor? = nil
  ) -> Gradients {
    Gradients(
      needs(.first) ? first() : nil, needs(.second) ? second() : nil, needs(.third) ? third() : nil)
  }
}

/// The values that backward reads, taken from a node.
struct SavedValues {
  var first: Tensor?
  var second: Tensor?
  var third: Tensor?
  var list: [Tensor?] = []
  var output: Tensor?
}
