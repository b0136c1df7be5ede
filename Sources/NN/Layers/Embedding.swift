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
