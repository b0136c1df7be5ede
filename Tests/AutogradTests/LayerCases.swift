import Autograd

/// Operations that layers are made of.
let layerCases: [GradientCase] = [
  GradientCase("embedding", [4, 3]) { embedding(Tensor([[3, 0, 3], [1, 1, 1]]), $0[0]).square() },
  GradientCase("embedding of one index", [4, 3]) { embedding(Tensor(2), $0[0]).square() },
  GradientCase("layerNorm", [2, 5], [5], [5]) {
    layerNorm($0[0], normalizedShape: [5], weight: $0[1], bias: $0[2], eps: 0.1)
  },
  GradientCase("layerNorm of two dims", [2, 2, 3], [2, 3]) {
    layerNorm($0[0], normalizedShape: [2, 3], weight: $0[1], eps: 0.1)
  },
  GradientCase("layerNorm without weight", [2, 4], [4]) { layerNorm($0[0], normalizedShape: [4], bias: $0[1]) },
]
