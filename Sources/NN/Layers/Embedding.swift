/// A table of vectors that indices look up: `weight[index]`, such as a vector for each word.
///
/// Takes int64 or int32 indices of any shape and gives [..., embeddingDim]. The weight [numEmbeddings, embeddingDim] starts
/// as draws from the standard normal distribution, with zeros in the padding row.
///
/// ```swift
/// let words = Embedding(1000, 16, paddingIndex: 0)
/// print(words(Tensor([[5, 2, 0], [7, 0, 0]])).shape)  // [2, 3, 16]
/// ```
public final class Embedding: Layer {
  /// The vectors, [numEmbeddings, embeddingDim].
  public let weight: Tensor
  /// The row that starts as zeros and receives no gradient, counted from the first; nil for none.
  public let paddingIndex: Int?

  /// Makes a table of random vectors, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - numEmbeddings: The number of vectors.
  ///   - embeddingDim: The size of each.
  ///   - paddingIndex: The row that stands for padding; a negative one counts from the end.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the weight lives; nil for the default device.
  public init(
    _ numEmbeddings: Int, _ embeddingDim: Int, paddingIndex: Int? = nil, dtype: DType? = nil, device: Device? = nil
  ) {
    weight = Tensor.empty([numEmbeddings, embeddingDim], dtype: dtype, device: device)
    self.paddingIndex = Embedding.row(paddingIndex, of: weight)
    Init.normal(weight)
    if let row = self.paddingIndex { Init.zeros(noGrad { weight[row] }) }
    weight.requiresGrad()
  }

  /// Makes a table of vectors that are there already; it shares them.
  ///
  /// - Parameters:
  ///   - weight: [numEmbeddings, embeddingDim].
  ///   - paddingIndex: The row that receives no gradient; a negative one counts from the end.
  public init(weight: Tensor, paddingIndex: Int? = nil) {
    self.weight = weight
    self.paddingIndex = Embedding.row(paddingIndex, of: weight)
  }

  /// The number of vectors.
  public var numEmbeddings: Int { weight.layout.shape.first ?? 0 }
  /// The size of each vector.
  public var embeddingDim: Int { weight.layout.shape.last ?? 0 }

  /// Takes indices of any shape and gives [..., embeddingDim].
  public func forward(_ input: Tensor) -> Tensor { embedding(input, weight, paddingIndex: paddingIndex) }

  /// The sizes and the padding row.
  public var extraDescription: String {
    "numEmbeddings: \(numEmbeddings), embeddingDim: \(embeddingDim)"
      + (paddingIndex.map { ", paddingIndex: \($0)" } ?? "")
  }

  private static func row(_ index: Int?, of weight: Tensor) -> Int? {
    guard let index else { return nil }
    return checked(or: nil) { () throws(TensorError) in
      try paddingRow(index, rows: weight.layout.shape.first ?? 0, operation: "Embedding")
    }
  }
}

/// A table of vectors that bags of indices look up, each bag's vectors joined to one.
public final class EmbeddingBag: Module {
  /// The vectors, [numEmbeddings, embeddingDim].
  public let weight: Tensor
  /// How the vectors of a bag are joined.
  public let mode: EmbeddingBagMode
  /// The row that counts nothing and receives no gradient, counted from the first; nil for none.
  public let paddingIndex: Int?
  /// Whether offsets have one entry more, where the last bag ends.
  public let includeLastOffset: Bool

  /// Makes a table of random vectors, as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - numEmbeddings: The number of vectors.
  ///   - embeddingDim: The size of each.
  ///   - mode: How the vectors of a bag are joined.
  ///   - includeLastOffset: Whether offsets have one entry more, where the last bag ends.
  ///   - paddingIndex: The row that stands for padding; a negative one counts from the end.
  ///   - dtype: A floating dtype; nil stands for the default one.
  ///   - device: Where the weight lives; nil for the default device.
  public init(
    _ numEmbeddings: Int, _ embeddingDim: Int, mode: EmbeddingBagMode = .mean, includeLastOffset: Bool = false,
    paddingIndex: Int? = nil, dtype: DType? = nil, device: Device? = nil
  ) {
    let table = Embedding(numEmbeddings, embeddingDim, paddingIndex: paddingIndex, dtype: dtype, device: device)
    weight = table.weight
    self.paddingIndex = table.paddingIndex
    self.mode = mode
    self.includeLastOffset = includeLastOffset
  }

  /// Takes indices [bags, size], or a vector of them with the offsets where bags begin, and gives [bags, embeddingDim].
  public func callAsFunction(
    _ input: Tensor, offsets: Tensor? = nil, perSampleWeights: Tensor? = nil
  ) -> Tensor {
    embeddingBag(
      input, weight, offsets: offsets, mode: mode, perSampleWeights: perSampleWeights,
      includeLastOffset: includeLastOffset, paddingIndex: paddingIndex)
  }

  /// The sizes, the mode and the padding row.
  public var extraDescription: String {
    let sizes = weight.layout.shape
    return "numEmbeddings: \(sizes[0]), embeddingDim: \(sizes[1]), mode: .\(mode)"
      + (paddingIndex.map { ", paddingIndex: \($0)" } ?? "")
  }
}
