/// Attention of several heads, each over its own part of what queries, keys and values are projected to (Vaswani et al.,
/// 2017), as PyTorch's `multi_head_attention_forward` computes it.
///
/// - Parameters:
///   - query: [T, batch, E], or [T, E] for one sequence.
///   - key: [S, batch, its size], or without the batch.
///   - value: [S, batch, its size], or without the batch.
///   - numHeads: How many heads; it divides E.
///   - projections: The weights by which the three are projected to E.
///   - inProjBias: [3 E], or nil.
///   - biasK: [1, 1, E], a further key, with `biasV` as its value; nil for none.
///   - biasV: The further key's value.
///   - addZeroAttn: Whether a key and value of zeros are added.
///   - dropoutP: The probability that a weight becomes zero in training.
///   - outProjWeight: [E, E].
///   - outProjBias: [E], or nil.
///   - training: Whether weights are dropped.
///   - keyPaddingMask: [batch, S]: bool, true for keys to be ignored, or floats that are added to the scores.
///   - needWeights: Whether the weights are returned; without them attention is computed in blocks.
///   - attnMask: [T, S] or [batch * heads, T, S]: bool, true for pairs to be ignored, or floats that are added.
///   - averageAttnWeights: Whether the weights are the heads' mean.
///   - generator: Draws what is dropped; nil stands for the device's default one.
/// - Returns: The output in the query's shape, and the weights, [batch, T, S] or [batch, heads, T, S].
public func multiHeadAttentionForward(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, numHeads: Int, projections: AttentionProjections,
  inProjBias: Tensor?, biasK: Tensor? = nil, biasV: Tensor? = nil, addZeroAttn: Bool = false, dropoutP: Double = 0,
  outProjWeight: Tensor, outProjBias: Tensor?, training: Bool = true, keyPaddingMask: Tensor? = nil,
  needWeights: Bool = true, attnMask: Tensor? = nil, averageAttnWeights: Bool = true, generator: Generator? = nil
) -> (output: Tensor, weights: Tensor?) {
  checked(or: (.poisoned, nil)) { () throws(TensorError) in
    let isBatched = query.rank == 3
    let heads = try Heads(query, key, value, numHeads)
    var (q, k, v) = projections.project(heads.query, heads.key, heads.value, inProjBias)
    if let biasK, let biasV {
      k = cat([k, biasK.repeat(1, heads.batch, 1)])
      v = cat([v, biasV.repeat(1, heads.batch, 1)])
    }
    (q, k, v) = (heads.split(q), heads.split(k), heads.split(v))
    if addZeroAttn {
      let size = [heads.batch, numHeads, 1, heads.size]
      (k, v) = (cat([k, k.newZeros(size)], dim: 2), cat([v, v.newZeros(size)], dim: 2))
    }
    let added = k.shape[2] - heads.keys
    let mask = try heads.mask(attnMask, keyPaddingMask, added: added, dtype: q.dtype)
    let p = training ? dropoutP : 0
    var weights: Tensor?
    var output: Tensor
    if needWeights {
      let products = (q * (1 / Double(heads.size)).squareRoot()).matmul(k.transpose(-2, -1))
      let probabilities = dropout(
        (mask.map { products + $0 } ?? products).softmax(dim: -1), p: p, generator: generator)
      output = probabilities.matmul(v)
      weights = averageAttnWeights ? probabilities.mean(dim: 1) : probabilities
    } else {
      output = scaledDotProductAttention(q, k, v, mask: mask, dropoutP: p, generator: generator)
    }
    output = linear(output.permute(2, 0, 1, 3).flatten(startDim: 2), outProjWeight, outProjBias)
    if isBatched { return (output, weights) }
    return (output.squeeze(dim: 1), weights?.squeeze(dim: 0))
  }
}

/// The weights by which attention projects queries, keys and values.
public enum AttentionProjections: Sendable {
  /// One matrix [3 E, E] that holds the three.
  case packed(Tensor)
  /// A matrix for each, [E, its size].
  case separate(query: Tensor, key: Tensor, value: Tensor)

  fileprivate func project(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, _ bias: Tensor?
  ) -> (query: Tensor, key: Tensor, value: Tensor) {
    let biases: [Tensor?] = bias.map { $0.chunk(3) } ?? [nil, nil, nil]
    let weights: [Tensor] =
      switch self {
      case .packed(let weight): weight.chunk(3)
      case .separate(let query, let key, let value): [query, key, value]
      }
    guard biases.count == 3, weights.count == 3 else { return (.poisoned, .poisoned, .poisoned) }
    return (
      linear(query, weights[0], biases[0]), linear(key, weights[1], biases[1]), linear(value, weights[2], biases[2])
    )
  }
}

