/// For each query the values of all keys, weighted by how well these match: `softmax(scale * q @ k.T + mask) @ v`.
///
/// Computed in blocks of queries and keys that never form the matrix of weights, forwards and backwards, as
/// FlashAttention does (Dao et al., 2022). With dropout, a mask that requires grad or values of another size than the
/// keys', and when a gradient is differentiated again, the matrix is formed. On a GPU the blocks take a D of at most 256; a
/// larger one is an error there.
///
/// - Parameters:
///   - query: Of shape [..., T, D] and a floating dtype.
///   - key: Of shape [..., S, D]; leading dimensions of the three broadcast.
///   - value: Of shape [..., S, E].
///   - mask: Broadcasts to [..., T, S]: bool, whether a key counts for a query, or floats that are added to the scores. Where
///     no key counts, the result is zero.
///   - dropoutP: The probability that a weight becomes zero, whether training or not.
///   - isCausal: Whether query i takes keys 0 to i only; excludes a mask.
///   - scale: The factor of the products; nil stands for 1 / sqrt(D).
///   - enableGQA: Whether neighbouring heads of the query, in the dimension before the last two, share one of key and value.
///   - generator: Draws what is dropped; nil stands for the device's default one.
/// - Returns: A tensor of shape [..., T, E].
public func scaledDotProductAttention(
  _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, dropoutP: Double = 0, isCausal: Bool = false,
  scale: Double? = nil, enableGQA: Bool = false, generator: Generator? = nil
) -> Tensor {
  checked { () throws(TensorError) in
    let dropping = dropoutP == 0 ? nil : { (weights: Tensor) in dropout(weights, p: dropoutP, generator: generator) }
    return try attention(
      query, key, value, mask: mask, isCausal: isCausal, scale: scale, enableGQA: enableGQA, dropping: dropping)
  }
}
