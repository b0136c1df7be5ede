import Autograd

extension EdgeTests {
  /// Activations, order statistics, special functions, losses and pooling at their edges.
  static let laterFunctions: [String: Function] = [
    "elu": { $0[0].elu() },
    "selu": { $0[0].selu() },
    "celu": { $0[0].celu() },
    "hardsigmoid": { $0[0].hardsigmoid() },
    "hardswish": { $0[0].hardswish() },
    "threshold(0,5)": { $0[0].threshold(0, 5) },
    "prelu": { $0[0].prelu(Tensor([0.25], dtype: .float64)) },
    "hardshrink": { $0[0].hardshrink() },
    "softshrink": { $0[0].softshrink() },
    "softsign": { $0[0].softsign() },
    "mish": { $0[0].mish() },
    "logsigmoid": { $0[0].logSigmoid() },
    "atanh": { $0[0].atanh() },
    "cdist_zero": { $0[0].cdist($0[1]) },
    "pairwise_distance_zero": { pairwiseDistance($0[0], $0[1]) },
    "cosine_similarity_zero": { cosineSimilarity($0[0], $0[1], dim: 0) },
    "normalize_zero": { $0[0].normalize(dim: 0)[0] },
    "fmax_ties": { $0[0].fmax($0[1]) },
    "median_even": { $0[0].median() },
    "median_dim": { $0[0].median(dim: 0).values },
    "kthvalue": { $0[0].kthvalue(2).values },
    "mode": { $0[0].mode().values },
    "sort": { $0[0].sort().values * Tensor([0.0, 1, 2], dtype: .float64) },
    "topk": { $0[0].topk(1).values },
    "cummax": { $0[0].cummax(dim: 0).values },
    "logsumexp_-inf": { $0[0].logSumExp(dim: 0) },
    "xlogy": { $0[0].xlogy($0[1]) },
    "xlog1py": { $0[0].xlog1py($0[1]) },
    "frac": { $0[0].frac() },
    "hypot_00": { $0[0].hypot($0[1]) },
    "copysign": { $0[0].copysign(Tensor([-1.0, 1, -1], dtype: .float64)) },
    "sinc0": { $0[0].sinc() },
    "erfinv": { $0[0].erfinv() },
    "cumprod_zero": { $0[0].cumprod(dim: 0) },
    "nansum": { $0[0].nansum() },
    "nan_to_num": { $0[0].nanToNum() },
    "huber": { huberLoss($0[0], $0[1], reduction: .sum) },
    "bce_0_1": { binaryCrossEntropy($0[0], Tensor([0.0, 1, 1, 0], dtype: .float64), reduction: .sum) },
    "bce_logits_big": {
      binaryCrossEntropyWithLogits($0[0], Tensor([0.0, 1, 1, 0], dtype: .float64), reduction: .sum)
    },
    "hinge": { hingeEmbeddingLoss($0[0], Tensor([1.0, -1, -1], dtype: .float64), reduction: .sum) },
    "margin_ranking_tie": { marginRankingLoss($0[0], $0[1], Tensor([1.0], dtype: .float64)) },
    "kl_div_target0": { klDiv($0[0], Tensor([0.0, 1], dtype: .float64), reduction: .sum) },
    "unfold": { $0[0].unfold(dim: 0, size: 2, step: 1) },
    "max_pool_ties": { maxPool1d($0[0], kernelSize: 2) },
    "adaptive_max_ties": { adaptiveMaxPool1d($0[0], outputSize: 1) },
    "avg_pool": { avgPool1d($0[0], kernelSize: 2) },
    "logcumsumexp": { $0[0].logcumsumexp(dim: 0) },
    "quantile_mid": { $0[0].quantile(0.5) },
    "trapz": { $0[0].trapezoid() },
  ]

  /// What factorises a matrix, on the CPU.
  static let functionsOnCPU: [String: Function] = ["logdet_singular": { $0[0].logdet() }]
}
