internal import NN

extension Table {
  /// Draws; the replayer seeds the generator with 42.
  static func random() -> Family {
    var t = Family("random")
    t.one("randn", .random) { a in
      let shape = try a.rest(from: 0).map { try Argument(label: "size", value: $0).int() }
      return try Tensor.randn(shape, dtype: a["dtype"].dtype())
    }
    t.one("rand_like", .random) { a in try Tensor.randLike(a[0].tensor(), dtype: a["dtype"].dtype()) }
    t.one("bernoulli", .random) { a in try Tensor.bernoulli(a[0].tensor()) }
    t.one("exponential", .random) { a in try a[0].tensor().clone().exponential(rate: a[1].double()) }
    t.one("uniform", .random) { a in try a[0].tensor().clone().uniform(from: a[1].double(), to: a[2].double()) }
    t.one("multinomial", .random) { a in
      try a[0].tensor().multinomial(a[1].int(), replacement: a[2, "replacement"].bool(or: false))
    }
    t.one("randint", .random) { a in
      let dtype = try a["dtype"].dtype() ?? .int64
      return try a.positional.count == 2
        ? Tensor.randint(a[0].int(), a[1].ints(), dtype: dtype)
        : Tensor.randint(a[0].int(), a[1].int(), a[2].ints(), dtype: dtype)
    }
    t.one("normal", .random) { a in
      switch (try a[0].operand(), try a[1].operand()) {
      case (.tensor(let mean), .tensor(let std)): Tensor.normal(mean: mean, std: std)
      case (.tensor(let mean), .number(let std)): Tensor.normal(mean: mean, std: std.number.double)
      case (.number(let mean), .tensor(let std)): Tensor.normal(mean: mean.number.double, std: std)
      default: throw ArgumentError("two numbers")
      }
    }
    t.one("nn.functional.dropout", .random) { a in
      try dropout(a[0].tensor(), p: a["p"].double(or: 0.5), training: a["training"].bool(or: true))
    }
    t.one("nn.functional.dropout2d", .random) { a in
      try dropout2d(a[0].tensor(), p: a["p"].double(or: 0.5), training: a["training"].bool(or: true))
    }
    t.one("nn.functional.alpha_dropout", .random) { a in
      try alphaDropout(a[0].tensor(), p: a["p"].double(or: 0.5), training: a["training"].bool(or: false))
    }
    t.one("nn.functional.rrelu", .random) { a in
      try rrelu(
        a[0].tensor(), lower: a["lower"].double(or: 0.125), upper: a["upper"].double(or: 1.0 / 3),
        training: a["training"].bool(or: false))
    }
    t.one("signal.windows.blackman") { a in
      try Window.blackman(a[0].int(), sym: a["sym"].bool(or: true), dtype: a["dtype"].dtype())
    }
    t.one("signal.windows.hamming") { a in
      try Window.hamming(a[0].int(), sym: a["sym"].bool(or: true), dtype: a["dtype"].dtype())
    }
    t.one("signal.windows.hann") { a in
      try Window.hann(a[0].int(), sym: a["sym"].bool(or: true), dtype: a["dtype"].dtype())
    }
    t.one("signal.windows.gaussian") { a in
      try Window.gaussian(
        a[0].int(), std: a["std"].double(or: 1), sym: a["sym"].bool(or: true), dtype: a["dtype"].dtype())
    }
    t.one("signal.windows.kaiser") { a in
      try Window.kaiser(
        a[0].int(), beta: a["beta"].double(or: 12), sym: a["sym"].bool(or: true), dtype: a["dtype"].dtype())
    }
    return t
  }
}
