/// `softmax(scale * q @ k.T + mask) @ v` for q [B, H, T, D], k and v [B, G, S, D], and maybe a mask [B, H, T, S]; floats only.
///
/// G divides H: neighbouring heads share keys and values. Computed in blocks: the matrix of weights is never whole in
/// memory. The logarithms of the weights' sums go to a tensor that the operation holds, for its derivative.
package struct Attention: ListOperation {
  /// Whether a query takes no keys that come after its own position.
  package let isCausal: Bool
  package let scale: Double
  /// [B, H, T], float32, or float64 for float64.
  package let lse: Tensor

  package init(isCausal: Bool, scale: Double, lse: Tensor) {
    self.isCausal = isCausal
    self.scale = scale
    self.lse = lse
  }

  package var name: String { "scaledDotProductAttention" }
  package func precision(on kind: Device.Kind) -> Precision { .lower }

  package func forward(_ inputs: [Tensor]) throws(TensorError) -> Tensor {
    let rows = try inputs.prefix(3).withContiguousRows()
    let mask = inputs.count > 3 ? inputs[3] : nil
    let output = try Tensor(
      uninitialized: rows[0].layout.freshRows, dtype: rows[0].dtype, on: rows[0].backend, for: name)
    try output.backend.attention(
      rows[0], rows[1], rows[2], mask: mask, isCausal: isCausal, scale: scale, to: output, lse: lse)
    return output
  }
}

/// Of an attention's gradient, result and inputs, the gradient of q; those of k and v go to tensors that the operation holds.
package struct AttentionBackward: ListOperation {
  package let forward: Attention
  package let keyGradient: Tensor
  package let valueGradient: Tensor

  package init(_ forward: Attention, k: Tensor, v: Tensor) throws(TensorError) {
    self.forward = forward
    keyGradient = try Tensor(uninitialized: k.layout.freshRows, dtype: k.dtype, on: k.backend, for: forward.name)
    valueGradient = try Tensor(uninitialized: v.layout.freshRows, dtype: v.dtype, on: v.backend, for: forward.name)
  }

  package var name: String { "scaledDotProductAttentionBackward" }

  package func forward(_ inputs: [Tensor]) throws(TensorError) -> Tensor {
    let dtype = inputs[1].dtype
    let rows = try ([cast(inputs[0], to: dtype)] + inputs[1...4]).prefix(5).withContiguousRows()
    let mask = inputs.count > 5 ? inputs[5] : nil
    let output = try Tensor(uninitialized: rows[2].layout.freshRows, dtype: dtype, on: rows[2].backend, for: name)
    try output.backend.attentionBackward(
      gradient: rows[0], output: rows[1], lse: forward.lse, rows[2], rows[3], rows[4], mask: mask,
      isCausal: forward.isCausal, scale: forward.scale, queryGradient: output, keyGradient: keyGradient,
      valueGradient: valueGradient)
    return output
  }
}

extension ArraySlice<Tensor> {
  /// The tensors, those copied whose last dimension is not contiguous, as backends want it.
  fileprivate func withContiguousRows() throws(TensorError) -> [Tensor] {
    var rows: [Tensor] = []
    for x in self { rows.append(x.layout.hasContiguousRows ? x : try Contiguous().forward(x)) }
    return rows
  }
}

extension Layout {
  fileprivate var hasContiguousRows: Bool { strides[rank - 1] == 1 || elementCount == 0 }

  /// A fresh layout whose last dimension is contiguous.
  fileprivate var freshRows: Layout {
    let layout = fresh
    return layout.hasContiguousRows ? layout : Layout(contiguous: shape)
  }
}

// MARK: - By public operations

/// The softmax of `scale * q @ k.T` plus a mask, as a tensor: for what the operation on blocks cannot do.
///
/// - Parameter mask: bool, whether a key counts, or numbers that are added. Where no key counts, all weights are 0.
package func attentionWeights(_ q: Tensor, _ k: Tensor, mask: Tensor?, isCausal: Bool, scale: Double) -> Tensor {
  var scores = q.matmul(k.transpose(-1, -2)) * scale
  if isCausal {
    let counts = Tensor.ones([q.shape[q.rank - 2], k.shape[k.rank - 2]], dtype: .bool, device: q.device).tril()
    scores = scores.maskedFill(counts.logicalNot(), -Double.infinity)
  }
  guard let mask else { return scores.softmax(dim: -1) }
  scores = mask.dtype == .bool ? scores.maskedFill(mask.logicalNot(), -Double.infinity) : scores + mask.to(scores.dtype)
  let isEmpty = (scores .== -Double.infinity).all(dim: -1, keepDim: true)
  return scores.maskedFill(isEmpty, 0).softmax(dim: -1).maskedFill(isEmpty, 0)
}

/// Attention of any shapes: in blocks where it can be, else by public operations.
///
/// - Parameter dropping: What is done to the weights, such as dropout.
package func attention(
  _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil,
  enableGQA: Bool = false, dropping: ((Tensor) -> Tensor)? = nil
) throws(TensorError) -> Tensor {
  let name = "scaledDotProductAttention"
  let inputs = try AttentionInputs(q, k, v, mask: mask, isCausal: isCausal, enableGQA: enableGQA, operation: name)
  let size = q.shape[q.rank - 1]
  let scale = scale ?? 1 / Double(size).squareRoot()
  if dropping != nil || v.shape[v.rank - 1] != size || mask?.isRecorded ?? false {
    // Scores of 16 bits would be off by more than weights may.
    let wide: DType = q.dtype.itemSize == 2 ? .float32 : q.dtype
    var weights = attentionWeights(
      inputs.q.to(wide), inputs.k.repeatedHeads(inputs.q).to(wide), mask: inputs.mask, isCausal: isCausal,
      scale: scale)
    if let dropping { weights = dropping(weights) }
    // Under autocast the result is of its dtype, as from the blocks.
    let lower = q.dtype == .float64 ? nil : Scope.current?.autocast?.lower(on: q.device.kind)
    return inputs.restored(weights.matmul(inputs.v.repeatedHeads(inputs.q).to(wide)).to(lower ?? q.dtype))
  }
  let lse = try Tensor(
    uninitialized: Layout(contiguous: Dims(inputs.q.layout.shape.dropLast())),
    dtype: q.dtype == .float64 ? .float64 : .float32, on: q.backend, for: name)
  var operands = [inputs.q, inputs.k, inputs.v]
  if let mask = inputs.mask { operands.append(mask.dtype == .bool ? mask : try cast(mask, to: q.dtype)) }
  return inputs.restored(try run(Attention(isCausal: isCausal, scale: scale, lse: lse), operands))
}

extension Tensor {
  /// Keys or values [B, G, S, D] with each head repeated for those of a query [B, H, T, D] that share it.
  package func repeatedHeads(_ q: Tensor) -> Tensor {
    let (groups, heads) = (layout.shape[1], q.layout.shape[1])
    return groups == heads ? self : repeatInterleave(heads / groups, dim: 1)
  }
}
