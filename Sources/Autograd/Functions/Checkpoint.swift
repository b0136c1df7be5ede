public import Tensor

/// Runs `body` without keeping what its operations save; backward runs it again to have those values.
///
/// It trades a second forward for memory: during backward only one checkpointed part holds its values at a time. The
/// random numbers drawn from the default generator and the autocast settings are those of the first run, so gradients are
/// the same as without. Gradients also reach parameters that `body` captures.
public func checkpoint(_ input: Tensor, _ body: @escaping @Sendable (Tensor) -> Tensor) -> Tensor {
  checkpoint([input]) { body($0[0]) }
}

/// Runs `body` on several tensors without keeping what its operations save; backward runs it again to have those values.
public func checkpoint(_ inputs: [Tensor], _ body: @escaping @Sendable ([Tensor]) -> Tensor) -> Tensor {
  guard Scope.isGradEnabled else { return body(inputs) }
  let start = Vertex.nextSequence()
  // A device's generator may be made by its first draw.
  for input in inputs { _ = try? Generator.standard(for: input.device) }
  let generators = Generator.standards.map { $0.clone() }
  let output = body(inputs)
  guard let vertex = output.vertex, vertex.sequence > start, !vertex.isLeaf else { return output }
  let boundary = inputRecords(of: vertex, before: start)
  if boundary.isEmpty { return output }
  let operation = Recomputation(
    body: body, inputs: inputs, versions: inputs.map(\.storage.version), generators: generators,
    autocast: Scope.current?.autocast)
  let result = Tensor(aliasing: output)
  result.setRecorder(link(operation, list: boundary))
  return result
}

/// The records of what a part of the graph reads from vertices older than itself.
private func inputRecords(of root: Vertex, before start: Int) -> [InputRecord] {
  var records: [InputRecord] = []
  var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
  var stack = [root]
  while let vertex = stack.popLast() {
    guard let node = vertex.node else { continue }
    for i in 0..<node.inputCount {
      guard let parent = node.vertex(ofInput: i), seen.insert(ObjectIdentifier(parent)).inserted else { continue }
      if parent.sequence > start {
        stack.append(parent)
      } else {
        records.append(node.input(i).fitted())
      }
    }
  }
  return records
}

/// The recorded form of a checkpointed part.
private struct Recomputation: Differentiable {
  let body: @Sendable ([Tensor]) -> Tensor
  let inputs: [Tensor]
  let versions: [Int]
  let generators: [Generator]
  let autocast: AutocastState?

  var name: String { "checkpoint" }
  var graphName: String { "Checkpoint" }

  func saved(for needed: Operands) -> Operands { .operation }

  func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    checked(or: Gradients(nil)) { () throws(TensorError) in
      for (input, version) in zip(inputs, versions) where input.storage.version != version {
        throw overwritten(input, expected: version, producer: input.recorder?.operationName)
      }
      let scope = Scope.with(
        isGradEnabled: true, autocast: .some(autocast), generators: generators.map { $0.clone() })
      let output = scope.run { body(inputs) }
      if let errors = Scope.current?.errors, let error = errors.first { throw error }
      guard let vertex = output.vertex, output.layout.shape == gradient.layout.shape else {
        throw TensorError(
          .autograd, name, "the second run gave a result of shape \(output.shape) instead of \(gradient.shape)")
      }
      let targets = (0..<context.inputCount).map { context.node.vertex(ofInput: $0)! }
      let gradients = try Engine.backward(
        from: [(vertex, gradient)], goal: .cut(targets), retainGraph: false, createGraph: Scope.isGradEnabled)
      return Gradients(list: gradients)
    }
  }
}
