package import Tensor
package import Testing

extension Tensor {
  /// A tensor of these values in row-major order on the default device, made without the library's creation functions.
  package static func make(_ values: [Double], _ shape: [Int], dtype: DType = .float64) -> Tensor {
    precondition(values.count == shape.reduce(1, *))
    return checked { () throws(TensorError) in
      let source = try Tensor(
        uninitialized: Layout(contiguous: Dims(shape)), dtype: .float64, on: CPUBackend.shared, for: "make")
      let address = source.storage.address.assumingMemoryBound(to: Double.self)
      for (i, value) in values.enumerated() { address[i] = value }
      let output = try source.fresh(dtype)
      return Scope.defaultDevice == .cpu ? output : try Move(device: Scope.defaultDevice).forward(output)
    }
  }

  /// The values in row-major order as doubles.
  package var doubles: [Double] {
    checked(or: []) { () throws(TensorError) in
      let copy = try fresh(.float64)
      let address = copy.storage.address.assumingMemoryBound(to: Double.self)
      return Array(UnsafeBufferPointer(start: address, count: count))
    }
  }

  /// The bytes of the elements in row-major order.
  package var elementBytes: [UInt8] {
    checked(or: []) { () throws(TensorError) in
      let copy = try fresh(dtype)
      return Array(UnsafeRawBufferPointer(start: copy.storage.address, count: count * dtype.itemSize))
    }
  }

  /// A row-major copy on the CPU.
  private func fresh(_ dtype: DType) throws(TensorError) -> Tensor {
    let output = try Tensor(
      uninitialized: Layout(contiguous: layout.shape), dtype: dtype, on: CPUBackend.shared, for: "fresh")
    try backend.copy(self, to: output)
    return output
  }
}

/// Expects the tensor's values within `atol + rtol * |expected|` of the expected ones; NaN equals NaN.
package func expectClose(
  _ tensor: Tensor, _ expected: [Double], rtol: Double = 0, atol: Double = 0, _ comment: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let values = tensor.doubles
  guard values.count == expected.count else {
    Issue.record(
      "\(comment()) \(values.count) values, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  for (i, (value, reference)) in zip(values, expected).enumerated() {
    let isClose =
      value == reference || value.isNaN && reference.isNaN
      || abs(value - reference) <= atol + rtol * abs(reference) && reference.isFinite
    if !isClose {
      Issue.record(
        "\(comment()) value \(i) of \(tensor.dtype) on \(tensor.device) is \(value), expected \(reference)",
        sourceLocation: sourceLocation)
      return
    }
  }
}

/// Expects the tensor's shape, dtype and exact values.
package func expectEqual(
  _ tensor: Tensor, _ expected: [Double], shape: [Int]? = nil, dtype: DType? = nil,
  _ comment: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  if let shape { #expect(tensor.shape == shape, "\(comment())", sourceLocation: sourceLocation) }
  if let dtype { #expect(tensor.dtype == dtype, "\(comment())", sourceLocation: sourceLocation) }
  expectClose(tensor, expected, comment(), sourceLocation: sourceLocation)
}

/// Expects the body to meet a `TensorError` whose text holds all the parts.
package func expectError<Result>(
  _ kind: TensorError.Kind, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Result
) {
  do {
    _ = try withThrowingErrors(body)
    Issue.record("no error, expected one with \(parts)", sourceLocation: sourceLocation)
  } catch let error as TensorError {
    #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    for part in parts {
      #expect(error.description.contains(part), "\(error)", sourceLocation: sourceLocation)
    }
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
}
