internal import CTensorKernels

extension CPUBackend {
  package func attention(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?, isCausal: Bool, scale: Double, to output: Tensor, lse: Tensor
  ) throws(TensorError) {
    let status = withMask(mask, of: q, k) { mask in
      withViews([output, lse, q, k, v]) { views, _ in
        st_attention(views[0], views[1], views[2], views[3], views[4], mask, isCausal, scale)
      }
    }
    try check(status, "scaledDotProductAttention", q.dtype)
  }

  package func attentionBackward(
    gradient: Tensor, output: Tensor, lse: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?,
    isCausal: Bool, scale: Double, queryGradient: Tensor, keyGradient: Tensor, valueGradient: Tensor
  ) throws(TensorError) {
    let status = withMask(mask, of: q, k) { mask in
      withViews([queryGradient, keyGradient, valueGradient, gradient, output, lse, q, k, v]) { views, _ in
        st_attention_backward(
          views[0], views[1], views[2], views[3], views[4], views[5], views[6], views[7], views[8], mask, isCausal,
          scale)
      }
    }
    try check(status, "scaledDotProductAttentionBackward", q.dtype)
  }
}
