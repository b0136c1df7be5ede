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
    t.one("exponential", .random) { a in try a[0].tensor().exponential(rate: a[1].double()) }
    t.one("uniform", .random) { a in try a[0].tensor().uniform(from: a[1].double(), to: a[2].double()) }
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
    windows(&t)
    return t
  }

  private static func windows(_ t: inout Family) {
    t.window("blackman") { count, sym, dtype, _ in Window.blackman(count, sym: sym, dtype: dtype) }
    t.window("hamming") { count, sym, dtype, _ in Window.hamming(count, sym: sym, dtype: dtype) }
    t.window("hann") { count, sym, dtype, _ in Window.hann(count, sym: sym, dtype: dtype) }
    t.window("gaussian") { count, sym, dtype, a in
      try Window.gaussian(count, std: a["std"].double(or: 1), sym: sym, dtype: dtype)
    }
    t.window("kaiser") { count, sym, dtype, a in
      try Window.kaiser(count, beta: a["beta"].double(or: 12), sym: sym, dtype: dtype)
    }
    t.differs(
      "signal.windows.kaiser", ["r/22/float32", "r/23/float32"],
      because: "PyTorch takes the root of a negative number at the last place, which rounding left")
  }
}

extension Family {
  fileprivate mutating func window(
    _ name: String, _ body: @escaping @Sendable (Int, Bool, DType?, Arguments) throws -> Tensor
  ) {
    one("signal.windows.\(name)") { a in
      if a["layout"].isGiven { throw ArgumentError("there are no layouts but the strided one") }
      return try body(a[0].int(), a["sym"].bool(or: true), a["dtype"].dtype(), a)
    }
  }
}
