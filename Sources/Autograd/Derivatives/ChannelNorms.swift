package import Tensor

extension BatchNorm: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .second, .operation] }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let (x, weight) = (context.first, context.second)
    if Scope.isGradEnabled {
      let others = [0] + Array(2..<x.rank)
      let rule = ChannelNorm(gradient, x, weight)
      if training { return rule.gradients(x: rule.x, over: others, eps: eps, context) }
      // The statistics are constant.
      let (centre, scale) = (mean.channelColumn(x.rank), rstd.channelColumn(x.rank))
      return context.gradients(
        rule.slopes * rule.weight * scale, (rule.slopes * (rule.x - centre) * scale).sum(dims: others),
        rule.slopes.sum(dims: others))
    }
    return checked(or: Gradients(nil)) { () throws(TensorError) in
      let ofWeight = context.needs(.second) ? Tensor.empty(weight.shape, dtype: weight.dtype, device: x.device) : nil
      let ofBias = context.needs(.third) ? Tensor.empty(weight.shape, dtype: weight.dtype, device: x.device) : nil
      let ofX = try run(
        BatchNormBackward(self, weight: weight, weightGradient: ofWeight, biasGradient: ofBias), gradient, x)
      return Gradients(context.needs(.first) ? ofX : nil, ofWeight, ofBias)
    }
  }
}

extension GroupNorm: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.first, .second, .operation] }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let (x, weight) = (context.first, context.second)
    if Scope.isGradEnabled {
      let rule = ChannelNorm(gradient, x, weight)
      // Each group in one dimension.
      let shape = [x.shape[0], groups, x.shape.dropFirst(2).reduce(x.shape[1] / groups, *)]
      return rule.gradients(x: rule.x.reshape(shape), over: [2], eps: eps, context)
    }
    return checked(or: Gradients(nil)) { () throws(TensorError) in
      let ofWeight = context.needs(.second) ? Tensor.empty(weight.shape, dtype: weight.dtype, device: x.device) : nil
      let ofBias = context.needs(.third) ? Tensor.empty(weight.shape, dtype: weight.dtype, device: x.device) : nil
      let ofX = try run(
        GroupNormBackward(self, weight: weight, weightGradient: ofWeight, biasGradient: ofBias), gradient, x)
      return Gradients(context.needs(.first) ? ofX : nil, ofWeight, ofBias)
    }
  }
}

/// The derivative of a norm over channels by public operations.
private struct ChannelNorm {
  /// In float32 at least.
  let x: Tensor
  let slopes: Tensor
  /// Shaped to broadcast along the channels.
  let weight: Tensor

  init(_ gradient: Tensor, _ x: Tensor, _ weight: Tensor) {
    let isHalf = x.dtype.itemSize == 2
    self.x = isHalf ? x.float() : x
    slopes = isHalf ? gradient.float() : gradient
    self.weight = weight.channelColumn(x.rank)
  }

  /// The gradients, where `x` is shaped so that statistics are taken over `dims`.
  ///
  /// With h = (x - mean) rstd and n = g weight, that of x is rstd (n - mean(n) - h mean(n h)), that of the weight g h, that
  /// of the bias g.
  func gradients(x: Tensor, over dims: [Int], eps: Double, _ context: BackwardContext) -> Gradients {
    let centred = x - x.mean(dims: dims, keepDim: true)
    let rstd = (centred.square().mean(dims: dims, keepDim: true) + eps).rsqrt()
    let h = centred * rstd
    func ofX() -> Tensor {
      let n = (slopes * weight).reshape(x.shape)
      let result = rstd * (n - n.mean(dims: dims, keepDim: true) - h * (n * h).mean(dims: dims, keepDim: true))
      return result.reshape(self.x.shape)
    }
    let others = [0] + Array(2..<self.x.rank)
    return context.gradients(
      ofX(), (slopes * h.reshape(self.x.shape)).sum(dims: others), slopes.sum(dims: others))
  }
}

extension Tensor {
  /// A vector of a number for each channel, shaped to broadcast along dimension 1 of `rank`.
  fileprivate func channelColumn(_ rank: Int) -> Tensor { reshape([1, count] + [Int](repeating: 1, count: rank - 2)) }
}
