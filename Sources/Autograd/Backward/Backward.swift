public import Tensor

extension Tensor {
  /// Computes the gradients of this tensor with respect to the leaves of its graph, and adds them to their `grad`.
  ///
  /// The values that were saved for it are freed as it goes, so a second backward through the same operations needs
  /// `retainGraph: true` on the first.
  ///
  /// - Parameters:
  ///   - gradient: The gradient of this tensor, of its shape; may be left out for a tensor of one element, where it is 1.
  ///   - retainGraph: Whether saved values stay for another backward; `createGraph` implies it.
  ///   - createGraph: Whether the gradients can be differentiated again.
  ///   - inputs: The tensors to whose `grad` gradients are added; all leaves when left out.
  public func backward(
    gradient: Tensor? = nil, retainGraph: Bool = false, createGraph: Bool = false, inputs: [Tensor]? = nil
  ) {
    Autograd.backward(
      [self], gradients: [gradient], retainGraph: retainGraph, createGraph: createGraph, inputs: inputs)
  }
}

/// Computes the gradients of several tensors' sum with respect to the leaves of their graphs, and adds them to `grad`.
///
/// - Parameters:
///   - outputs: The tensors to differentiate.
///   - gradients: The gradient of each output; nil, or a missing list, stands for 1 of an output of one element.
///   - retainGraph: Whether saved values stay for another backward; `createGraph` implies it.
///   - createGraph: Whether the gradients can be differentiated again.
///   - inputs: The tensors to whose `grad` gradients are added; all leaves when left out.
public func backward(
  _ outputs: [Tensor], gradients: [Tensor?]? = nil, retainGraph: Bool = false, createGraph: Bool = false,
  inputs: [Tensor]? = nil
) {
  checked(or: ()) { () throws(TensorError) in
    let roots = try roots(of: outputs, gradients: gradients, operation: "backward", createGraph: createGraph)
    var goal = Engine.Goal.accumulate
    if let inputs {
      let targets = try targets(of: inputs, operation: "backward")
      for target in targets where !target.isLeaf { target.attach { $0.retainsGrad = true } }
      goal = .accumulateIn(targets)
    }
    _ = try Engine.backward(from: roots, goal: goal, retainGraph: retainGraph, createGraph: createGraph)
  }
}

/// The gradients of the outputs' sum with respect to the inputs; no tensor's `grad` changes.
///
/// - Parameters:
///   - outputs: The tensors to differentiate.
///   - inputs: The tensors whose gradients to return: leaves or results that require grad.
///   - gradients: The gradient of each output; nil, or a missing list, stands for 1 of an output of one element.
///   - retainGraph: Whether saved values stay for another backward; `createGraph` implies it.
///   - createGraph: Whether the returned gradients can be differentiated again.
///   - allowUnused: Whether an input that the outputs do not depend on gives nil instead of an error.
///   - materializeGrads: Whether such an input gives zeros; implies `allowUnused`.
/// - Returns: A gradient for each input, in order.
public func grad(
  outputs: [Tensor], inputs: [Tensor], gradients: [Tensor?]? = nil, retainGraph: Bool = false,
  createGraph: Bool = false, allowUnused: Bool = false, materializeGrads: Bool = false
) -> [Tensor?] {
  checked(or: Array(repeating: nil, count: inputs.count)) { () throws(TensorError) in
    let roots = try roots(of: outputs, gradients: gradients, operation: "grad", createGraph: createGraph)
    let targets = try targets(of: inputs, operation: "grad")
    var results = try Engine.backward(
      from: roots, goal: .capture(targets), retainGraph: retainGraph, createGraph: createGraph)
    for i in results.indices where results[i] == nil {
      if materializeGrads {
        results[i] = Tensor.zerosLike(inputs[i])
      } else if !allowUnused {
        throw TensorError(
          .autograd, "grad",
          "the differentiated tensor at index \(i) appears to not have been used in the graph; "
            + "pass allowUnused: true if this is the desired behavior")
      }
    }
    return results
  }
}

// MARK: - Arguments

private func roots(
  of outputs: [Tensor], gradients: [Tensor?]?, operation: String, createGraph: Bool
) throws(TensorError) -> [(vertex: Vertex, gradient: Tensor)] {
  if let gradients, gradients.count != outputs.count {
    throw TensorError(
      .autograd, operation, "got \(outputs.count) tensors and \(gradients.count) gradients; each tensor needs one")
  }
  var roots: [(vertex: Vertex, gradient: Tensor)] = []
  roots.reserveCapacity(outputs.count)
  for (i, output) in outputs.enumerated() {
    guard let vertex = output.vertex else {
      throw TensorError(
        .autograd, operation, "element \(i) of tensors does not require grad and was not computed from one that does")
    }
    roots.append((vertex, try rootGradient(gradients?[i], of: output, index: i, operation)))
  }
  return roots
}

private func rootGradient(
  _ gradient: Tensor?, of output: Tensor, index: Int, _ operation: String
) throws(TensorError) -> Tensor {
  guard let gradient else {
    guard output.count == 1 else {
      throw TensorError(
        .autograd, operation,
        "grad can be implicitly created only for scalar outputs; pass a gradient for this one of shape \(output.shape)")
    }
    return Tensor.onesLike(output)
  }
  guard gradient.layout.shape == output.layout.shape else {
    throw TensorError(
      .shape, operation,
      "mismatch in shape: gradient \(index) has a shape of \(gradient.shape) and output \(index) has a shape of "
        + "\(output.shape)")
  }
  var result = gradient
  if result.dtype != output.dtype { result = try run(Cast(dtype: output.dtype), result) }
  if result.device != output.device {
    throw TensorError(
      .device, operation, "gradient \(index) is on \(gradient.device), but output \(index) is on \(output.device)")
  }
  return result
}

private func targets(of inputs: [Tensor], operation: String) throws(TensorError) -> [Vertex] {
  if inputs.isEmpty { throw TensorError(.autograd, operation, "inputs must not be empty") }
  var targets: [Vertex] = []
  for (i, input) in inputs.enumerated() {
    guard let vertex = input.vertex else {
      throw TensorError(.autograd, operation, "the differentiated tensor at index \(i) does not require grad")
    }
    targets.append(vertex)
  }
  return targets
}
