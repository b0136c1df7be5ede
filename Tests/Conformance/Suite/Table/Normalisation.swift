internal import NN

extension Table {
  /// Normalisations.
  static func normalisation() -> Family {
    var t = Family("normalisation")
    t.one("nn.functional.layer_norm") { a in
      try layerNorm(
        a[0].tensor(), normalizedShape: a[1, "normalized_shape"].ints(), weight: a[2, "weight"].optionalTensor(),
        bias: a[3, "bias"].optionalTensor(), eps: a[4, "eps"].double(or: 1e-5))
    }
    t.differs(
      "nn.functional.layer_norm", ["s/2/float32"],
      because: "the gradient of a single element's weight is 0; PyTorch keeps what rounding leaves of it, 1e-5")
    t.one("nn.functional.rms_norm") { a in
      try rmsNorm(
        a[0].tensor(), normalizedShape: a[1, "normalized_shape"].ints(), weight: a[2, "weight"].optionalTensor(),
        eps: a[3, "eps"].optionalDouble())
    }
    t.one("nn.functional.batch_norm") { a in
      try batchNorm(
        a[0].tensor(), runningMean: a[1, "running_mean"].optionalTensor(),
        runningVar: a[2, "running_var"].optionalTensor(), weight: a[3, "weight"].optionalTensor(),
        bias: a[4, "bias"].optionalTensor(), training: a[5, "training"].bool(or: false),
        momentum: a[6, "momentum"].double(or: 0.1), eps: a[7, "eps"].double(or: 1e-5))
    }
    t.one("nn.functional.group_norm") { a in
      try groupNorm(
        a[0].tensor(), numGroups: a[1, "num_groups"].int(), weight: a[2, "weight"].optionalTensor(),
        bias: a[3, "bias"].optionalTensor(), eps: a[4, "eps"].double(or: 1e-5))
    }
    t.one("nn.functional.instance_norm") { a in
      try instanceNorm(
        a[0].tensor(), runningMean: a[1, "running_mean"].optionalTensor(),
        runningVar: a[2, "running_var"].optionalTensor(), weight: a[3, "weight"].optionalTensor(),
        bias: a[4, "bias"].optionalTensor(), useInputStats: a[5, "use_input_stats"].bool(or: true),
        momentum: a[6, "momentum"].double(or: 0.1), eps: a[7, "eps"].double(or: 1e-5))
    }
    return t
  }
}
