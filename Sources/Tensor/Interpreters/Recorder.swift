internal import CTensorKernels

/// What a tensor that requires grad holds: it records the operations that read the tensor.
///
/// This module knows only the protocol; the module Autograd gives the objects and all that happens in backward.
package protocol Recorder: AnyObject, Sendable {
  /// Whether gradients flow to the tensor; false for one that only keeps a `grad` or hooks.
  var requiresGrad: Bool { get }
  /// Whether the tensor was made by the user, not by a recorded operation.
  var isLeaf: Bool { get }
  /// The name of the operation whose result the tensor is, such as "Multiply"; nil for a leaf.
  var operationName: String? { get }

  /// Gives `output` a recorder that knows its inputs, up to three or a list. Called on the first input that requires grad.
  ///
  /// - Parameter position: Of that input among the three, or 0 in a list.
  func record(
    _ operation: OperationReference, position: Int, _ first: Tensor?, _ second: Tensor?, _ third: Tensor?,
    list: [Tensor], output: Tensor
  ) throws(TensorError)

  /// The recorder of a view of the tensor that holds this one, made anew from the view's geometry after a write in place.
  func recorder(ofView view: Tensor, base: Tensor) -> any Recorder

  /// Called when the tensor's storage was replaced by a module's `to` or `load`.
  func didReplaceBody(of tensor: Tensor)
}

/// An operation of any type, where it lies while it is recorded; a generic parameter would cost more to hand on.
package struct OperationReference {
  package let type: any Operation.Type
  package let address: UnsafeRawPointer

  /// Calls `body` with a reference that is valid inside it.
  @inline(__always)
  package static func with<O: Operation, Result>(
    _ operation: O, _ body: (OperationReference) throws(TensorError) -> Result
  ) throws(TensorError) -> Result {
    try withUnsafePointer(to: operation) { (pointer) throws(TensorError) in
      try body(OperationReference(type: O.self, address: UnsafeRawPointer(pointer)))
    }
  }

  /// The operation.
  package var value: any Operation { type.load(from: address) }
}

extension Operation {
  fileprivate static func load(from address: UnsafeRawPointer) -> any Operation {
    address.assumingMemoryBound(to: Self.self).pointee
  }
}

extension Recorder {
  /// How a printed tensor names the operation, such as "MultiplyBackward"; nil for a leaf.
  package var gradFunctionName: String? {
    // Copies are named as in PyTorch, without the suffix.
    operationName.map { $0 == "CopyBackwards" || $0 == "CopySlices" ? $0 : $0 + "Backward" }
  }
}

/// What the module Autograd adds to `Tensor`, found by a conformance when the module is linked.
package protocol GradientSupport: SendableMetatype {
  /// The recorder of a tensor that is to require grad.
  static func makeLeaf(_ tensor: Tensor) throws(TensorError) -> any Recorder

  /// Refuses a write in place that would break gradients; called before it runs, only while recording and when an operand
  /// requires grad. Returns the target, or a copy of it when the operation's derivative reads the value from before.
  static func willWrite(
    _ operation: some Operation, to target: Tensor, _ other: Tensor?
  ) throws(TensorError) -> Tensor

  /// Records a write in place. `old` is what `willWrite` returned; `other` is the operand beside the target.
  static func didWrite(
    _ operation: some Operation, to target: Tensor, old: Tensor, _ other: Tensor?
  ) throws(TensorError)
}

/// Autograd's part, nil in a program that links only this module.
package let gradientSupport = Tensor.self as? any GradientSupport.Type

extension Tensor {
  /// Makes a tensor fresh from a creation function a leaf that requires grad, and returns it.
  package func requireGrad(for operation: String) throws(TensorError) -> Tensor {
    guard dtype.isFloatingPoint else {
      throw TensorError(.dtype, operation, "only tensors of floating dtypes can require gradients, but got \(dtype)")
    }
    guard let gradientSupport else {
      throw TensorError(
        .autograd, operation, "gradients need the module Autograd, which this program lacks: import Autograd or NN")
    }
    setRecorder(try gradientSupport.makeLeaf(self))
    return self
  }
}

/// One pointer of the calling thread, initially nil, for the module Autograd's work on that thread.
package func threadSlot() -> UnsafeMutablePointer<UnsafeMutableRawPointer?> { st_thread_slot() }
