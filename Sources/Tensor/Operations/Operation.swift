/// A step that the library knows: a value that holds its attributes and runs its forward on the inputs' backend.
///
/// Everything else interprets operations: the door `run` casts for autocast, runs, records and times them.
package protocol Operation: Sendable {
  /// The Swift name of the public function, for errors and profiles.
  var name: String { get }
  /// The name that a printed tensor shows in `gradFunction: <NameBackward>`.
  var graphName: String { get }
  /// What autocast does with the inputs.
  func precision(on kind: Device.Kind) -> Precision
  /// Whether a result can take part in gradients; false for comparisons and indices.
  var isDifferentiable: Bool { get }
}

extension Operation {
  package func precision(on kind: Device.Kind) -> Precision { .untouched }
  package var isDifferentiable: Bool { true }
  package var graphName: String { innermostName(of: Self.self) }
}

// "Exp" of `Unary<Exp>`; of any type, so that there is one copy of it.
@inline(never)
private func innermostName(of type: Any.Type) -> String {
  let name = "\(type)"
  return name.split(separator: "<").last.map { String($0.prefix { $0 != ">" }) } ?? name
}

/// An operation on one tensor.
package protocol UnaryOperation: Operation {
  func forward(_ x: Tensor) throws(TensorError) -> Tensor
}

/// An operation on two tensors.
package protocol BinaryOperation: Operation {
  func forward(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor
}

/// An operation on three tensors, of which the last may be missing.
package protocol TernaryOperation: Operation {
  func forward(_ a: Tensor, _ b: Tensor, _ c: Tensor?) throws(TensorError) -> Tensor
}

/// An operation on any number of tensors.
package protocol ListOperation: Operation {
  func forward(_ inputs: [Tensor]) throws(TensorError) -> Tensor
}

/// A write to a tensor's memory that reads no other tensor, such as a fill.
package protocol UnaryWrite: Operation {
  func write(to target: Tensor) throws(TensorError)
}

/// A write to a tensor's memory that reads one other tensor, such as `+=`.
package protocol BinaryWrite: Operation {
  func write(to target: Tensor, _ other: Tensor) throws(TensorError)
}
