import Autograd

/// Operations that layers are made of.
let layerCases: [GradientCase] = [
  GradientCase("embedding", [4, 3]) { embedding(Tensor([[3, 0, 3], [1, 1, 1]]), $0[0]).square() },
  GradientCase("embedding of one index", [4, 3]) { embedding(Tensor(2), $0[0]).square() },
]