/// The sizes of attention's operands, with a batch.
private struct Heads {
  let query: Tensor
  let key: Tensor
  let value: Tensor
  let count: Int
  let batch: Int
  let keys: Int
  /// Of one head.
  let size: Int

  init(_ query: Tensor, _ key: Tensor, _ value: Tensor, _ count: Int) throws(TensorError) {
    let name = "multiHeadAttentionForward"
    guard query.rank == 2 || query.rank == 3, key.rank == query.rank, value.rank == query.rank else {
      throw TensorError(
        .shape, name,
        "expected operands of 2 dimensions, or 3 with a batch, but got \(query.shape), \(key.shape), \(value.shape)")
    }
    let isBatched = query.rank == 3
    self.query = isBatched ? query : query.unsqueeze(dim: 1)
    self.key = isBatched ? key : key.unsqueeze(dim: 1)
    self.value = isBatched ? value : value.unsqueeze(dim: 1)
    self.count = count
    batch = self.query.shape[1]
    keys = key.shape[0]
    guard count > 0, self.query.shape[2] % count == 0 else {
      throw TensorError(.value, name, "\(count) heads do not divide the size \(self.query.shape[2]) of the query")
    }
    guard self.key.shape[1] == batch, value.shape.dropLast() == key.shape.dropLast() else {
      throw TensorError(
        .shape, name, "a key of shape \(key.shape) does not fit a query of \(query.shape) and value of \(value.shape)")
    }
    size = self.query.shape[2] / count
  }

  /// [length, batch, E] as [batch, heads, length, size].
  func split(_ x: Tensor) -> Tensor { x.unflatten(dim: 2, sizes: [count, size]).permute(1, 2, 0, 3) }

  /// Both masks as one that is added to the scores.
  func mask(_ pairs: Tensor?, _ keyPadding: Tensor?, added: Int, dtype: DType) throws(TensorError) -> Tensor? {
    var mask: Tensor?
    if var pairs = pairs.map({ additive($0, dtype) }) {
      let shape = [query.shape[0], keys]
      if pairs.shape == [batch * count] + shape {
        pairs = pairs.unflatten(dim: 0, sizes: [batch, count])
      } else if pairs.shape != shape {
        throw TensorError(
          .shape, "multiHeadAttentionForward",
          "expected a mask of shape \(shape) or \([batch * count] + shape), but got \(pairs.shape)")
      }
      mask = pairs.pad([0, added])
    }
    if let keyPadding {
      let padding = additive(keyPadding, dtype)
      guard padding.count == batch * keys, padding.shape.last == keys else {
        throw TensorError(
          .shape, "multiHeadAttentionForward",
          "expected a mask of keys of shape \([batch, keys]), but got \(padding.shape)")
      }
      let each = padding.reshape([batch, 1, 1, keys]).pad([0, added])
      mask = mask.map { $0 + each } ?? each
    }
    return mask
  }

  /// True becomes minus infinity.
  private func additive(_ mask: Tensor, _ dtype: DType) -> Tensor {
    if mask.dtype != .bool { return mask.to(dtype) }
    return Tensor.zeros(mask.shape, dtype: dtype, device: mask.device).maskedFill(mask, -Double.infinity)
  }
}

/// Attention of several heads over projected queries, keys and values.
///
/// Sequences are [length, batch, E], or [batch, length, E] with `batchFirst`. The weights start as PyTorch draws them.
public final class MultiheadAttention: Module {
  /// The size E of queries and outputs.
  public let embedDim: Int
  /// How many heads there are.
  public let numHeads: Int
  /// The probability that a weight becomes zero in training.
  public let dropout: Double
  /// Whether the batch is the first dimension.
  public let batchFirst: Bool
  /// Whether a key and value of zeros are added.
  public let addZeroAttn: Bool
  /// The three projections, [3 E, E]; nil where keys or values have sizes of their own.
  public let inProjWeight: Tensor?
  /// The query's projection, [E, E], where the three are separate.
  public let qProjWeight: Tensor?
  /// The key's projection, [E, kdim], where the three are separate.
  public let kProjWeight: Tensor?
  /// The value's projection, [E, vdim], where the three are separate.
  public let vProjWeight: Tensor?
  /// The projections' biases, [3 E], or nil.
  public let inProjBias: Tensor?
  /// The layer behind the heads.
  public let outProj: Linear
  /// A further key, [1, 1, E], or nil.
  public let biasK: Tensor?
  /// The further key's value, [1, 1, E], or nil.
  public let biasV: Tensor?
  private let mode = TrainingMode()

