/// The same elements in another dtype, by PyTorch's conversions; the stride order of a dense tensor is kept.
package struct Cast: UnaryOperation {
  package let dtype: DType
  package init(dtype: DType) { self.dtype = dtype }
  package var name: String { "to" }
  package var graphName: String { "ToCopy" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(uninitialized: x.layout.fresh, dtype: dtype, on: x.backend, for: name)
    try x.backend.copy(x, to: output)
    return output
  }
}

/// The same elements on another device.
package struct Move: UnaryOperation {
  package let device: Device
  package init(device: Device) { self.device = device }
  package var name: String { "to" }
  package var graphName: String { "ToCopy" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let destination = try device.backend(for: name)
    let output = try Tensor(uninitialized: x.layout.fresh, dtype: x.dtype, on: destination, for: name)
    // The accelerator's side knows how to reach host memory, not the other way round.
    let mover = device.kind == .cpu ? x.backend : destination
    try mover.copy(x, to: output)
    return output
  }
}

/// A copy with its own memory; the stride order of a dense tensor is kept.
package struct Clone: UnaryOperation {
  package init() {}
  package var name: String { "clone" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(uninitialized: x.layout.fresh, dtype: x.dtype, on: x.backend, for: name)
    try x.backend.copy(x, to: output)
    return output
  }
}

/// A row-major copy.
package struct Contiguous: UnaryOperation {
  package init() {}
  package var name: String { "contiguous" }
  package var graphName: String { "Clone" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let output = try Tensor(
      uninitialized: Layout(contiguous: x.layout.shape), dtype: x.dtype, on: x.backend, for: name)
    try x.backend.copy(x, to: output)
    return output
  }
}

/// Overwrites a tensor with another's elements, broadcast and cast to its dtype.
package struct Copy: BinaryWrite {
  package let name: String
  package init(name: String = "copy(from:)") { self.name = name }
  package var graphName: String { "CopyBackwards" }

  package func write(to target: Tensor, _ source: Tensor) throws(TensorError) {
    try checkBroadcast(of: source, into: target, operation: name)
    let source = try withoutOverlap(source, target, operation: name)
    let mover = target.device.kind == .cpu ? source.backend : target.backend
    try mover.copy(source, to: target)
  }
}

/// Overwrites every element with a number.
package struct Fill: UnaryWrite {
  package let number: Number
  package init(_ number: Number) { self.number = number }
  package var name: String { "fill" }

  package func write(to target: Tensor) throws(TensorError) {
    try checkFits(number, target.dtype, count: target.count, operation: name)
    try target.backend.fill(target, with: number)
  }
}

/// Refuses numbers that a dtype cannot hold, as PyTorch's `fill` does; negative whole numbers wrap into uint8.
///
/// - Parameter count: The number of elements to be filled; a single 16-bit float becomes infinite instead, as in PyTorch.
package func checkFits(
  _ number: Number, _ dtype: DType, count: Int = 2, operation: @autoclosure () -> String
) throws(TensorError) {
  let fits: Bool
  if let limits = dtype.acceptedIntegers {
    switch number {
    case .bool: fits = true
    case .int(let value): fits = limits.contains(value)
    // The upper bound plus one is exact as a double, the bound itself need not be.
    case .float(let value):
      fits = value >= (dtype == .uint8 ? 0 : Double(limits.lowerBound)) && value < Double(limits.upperBound) + 1
    }
  } else {
    let value = number.double
    fits = !value.isFinite || Swift.abs(value) <= dtype.greatestFinite || count == 1 && dtype.itemSize == 2
  }
  if !fits {
    throw TensorError(.value, operation(), "the value \(number) cannot be converted to \(dtype) without overflow")
  }
}
