internal import NN

extension Table {
  /// Losses.
  static func losses() -> Family {
    var t = Family("losses")
    t.one("nn.functional.mse_loss") { a in
      try mseLoss(a[0].tensor(), a[1].tensor(), reduction: reduction(a))
    }
    t.one("nn.functional.l1_loss") { a in
      try l1Loss(a[0].tensor(), a[1].tensor(), reduction: reduction(a))
    }
    t.one("nn.functional.cross_entropy") { a in
      try crossEntropy(
        a[0].tensor(), a[1].tensor(), weight: a["weight"].optionalTensor(),
        ignoreIndex: a["ignore_index"].int(or: -100), reduction: reduction(a),
        labelSmoothing: a["label_smoothing"].double(or: 0))
    }
    t.one("nn.functional.linear_cross_entropy") { a in
      try linearCrossEntropy(
        a[0].tensor(), a[1, "linear_weight"].tensor(), a[2, "target"].tensor(),
        linearBias: a["linear_bias"].optionalTensor(), weight: a["weight"].optionalTensor(),
        ignoreIndex: a["ignore_index"].optionalInt(), reduction: reduction(a),
        labelSmoothing: a["label_smoothing"].double(or: 0))
    }
    t.one("nn.functional.ctc_loss") { a in
      try ctcLoss(
        a[0].tensor(), a[1, "targets"].tensor(), inputLengths: lengths(a[2, "input_lengths"]),
        targetLengths: lengths(a[3, "target_lengths"]), blank: a[4, "blank"].int(or: 0), reduction: reduction(a),
        zeroInfinity: a["zero_infinity"].bool(or: false))
    }
    t.one("nn.functional.nll_loss") { a in
      try nllLoss(
        a[0].tensor(), a[1].tensor(), weight: a["weight"].optionalTensor(),
        ignoreIndex: a["ignore_index"].int(or: -100), reduction: reduction(a))
    }
    elementwise(&t)
    margins(&t)
    vectors(&t)
    return t
  }

  private static func elementwise(_ t: inout Family) {
    t.one("nn.functional.smooth_l1_loss") { a in
      try smoothL1Loss(a[0].tensor(), a[1].tensor(), reduction: reduction(a), beta: a["beta"].double(or: 1))
    }
    t.one("nn.functional.huber_loss") { a in
      try huberLoss(a[0].tensor(), a[1].tensor(), reduction: reduction(a), delta: a["delta"].double(or: 1))
    }
    t.one("nn.functional.binary_cross_entropy") { a in
      try binaryCrossEntropy(
        a[0].tensor(), a[1].tensor(), weight: a["weight"].optionalTensor(), reduction: reduction(a))
    }
    t.one("nn.functional.binary_cross_entropy_with_logits") { a in
      try binaryCrossEntropyWithLogits(
        a[0].tensor(), a[1].tensor(), weight: a["weight"].optionalTensor(),
        posWeight: a["pos_weight"].optionalTensor(), reduction: reduction(a))
    }
    t.one("nn.functional.kl_div") { a in
      let reduction = try a["reduction"].choice(
        ["none": KLReduction.none, "mean": .mean, "sum": .sum, "batchmean": .batchMean], or: .mean)
      return try klDiv(
        a[0].tensor(), a[1].tensor(), reduction: reduction, logTarget: a["log_target"].bool(or: false))
    }
    t.one("nn.functional.poisson_nll_loss") { a in
      try poissonNLLLoss(
        a[0].tensor(), a[1].tensor(), logInput: a["log_input"].bool(or: true), full: a["full"].bool(or: false),
        eps: a["eps"].double(or: 1e-8), reduction: reduction(a))
    }
    t.one("nn.functional.gaussian_nll_loss") { a in
      try gaussianNLLLoss(
        a[0].tensor(), a[1].tensor(), variance: a[2, "var"].tensor(), full: a["full"].bool(or: false),
        eps: a["eps"].double(or: 1e-6), reduction: reduction(a))
    }
    t.one("nn.functional.soft_margin_loss") { a in
      try softMarginLoss(a[0].tensor(), a[1].tensor(), reduction: reduction(a))
    }
    t.differs(
      "nn.functional.soft_margin_loss", ["s/1/float16", "s/2/float16", "s/3/float16", "s/4/float16"],
      because: "PyTorch's exponential overflows float16; this one is computed without overflow")
    t.one("nn.functional.hinge_embedding_loss") { a in
      try hingeEmbeddingLoss(
        a[0].tensor(), a[1].tensor(), margin: a["margin"].double(or: 1), reduction: reduction(a))
    }
  }