  /// Makes a layer with random weights, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - embedDim: The size of queries and outputs.
  ///   - numHeads: How many heads; it divides the size.
  ///   - dropout: The probability that a weight becomes zero in training.
  ///   - bias: Whether the projections have biases.
  ///   - addBiasKV: Whether a key and value are learnt that every query sees.
  ///   - addZeroAttn: Whether a key and value of zeros are added.
  ///   - kdim: The size of keys; nil for that of queries.
  ///   - vdim: The size of values; nil for that of queries.
  ///   - batchFirst: Whether the batch is the first dimension.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the parameters live; nil for the default device.
  public init(
    _ embedDim: Int, _ numHeads: Int, dropout: Double = 0, bias: Bool = true, addBiasKV: Bool = false,
    addZeroAttn: Bool = false, kdim: Int? = nil, vdim: Int? = nil, batchFirst: Bool = false, dtype: DType? = nil,
    device: Device? = nil
  ) {
    if numHeads < 1 || embedDim % numHeads != 0 {
      fail(
        TensorError(
          .value, "MultiheadAttention", "embedDim \(embedDim) must be divisible by numHeads \(numHeads)"))
    }
    self.embedDim = embedDim
    self.numHeads = numHeads
    self.dropout = dropout
    self.batchFirst = batchFirst
    self.addZeroAttn = addZeroAttn
    func empty(_ shape: [Int]) -> Tensor { Tensor.empty(shape, dtype: dtype, device: device) }
    let isPacked = (kdim ?? embedDim) == embedDim && (vdim ?? embedDim) == embedDim
    inProjWeight = isPacked ? empty([3 * embedDim, embedDim]) : nil
    qProjWeight = isPacked ? nil : empty([embedDim, embedDim])
    kProjWeight = isPacked ? nil : empty([embedDim, kdim ?? embedDim])
    vProjWeight = isPacked ? nil : empty([embedDim, vdim ?? embedDim])
    inProjBias = bias ? Tensor.zeros([3 * embedDim], dtype: dtype, device: device) : nil
    outProj = Linear(embedDim, embedDim, bias: bias, dtype: dtype, device: device)
    biasK = addBiasKV ? empty([1, 1, embedDim]) : nil
    biasV = addBiasKV ? empty([1, 1, embedDim]) : nil
    for weight in [inProjWeight, qProjWeight, kProjWeight, vProjWeight] {
      if let weight { Init.xavierUniform(weight).requiresGrad() }
    }
    inProjBias?.requiresGrad()
    if let outBias = outProj.bias { noGrad { _ = outBias.zero() } }
    for bias in [biasK, biasV] {
      if let bias { Init.xavierNormal(bias).requiresGrad() }
    }
  }

  /// PyTorch's keys.
  public func key(of property: String) -> String {
    switch property {
    case "inProjWeight": "in_proj_weight"
    case "qProjWeight": "q_proj_weight"
    case "kProjWeight": "k_proj_weight"
    case "vProjWeight": "v_proj_weight"
    case "inProjBias": "in_proj_bias"
    case "outProj": "out_proj"
    case "biasK": "bias_k"
    case "biasV": "bias_v"
    default: property
    }
  }

  /// Attends to the keys for each query.
  ///
  /// - Parameters:
  ///   - query: [T, batch, E], [batch, T, E] with `batchFirst`, or [T, E].
  ///   - key: Likewise of S and kdim.
  ///   - value: Likewise of S and vdim.
  ///   - keyPaddingMask: [batch, S]: bool, true for keys to be ignored, or floats that are added to the scores.
  ///   - needWeights: Whether the weights are returned.
  ///   - attnMask: [T, S] or [batch * heads, T, S]: bool, true for pairs to be ignored, or floats that are added.
  ///   - averageAttnWeights: Whether the weights are the heads' mean.
  /// - Returns: The output in the query's shape, and the weights.
  public func callAsFunction(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, keyPaddingMask: Tensor? = nil, needWeights: Bool = true,
    attnMask: Tensor? = nil, averageAttnWeights: Bool = true
  ) -> (output: Tensor, weights: Tensor?) {
    let swaps = batchFirst && query.rank == 3
    func arranged(_ x: Tensor) -> Tensor { swaps && x.rank == 3 ? x.transpose(0, 1) : x }
    let projections: AttentionProjections =
      if let inProjWeight { .packed(inProjWeight) } else {
        .separate(query: qProjWeight!, key: kProjWeight!, value: vProjWeight!)
      }
    let (output, weights) = multiHeadAttentionForward(
      arranged(query), arranged(key), arranged(value), numHeads: numHeads, projections: projections,
      inProjBias: inProjBias, biasK: biasK, biasV: biasV, addZeroAttn: addZeroAttn, dropoutP: dropout,
      outProjWeight: outProj.weight, outProjBias: outProj.bias, training: mode.isTraining,
      keyPaddingMask: keyPaddingMask, needWeights: needWeights, attnMask: attnMask,
      averageAttnWeights: averageAttnWeights)
    return (arranged(output), weights)
  }

  /// The sizes.
  public var extraDescription: String { "\(embedDim), \(numHeads), dropout: \(dropout), batchFirst: \(batchFirst)" }
}
