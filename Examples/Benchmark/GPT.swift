import NN

/// A decoder-only transformer of GPT-2's form: pre-norm blocks, GELU, tied to nothing.
final class GPT: Layer {
  let tokens: Embedding
  let positions: Embedding
  let blocks: [Block]
  let norm: LayerNorm
  let head: Linear

  init(vocabulary: Int, context: Int, width: Int, heads: Int, layers: Int) {
    tokens = Embedding(vocabulary, width)
    positions = Embedding(context, width)
    blocks = (0..<layers).map { _ in Block(width: width, heads: heads) }
    norm = LayerNorm(width)
    head = Linear(width, vocabulary, bias: false)
  }

  /// Takes indices [batch, time] and gives logits [batch, time, vocabulary].
  func forward(_ x: Tensor) -> Tensor {
    let places = Tensor.arange(x.shape[1], device: x.device)
    var h = tokens(x) + positions(places)
    for block in blocks { h = block(h) }
    return head(norm(h))
  }

  /// Attention and a network of two layers, each added to what it reads.
  final class Block: Layer {
    let norm1: LayerNorm
    let attention: Attention
    let norm2: LayerNorm
    let up: Linear
    let down: Linear

    init(width: Int, heads: Int) {
      norm1 = LayerNorm(width)
      attention = Attention(width: width, heads: heads)
      norm2 = LayerNorm(width)
      up = Linear(width, 4 * width)
      down = Linear(4 * width, width)
    }

    func forward(_ x: Tensor) -> Tensor {
      let h = x + attention(norm1(x))
      return h + down(up(norm2(h)).gelu(approximate: .tanh))
    }
  }

  /// Causal self-attention of several heads.
  final class Attention: Layer {
    let heads: Int
    let input: Linear
    let output: Linear

    init(width: Int, heads: Int) {
      self.heads = heads
      input = Linear(width, 3 * width)
      output = Linear(width, width)
    }

    func forward(_ x: Tensor) -> Tensor {
      let (batch, time, width) = (x.shape[0], x.shape[1], x.shape[2])
      let parts = input(x).reshape(batch, time, 3, heads, width / heads).permute(2, 0, 3, 1, 4)
      let mixed = scaledDotProductAttention(parts[0], parts[1], parts[2], isCausal: true)
      return output(mixed.transpose(1, 2).reshape(batch, time, width))
    }
  }
}
