public import Tensor

/// A function of tensors with a derivative of its own.
///
/// ```swift
/// struct Cube: DifferentiableFunction {
///   func forward(_ inputs: [Tensor], context: FunctionContext) -> Tensor {
///     context.save(inputs[0])
///     return inputs[0] ** 3
///   }
///   func backward(_ gradient: Tensor, context: FunctionContext) -> [Tensor?] {
///     [gradient * 3 * context.saved[0] ** 2]
///   }
/// }
/// let y = Cube()(x)
/// ```
public protocol DifferentiableFunction: Sendable {
  /// Computes the result. Nothing in it is recorded; what `backward` needs is saved in the context.
  func forward(_ inputs: [Tensor], context: FunctionContext) -> Tensor

  /// Computes a gradient for each input, or nil for one that needs none, given that of the result.
  ///
  /// Written with operations on tensors it can be differentiated again.
  func backward(_ gradient: Tensor, context: FunctionContext) -> [Tensor?]
}

extension DifferentiableFunction {
  /// Runs the function on tensors, and records it when one of them requires grad.
  public func callAsFunction(_ inputs: Tensor...) -> Tensor { apply(inputs) }

  /// Runs the function on a list of tensors, and records it when one of them requires grad.
  public func apply(_ inputs: [Tensor]) -> Tensor {
    checked { () throws(TensorError) in
      let records = Scope.isGradEnabled
      let needs = inputs.map { records && $0.requiresGrad }
      return try run(CustomOperation(function: self, needsInputGradient: needs), inputs)
    }
  }
}

/// What a custom function's forward hands to its backward.
public final class FunctionContext {
  /// For each input whether its gradient is asked for.
  public let needsInputGradient: [Bool]
  /// The tensors that forward saved, in the order of saving.
  public private(set) var saved: [Tensor]

  fileprivate init(needsInputGradient: [Bool], saved: [Tensor] = []) {
    self.needsInputGradient = needsInputGradient
    self.saved = saved
  }

  /// Keeps tensors for backward: inputs, the result, or values computed on the way.
  ///
  /// Overwriting one of them in place before backward is an error there. A value computed on the way counts as a
  /// constant when the gradient is differentiated again.
  public func save(_ tensors: Tensor...) { saved += tensors }
}

/// A custom function as an operation.
private struct CustomOperation: ListOperation, Differentiable {
  let function: any DifferentiableFunction
  let needsInputGradient: [Bool]
  let memory = Memory()

  /// What forward saved, written once before the operation is recorded.
  final class Memory: @unchecked Sendable {
    var values: [Value] = []
    var operands: Operands = .operation
  }

  /// Inputs and the result are the node's to keep: holding the result itself would be a cycle.
  enum Value {
    case input(Int)
    case output
    case constant(Tensor, version: Int)
  }

  var name: String { graphName }
  var graphName: String { "\(type(of: function))" }

  func forward(_ inputs: [Tensor]) throws(TensorError) -> Tensor {
    let context = FunctionContext(needsInputGradient: needsInputGradient)
    let scope = Scope.with(isGradEnabled: false)
    let output = scope.run { function.forward(inputs, context: context) }
    if let errors = scope.errors, let error = errors.first { throw error }
    for tensor in context.saved {
      if tensor === output {
        memory.values.append(.output)
        memory.operands.insert(.output)
      } else if let i = inputs.firstIndex(where: { $0 === tensor }) {
        memory.values.append(.input(i))
        memory.operands.insert(.input(i))
      } else {
        memory.values.append(.constant(tensor, version: tensor.storage.version))
      }
    }
    // A tensor that exists already has its own place in the graph.
    return output.recorder != nil || inputs.contains { $0 === output } ? Tensor(aliasing: output) : output
  }

  func saved(for needed: Operands) -> Operands { memory.operands }

  func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    checked(or: Gradients(nil)) { () throws(TensorError) in
      var saved: [Tensor] = []
      for value in memory.values {
        switch value {
        case .input(let i): saved.append(context.list[i]!)
        case .output: saved.append(context.output)
        case .constant(let tensor, let version):
          if tensor.storage.version != version { throw overwritten(tensor, expected: version, producer: nil) }
          saved.append(tensor)
        }
      }
      let needs = (0..<context.inputCount).map { context.needs(.input($0)) }
      let gradients = function.backward(gradient, context: FunctionContext(needsInputGradient: needs, saved: saved))
      guard gradients.count == context.inputCount else {
        throw TensorError(
          .autograd, name,
          "the function returned an incorrect number of gradients (expected \(context.inputCount), got "
            + "\(gradients.count))")
      }
      return Gradients(list: gradients)
    }
  }
}
