/// Scales gradients in place so that their common norm is at most `maxNorm`.
///
/// The norm is that of the parameters' norms; all gradients are multiplied by min(1, maxNorm / (norm + 1e-6)), as PyTorch
/// does it. Parameters without a gradient are left out.
///
/// - Parameters:
///   - parameters: The tensors whose gradients are clipped.
///   - maxNorm: The largest norm that is left alone.
///   - normType: 2 for the length, `.infinity` for the largest size of an element.
///   - errorIfNonfinite: Whether a norm that is NaN or infinite is an error; else it spoils the gradients.
/// - Returns: The norm before, zero-dim.
@discardableResult
public func clipGradNorm(
  _ parameters: [Tensor], maxNorm: Double, normType: Double = 2, errorIfNonfinite: Bool = false
) -> Tensor {
  checked { () throws(TensorError) in
    let gradients = parameters.compactMap(\.grad).map { Tensor(aliasing: $0) }
    guard let first = gradients.first else { return Tensor.zeros([]) }
    let norms = gradients.map { $0.norm(p: normType).to(first.device) }
    let total = norms.count == 1 ? norms[0] : cat(norms.map { $0.reshape(1) }).norm(p: normType)
    if errorIfNonfinite && !total.item(as: Double.self).isFinite {
      throw TensorError(
        .value, "clipGradNorm",
        "the norm of order \(normType) of the gradients of \(gradients.count) parameters is not finite, "
          + "so that they cannot be clipped")
    }
    let factor = (maxNorm / (total + 1e-6)).clamp(max: 1)
    for gradient in gradients { try run(Binary<Multiply>(), on: gradient, factor.to(gradient.device)) }
    return total
  }
}

/// Limits every element of the gradients to the range from -clipValue to clipValue, in place.
public func clipGradValue(_ parameters: [Tensor], clipValue: Double) {
  checked(or: ()) { () throws(TensorError) in
    for gradient in parameters.lazy.compactMap(\.grad) {
      try run(Unary<ClampNumbers>(Parameters(-clipValue, clipValue)), on: Tensor(aliasing: gradient))
    }
  }
}
