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
    native(&t)
    return t
  }

  /// PyTorch's inner forms, which give the mean and the reciprocal of the standard deviation too.
  private static func native(_ t: inout Family) {
    t.many("native_layer_norm") { a in
      let (x, shape, eps) = (try a[0].tensor(), try a[1].ints(), try a[4].double())
      let y = layerNorm(
        x, normalizedShape: shape, weight: try a[2].optionalTensor(), bias: try a[3].optionalTensor(), eps: eps)
      return [y] + moments(of: x, dims: Array(-shape.count..<0), keepDim: true, eps: eps)
    }
    t.differs(
      "native_layer_norm", ["s/10/float32"],
      because: "the gradient of a single element's weight is 0; PyTorch keeps what rounding leaves of it, 1e-4")
    t.many("native_group_norm") { a in
      let (x, groups, eps) = (try a[0].tensor(), try a[6].int(), try a[7].double())
      let y = groupNorm(
        x, numGroups: groups, weight: try a[1].optionalTensor(), bias: try a[2].optionalTensor(), eps: eps)
      let (samples, size) = (try a[3].int(), try a[4].int() / groups * a[5].int())
      return [y] + moments(of: x.reshape([samples, groups, size]), dims: [2], keepDim: false, eps: eps)
    }
    t.many("native_batch_norm") { a in
      let (x, training, eps) = (try a[0].tensor(), try a[5].bool(), try a[7].double())
      let y = batchNorm(
        x, runningMean: try a[3].optionalTensor(), runningVar: try a[4].optionalTensor(),
        weight: try a[1].optionalTensor(), bias: try a[2].optionalTensor(), training: training,
        momentum: try a[6].double(), eps: eps)
      let none = Tensor.empty(0, dtype: x.dtype, device: x.device)
      if !training { return [y, none, none] }
      return [y] + moments(of: x, dims: (0..<x.rank).filter { $0 != 1 }, keepDim: false, eps: eps)
    }
  }

  /// The mean and the reciprocal of the standard deviation, as a normalisation takes them.
  private static func moments(of x: Tensor, dims: [Int], keepDim: Bool, eps: Double) -> [Tensor] {
    let (variance, mean) = (x.dtype.itemSize == 2 ? x.float() : x).varMean(
      dims: dims, correction: 0, keepDim: keepDim)
    return [mean.to(x.dtype), (variance + eps).rsqrt().to(x.dtype)]
  }
}
