internal import CTensorKernels

/// What a loss does with its values, one per element or per row.
public enum Reduction: Sendable {
  /// Gives them all.
  case none
  /// Gives their mean, weighted where the loss has weights.
  case mean
  /// Gives their sum.
  case sum
}

/// The squared differences of two floating tensors, reduced.
package struct MSELoss: BinaryOperation {
  package let reduction: Reduction

  package init(reduction: Reduction) { self.reduction = reduction }

  package var name: String { "mseLoss" }
  package func precision(on kind: Device.Kind) -> Precision { .full }

  package func forward(_ input: Tensor, _ target: Tensor) throws(TensorError) -> Tensor {
    let backend = try commonBackend(input, target, operation: name)
    let dtype = promotedDType(input, target)
    if !dtype.isFloatingPoint {
      throw TensorError(
        .dtype, name, "expected floating-point operands, but got \(input.dtype) and \(target.dtype)")
    }
    let layout = try broadcastLayout(input, target, operation: name)
    // Differences and squares of 16-bit floats are rounded once, not twice.
    let wide = dtype == .float64 ? dtype : .float32
    let squares = try Tensor(uninitialized: layout, dtype: wide, on: backend, for: name)
    try backend.binary(ST_SUBTRACT, input, target, to: squares, compute: wide, parameters: .none)
    try backend.unary(ST_SQUARE, squares, to: squares, compute: wide, parameters: .none)
    let values = try cast(squares, to: dtype)
    if case .none = reduction { return values }
    return try reduced(
      reduction == .mean ? ST_MEAN : ST_SUM, values, Dims(0..<values.layout.rank), keepDim: false, operation: name)
  }
}
