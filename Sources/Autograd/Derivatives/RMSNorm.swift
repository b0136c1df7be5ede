package import Tensor

extension RMSNorm: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .second, .operation] }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let (x, weight) = (context.first, context.second)
    if Scope.isGradEnabled { return differentiable(gradient, x, weight, context) }
    return checked(or: Gradients(nil)) { () throws(TensorError) in
      // It is kept whenever the operation is recorded.
      guard let rstd else { return differentiable(gradient, x, weight, context) }
      let ofWeight = context.needs(.second) ? Tensor.empty(weight.shape, dtype: weight.dtype, device: x.device) : nil
      let ofX = try run(
        RMSNormBackward(dims: dims, rstd: rstd, weight: weight, weightGradient: ofWeight), gradient, x)
      return Gradients(context.needs(.first) ? ofX : nil, ofWeight)
    }
  }

  /// The same by public operations.
  ///
  /// With h = x rstd and n = g weight, the gradient of x is rstd (n - h mean(n h)), that of the weight g h.
  private func differentiable(
    _ gradient: Tensor, _ input: Tensor, _ weight: Tensor, _ context: BackwardContext
  ) -> Gradients {
    let isHalf = input.dtype.itemSize == 2
    let x = isHalf ? input.float() : input
    let g = isHalf ? gradient.float() : gradient
    let last = Array(-dims..<0)
    let rstd = (x.square().mean(dims: last, keepDim: true) + eps).rsqrt()
    let h = x * rstd
    func ofX() -> Tensor {
      let n = g * weight
      return rstd * (n - h * (n * h).mean(dims: last, keepDim: true))
    }
    return context.gradients(ofX(), g * h)
  }
}
