public import Tensor

/// Checks the derivatives of a function against central differences.
///
/// ```swift
/// let x = Tensor.rand(3, dtype: .float64, requiresGrad: true)
/// try gradcheck([x]) { $0[0].exp() }
/// ```
///
/// - Parameters:
///   - inputs: The arguments; gradients of those that require grad are checked, and these must be float64. To check a
///     tensor that repeats memory, expand it inside the function.
///   - eps: The step of the differences.
///   - atol: The absolute difference allowed.
///   - rtol: The relative difference allowed.
///   - function: Computes the result; it must be smooth near the inputs.
/// - Throws: A `TensorError` that names the first element whose derivative is off, or what went wrong on the way.
public func gradcheck(
  _ inputs: [Tensor], eps: Double = 1e-6, atol: Double = 1e-5, rtol: Double = 1e-3,
  _ function: ([Tensor]) -> Tensor
) throws {
  try gradcheck(inputs, eps: eps, atol: atol, rtol: rtol) { [function($0)] }
}

/// Checks the derivatives of a function with several results against central differences.
public func gradcheck(
  _ inputs: [Tensor], eps: Double = 1e-6, atol: Double = 1e-5, rtol: Double = 1e-3,
  _ function: ([Tensor]) -> [Tensor]
) throws {
  try withThrowingErrors {
    try JacobianCheck(operation: "gradcheck", eps: eps, atol: atol, rtol: rtol).run(inputs, function)
  }
}

/// Checks the second derivatives of a function against central differences of its first.
///
/// The gradient that the results receive is fixed numbers between -1 and 1; derivatives with respect to it are checked too.
///
/// - Throws: A `TensorError` that names the first element whose derivative is off, or what went wrong on the way.
public func gradgradcheck(
  _ inputs: [Tensor], eps: Double = 1e-6, atol: Double = 1e-5, rtol: Double = 1e-3,
  _ function: ([Tensor]) -> Tensor
) throws {
  try withThrowingErrors {
    let output = noGrad { function(inputs) }
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    let values = (0..<output.count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / Double(1 << 52) - 1
    }
    let gradient = Tensor(values, dtype: output.dtype, device: output.device).reshape(output.shape).requiresGrad()
    let checked = inputs.indices.filter { inputs[$0].requiresGrad }
    try JacobianCheck(operation: "gradgradcheck", eps: eps, atol: atol, rtol: rtol).run(inputs + [gradient]) { all in
      let result = function(Array(all.dropLast()))
      let sources = checked.map { all[$0] }
      if !result.requiresGrad { return sources.map { Tensor.zerosLike($0) } }
      let gradients = grad(
        outputs: [result], inputs: sources, gradients: [all.last!], createGraph: true, materializeGrads: true)
      // A gradient is missing only after an error, which the scope around throws.
      return gradients.map { $0 ?? .poisoned }
    }
  }
}

/// The comparison of a function's Jacobian by backward with that by differences.
private struct JacobianCheck {
  let operation: String
  let eps: Double
  let atol: Double
  let rtol: Double

  func run(_ inputs: [Tensor], _ function: ([Tensor]) -> [Tensor]) throws {
    let checked = inputs.indices.filter { inputs[$0].requiresGrad }
    if checked.isEmpty { throw TensorError(.autograd, operation, "no input requires grad") }
    for i in checked where inputs[i].dtype != .float64 || inputs[i].layout.mayOverlap {
      throw TensorError(
        .value, operation,
        "input \(i) of shape \(inputs[i].shape) must be float64 and must not repeat memory, but it is "
          + "\(inputs[i].dtype) with strides \(inputs[i].strides)")
    }
    let leaves = try inputs.map { try copy($0) }
    let outputs = function(leaves)
    let sources = checked.map { leaves[$0] }
    // Columns by differences, one perturbed element at a time.
    var numerical: [[[[Double]]]] = []
    for i in checked {
      var columns: [[[Double]]] = []
      for element in 0..<inputs[i].count {
        let above = try values(function, inputs, i, element, eps)
        let below = try values(function, inputs, i, element, -eps)
        columns.append(
          zip(above, below).map { above, below in zip(above, below).map { ($0 - $1) / (2 * eps) } })
      }
      numerical.append(columns)
    }
    for (o, output) in outputs.enumerated() where output.dtype.isFloatingPoint {
      for row in 0..<output.count {
        let gradients = self.gradients(of: output, row, sources)
        if row == 0, gradients != self.gradients(of: output, row, sources) {
          throw TensorError(.autograd, operation, "two backward runs gave different gradients of result \(o)")
        }
        for (s, i) in checked.enumerated() {
          for element in 0..<inputs[i].count {
            let (expected, found) = (numerical[s][element][o][row], gradients[s][element])
            if abs(expected - found) <= atol + rtol * abs(expected) { continue }
            throw TensorError(
              .autograd, operation,
              "the derivative of element \(row) of result \(o) by element \(element) of input \(i) is \(found), but "
                + "differences give \(expected)")
          }
        }
      }
    }
  }

  /// The gradients of one element of a result, by backward.
  private func gradients(of output: Tensor, _ row: Int, _ sources: [Tensor]) -> [[Double]] {
    if !output.requiresGrad { return sources.map { Array(repeating: 0, count: $0.count) } }
    let seed = Tensor((0..<output.count).map { $0 == row ? 1.0 : 0.0 }, dtype: output.dtype, device: output.device)
    let gradients = grad(
      outputs: [output], inputs: sources, gradients: [seed.reshape(output.shape)], retainGraph: true,
      materializeGrads: true)
    return gradients.map { $0!.detach().flatten().array(as: Double.self) }
  }

  /// The results with one element of one input moved.
  private func values(
    _ function: ([Tensor]) -> [Tensor], _ inputs: [Tensor], _ input: Int, _ element: Int, _ step: Double
  ) throws -> [[Double]] {
    var moved = try inputs.map { try copy($0) }
    moved[input] = try copy(inputs[input], moving: element, by: step)
    return function(moved).map { $0.detach().flatten().array(as: Double.self) }
  }

  /// A leaf with the same values and strides, one of them moved.
  private func copy(_ x: Tensor, moving element: Int? = nil, by step: Double = 0) throws -> Tensor {
    if !x.requiresGrad { return x }
    var layout = x.layout
    layout.offset = 0
    let memory = try Tensor(
      uninitialized: Layout(contiguous: [Swift.max(layout.span, 1)]), dtype: x.dtype, on: x.backend, for: operation)
    let copy = Tensor(storage: memory.storage, layout: layout, dtype: x.dtype)
    try copy.backend.copy(x, to: copy)
    if let element {
      var (rest, offset) = (element, 0)
      for dim in (0..<layout.rank).reversed() {
        offset += rest % layout.shape[dim] * layout.strides[dim]
        rest /= layout.shape[dim]
      }
      var value = x.detach().flatten().array(as: Double.self)[element] + step
      try withUnsafeMutableBytes(of: &value) { bytes in
        try copy.backend.copy(from: UnsafeRawBufferPointer(bytes), to: copy.storage, byteOffset: offset * 8)
      }
    }
    return copy.requiresGrad()
  }
}
