internal import NN

extension Table {
  /// Activations of neural networks, softmax too.
  static func activations() -> Family {
    var t = Family("activations")
    t.one("nn.functional.relu") { a in try a[0].tensor().relu() }
    t.one("nn.functional.silu") { a in try a[0].tensor().silu() }
    t.one("nn.functional.gelu") { a in
      try a[0].tensor().gelu(approximate: a["approximate"].choice(["none": .none, "tanh": .tanh], or: .none))
    }
    t.one("nn.functional.leaky_relu") { a in
      try a[0].tensor().leakyRelu(negativeSlope: a[1, "negative_slope"].double(or: 0.01))
    }
    t.one("nn.functional.elu") { a in try a[0].tensor().elu(alpha: a[1, "alpha"].double(or: 1)) }
    t.one("nn.functional.celu") { a in try a[0].tensor().celu(alpha: a[1, "alpha"].double(or: 1)) }
    t.one("nn.functional.selu") { a in try a[0].tensor().selu() }
    t.one("nn.functional.mish") { a in try a[0].tensor().mish() }
    t.one("nn.functional.logsigmoid") { a in try a[0].tensor().logSigmoid() }
    t.one("nn.functional.hardsigmoid") { a in try a[0].tensor().hardsigmoid() }
    t.one("nn.functional.hardswish") { a in try a[0].tensor().hardswish() }
    t.one("nn.functional.hardshrink") { a in try a[0].tensor().hardshrink(lambda: a[1, "lambd"].double(or: 0.5)) }
    t.one("nn.functional.softshrink") { a in try a[0].tensor().softshrink(lambda: a[1, "lambd"].double(or: 0.5)) }
    t.one("nn.functional.hardtanh") { a in
      try a[0].tensor().hardtanh(min: a[1, "min_val"].double(or: -1), max: a[2, "max_val"].double(or: 1))
    }
    t.one("nn.functional.relu6") { a in try a[0].tensor().relu6() }
    t.one("nn.functional.softsign") { a in try a[0].tensor().softsign() }
    t.one("nn.functional.tanhshrink") { a in try a[0].tensor().tanhshrink() }
    t.one("nn.functional.threshold") { a in
      try a[0].tensor().threshold(a[1, "threshold"].double(), a[2, "value"].double())
    }
    t.one("nn.functional.softplus") { a in
      try a[0].tensor().softplus(beta: a[1, "beta"].double(or: 1), threshold: a[2, "threshold"].double(or: 20))
    }
    t.one("nn.functional.glu") { a in try a[0].tensor().glu(dim: a[1, "dim"].int(or: -1)) }
    t.one("nn.functional.prelu") { a in try a[0].tensor().prelu(a[1, "weight"].tensor()) }
    for name in ["nn.functional.softmin", "nn.functional.softmin.with_dtype"] {
      t.one(name) { a in try a[0].tensor().softmin(dim: a[1, "dim"].int(), dtype: a["dtype"].dtype()) }
    }
    for name in ["softmax", "softmax.with_dtype"] {
      t.one(name) { a in try a[0].tensor().softmax(dim: a[1, "dim"].int(), dtype: a["dtype"].dtype()) }
    }
    for name in ["log_softmax", "log_softmax.with_dtype"] {
      t.one(name) { a in try a[0].tensor().logSoftmax(dim: a[1, "dim"].int(), dtype: a["dtype"].dtype()) }
    }
    return t
  }
}
