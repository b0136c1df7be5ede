package import Tensor

extension Attention: Differentiable {
  package func saved(for needed: Operands) -> Operands { [.inputs, .output, .operation] }

  package func backward(_ gradient: Tensor, _ context: BackwardContext) -> Gradients {
    let inputs = context.list.map { $0! }
    if Scope.isGradEnabled { return differentiable(gradient, inputs) }
    return checked(or: Gradients(nil)) { () throws(TensorError) in
      let backward = try AttentionBackward(self, k: inputs[1], v: inputs[2])
      let ofQuery = try run(backward, [gradient, context.output] + inputs)
      return Gradients(list: [ofQuery, backward.keyGradient, backward.valueGradient, nil])
    }
  }

  /// The same by public operations, on the whole matrix of weights w.
  ///
  /// The gradient of v is wᵀ g, that of the scores w (s - sum(s w)) with s = g vᵀ, and its products with k and q are those
  /// of q and k.
  private func differentiable(_ g: Tensor, _ inputs: [Tensor]) -> Gradients {
    let (q, groups) = (inputs[0], inputs[1].shape[1])
    let (k, v) = (inputs[1].repeatedHeads(q), inputs[2].repeatedHeads(q))
    let mask = inputs.count > 3 ? inputs[3] : nil
    let weights = attentionWeights(q, k, mask: mask, isCausal: isCausal, scale: scale)
    let slopes = g.matmul(v.transpose(-1, -2))
    let ofScores = weights * (slopes - (slopes * weights).sum(dim: -1, keepDim: true)) * scale
    func shared(_ gradient: Tensor) -> Tensor {
      let shape = gradient.shape
      if shape[1] == groups { return gradient }
      return gradient.reshape([shape[0], groups, shape[1] / groups] + shape.suffix(2)).sum(dim: 2)
    }
    return Gradients(list: [
      ofScores.matmul(k), shared(ofScores.transpose(-1, -2).matmul(q)), shared(weights.transpose(-1, -2).matmul(g)),
      nil,
    ])
  }
}
