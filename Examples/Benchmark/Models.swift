import NN

/// A network for images of 28 by 28 of one channel, ten classes (LeCun, Bottou, Bengio and Haffner, 1998).
final class LeNet: Layer {
  let conv1 = Conv2d(1, 6, kernelSize: 5, padding: 2)
  let conv2 = Conv2d(6, 16, kernelSize: 5)
  let pool = MaxPool2d(kernelSize: 2)
  let fc1 = Linear(400, 120)
  let fc2 = Linear(120, 84)
  let fc3 = Linear(84, 10)

  func forward(_ x: Tensor) -> Tensor {
    let h = pool(relu(conv2(pool(relu(conv1(x))))))
    return fc3(relu(fc2(relu(fc1(h.flatten(startDim: 1))))))
  }
}

/// A BERT encoder of MiniLM's size: post-norm layers, the mean over a text as its embedding.
final class MiniLM: Layer {
  let words: Embedding
  let positions: Embedding
  let types: Embedding
  let norm: LayerNorm
  let layers: [Encoder]

  init(vocabulary: Int, width: Int, heads: Int, hidden: Int, layers: Int) {
    words = Embedding(vocabulary, width)
    positions = Embedding(512, width)
    types = Embedding(2, width)
    norm = LayerNorm(width, eps: 1e-12)
    self.layers = (0..<layers).map { _ in Encoder(width: width, heads: heads, hidden: hidden) }
  }

  /// Takes indices [batch, time] and gives [batch, width].
  func forward(_ x: Tensor) -> Tensor {
    let places = Tensor.arange(x.shape[1], device: x.device)
    var h = norm(words(x) + positions(places) + types(Tensor.zerosLike(x)))
    for layer in layers { h = layer(h) }
    return h.mean(dim: 1)
  }

  /// Attention and a network of two layers, each added to what it reads, then normalised.
  final class Encoder: Layer {
    let heads: Int
    let query: Linear
    let key: Linear
    let value: Linear
    let output: Linear
    let norm1: LayerNorm
    let up: Linear
    let down: Linear
    let norm2: LayerNorm

    init(width: Int, heads: Int, hidden: Int) {
      self.heads = heads
      query = Linear(width, width)
      key = Linear(width, width)
      value = Linear(width, width)
      output = Linear(width, width)
      norm1 = LayerNorm(width, eps: 1e-12)
      up = Linear(width, hidden)
      down = Linear(hidden, width)
      norm2 = LayerNorm(width, eps: 1e-12)
    }

    func forward(_ x: Tensor) -> Tensor {
      let (batch, time, width) = (x.shape[0], x.shape[1], x.shape[2])
      let split = { (h: Tensor) in h.view(batch, time, self.heads, width / self.heads).transpose(1, 2) }
      let mixed = scaledDotProductAttention(split(query(x)), split(key(x)), split(value(x)))
      let h = norm1(x + output(mixed.transpose(1, 2).reshape(batch, time, width)))
      return norm2(h + down(up(h).gelu()))
    }
  }
}

extension Case {
  /// Whole models without gradients.
  static let inference: [Case] = [
    Case("infer/minilm", flops: 6 * (8 * 128 * 384 * 384 + 4 * 128 * 384 * 1536 + 4 * 128 * 128 * 384)) {
      let make = {
        manualSeed(0)
        return MiniLM(vocabulary: 30522, width: 384, heads: 12, hidden: 1536, layers: 6).eval()
      }
      let (model, text) = (make(), Tensor.randint(30522, [1, 128]))
      return Work {
        noGrad { model(text) }
      } check: { result in
        try expect(result, noGrad { make().double()(text) }.array(), tolerance: 1e-4)
      }
    }
  ]
}
