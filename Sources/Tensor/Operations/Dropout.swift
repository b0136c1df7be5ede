/// Zeroes elements at random and divides the others by the probability that they stay.
///
/// Which elements stayed goes to a bool tensor that the operation holds, for its derivative.
package struct RandomDropout: UnaryOperation {
  package let p: Double
  package let generator: Generator?
  /// Of the input's shape and stride order.
  package let mask: Tensor

  package init(of x: Tensor, p: Double, generator: Generator?) throws(TensorError) {
    self.p = p
    self.generator = generator
    mask = try Tensor(uninitialized: x.layout.fresh, dtype: .bool, on: x.backend, for: "dropout")
  }

  package var name: String { "dropout" }
  package var graphName: String { "NativeDropout" }

  package func forward(_ x: Tensor) throws(TensorError) -> Tensor {
    let generator = if let generator { generator } else { try Generator.standard(for: x.device) }
    guard generator.device == x.device else {
      throw TensorError(.device, name, "a generator of \(generator.device) cannot draw for a tensor on \(x.device)")
    }
    let output = try Tensor(uninitialized: x.layout.fresh, dtype: x.dtype, on: x.backend, for: name)
    try x.backend.dropout(x, p: p, generator: generator, to: output, mask: mask)
    return output
  }
}
