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
    t.one("softmax") { a in try a[0].tensor().softmax(dim: a[1, "dim"].int(), dtype: a["dtype"].dtype()) }
    t.one("log_softmax") { a in try a[0].tensor().logSoftmax(dim: a[1, "dim"].int(), dtype: a["dtype"].dtype()) }
    return t
  }
}