  private static func margins(_ t: inout Family) {
    t.one("nn.functional.margin_ranking_loss") { a in
      try marginRankingLoss(
        a[0].tensor(), a[1].tensor(), a[2].tensor(), margin: a["margin"].double(or: 0), reduction: reduction(a))
    }
    t.one("nn.functional.cosine_embedding_loss") { a in
      try cosineEmbeddingLoss(
        a[0].tensor(), a[1].tensor(), a[2].tensor(), margin: a["margin"].double(or: 0), reduction: reduction(a))
    }
    t.one("nn.functional.multi_margin_loss") { a in
      try multiMarginLoss(
        a[0].tensor(), a[1].tensor(), p: a["p"].int(or: 1), margin: a["margin"].double(or: 1),
        weight: a["weight"].optionalTensor(), reduction: reduction(a))
    }
    t.one("nn.functional.multilabel_margin_loss") { a in
      try multilabelMarginLoss(a[0].tensor(), a[1].tensor(), reduction: reduction(a))
    }
    t.one("nn.functional.multilabel_soft_margin_loss") { a in
      try multilabelSoftMarginLoss(
        a[0].tensor(), a[1].tensor(), weight: a["weight"].optionalTensor(), reduction: reduction(a))
    }
    t.one("nn.functional.triplet_margin_loss") { a in
      try tripletMarginLoss(
        a[0].tensor(), a[1].tensor(), a[2].tensor(), margin: a["margin"].double(or: 1), p: a["p"].double(or: 2),
        swap: a["swap"].bool(or: false), reduction: reduction(a))
    }
    t.one("nn.functional.triplet_margin_with_distance_loss") { a in
      if a["distance_function"].isGiven { throw ArgumentError("a distance function is Python's") }
      return try tripletMarginWithDistanceLoss(
        a[0].tensor(), a[1].tensor(), a[2].tensor(), margin: a["margin"].double(or: 1),
        swap: a["swap"].bool(or: false), reduction: reduction(a))
    }
  }

  /// Lengths as a list or in a tensor.
  private static func lengths(_ argument: Argument) throws -> [Int] {
    if case .tensor(let lengths) = argument.value { return lengths.array(as: Int.self) }
    return try argument.ints()
  }

  private static func vectors(_ t: inout Family) {
    t.one("nn.functional.cosine_similarity") { a in
      try cosineSimilarity(a[0].tensor(), a[1].tensor(), dim: a[2, "dim"].int(or: 1), eps: a[3, "eps"].double(or: 1e-8))
    }
    t.one("nn.functional.pairwise_distance") { a in
      try pairwiseDistance(
        a[0].tensor(), a[1].tensor(), p: a["p"].double(or: 2), eps: a["eps"].double(or: 1e-6),
        keepDim: a["keepdim"].bool(or: false))
    }
    t.one("nn.functional.pdist") { a in try a[0].tensor().pdist(p: a[1, "p"].double(or: 2)) }
    t.one("nn.functional.normalize") { a in
      try a[0].tensor().normalize(
        p: a["p"].double(or: 2), dim: a["dim"].int(or: 1), eps: a["eps"].double(or: 1e-12))
    }
    t.one("nn.functional.one_hot") { a in
      let classes = try a[1, "num_classes"].int(or: -1)
      return try a[0].tensor().oneHot(classes: classes == -1 ? nil : classes)
    }
    t.one("nn.functional.bilinear") { a in
      try bilinear(a[0].tensor(), a[1].tensor(), a[2].tensor(), a[3, "bias"].optionalTensor())
    }
    t.one("nn.functional.embedding_bag") { a in
      try embeddingBag(
        a[1].tensor(), a[0].tensor(), offsets: a["offsets"].optionalTensor(),
        mode: a["mode"].choice(["sum": .sum, "mean": .mean, "max": .max], or: .mean),
        perSampleWeights: a["per_sample_weights"].optionalTensor(),
        includeLastOffset: a["include_last_offset"].bool(or: false), paddingIndex: a["padding_idx"].optionalInt(),
        maxNorm: a["max_norm"].optionalDouble(), normType: a["norm_type"].double(or: 2))
    }
  }

  /// The argument `reduction` of losses.
  static func reduction(_ a: Arguments) throws -> Reduction {
    try a["reduction"].choice(["none": .none, "mean": .mean, "sum": .sum], or: .mean)
  }
}
