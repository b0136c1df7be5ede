internal import NN

extension Table {
  /// Reductions, scans and statistics.
  static func reductions() -> Family {
    var t = Family("reductions")
    sums(&t)
    extremes(&t)
    moments(&t)
    orderStatistics(&t)
    scans(&t)
    differences(&t)
    counts(&t)
    masked(&t)
    return t
  }

  private static func dims(_ a: Arguments) throws -> [Int] { try a[1, "dim"].ints(or: []) }
  private static func keepDim(_ a: Arguments, _ position: Int = 2) throws -> Bool {
    try a[position, "keepdim"].bool(or: false)
  }

  private static func sums(_ t: inout Family) {
    t.one("sum") { a in try a[0].tensor().sum(dims: dims(a), keepDim: keepDim(a), dtype: a["dtype"].dtype()) }
    t.one("mean") { a in try a[0].tensor().mean(dims: dims(a), keepDim: keepDim(a), dtype: a["dtype"].dtype()) }
    t.one("nansum") { a in try a[0].tensor().nansum(dims: dims(a), keepDim: keepDim(a), dtype: a["dtype"].dtype()) }
    t.one("nanmean") { a in try a[0].tensor().nanmean(dims: dims(a), keepDim: keepDim(a), dtype: a["dtype"].dtype()) }
    t.one("prod") { a in
      guard let dim = try a[1, "dim"].optionalInt() else { return try a[0].tensor().prod(dtype: a["dtype"].dtype()) }
      return try a[0].tensor().prod(dim: dim, keepDim: keepDim(a), dtype: a["dtype"].dtype())
    }
    t.one("logsumexp") { a in try a[0].tensor().logSumExp(dims: dims(a), keepDim: keepDim(a)) }
    t.one("all") { a in try a[0].tensor().all(dims: dims(a), keepDim: keepDim(a)) }
    t.one("any") { a in try a[0].tensor().any(dims: dims(a), keepDim: keepDim(a)) }
    t.one("count_nonzero") { a in try a[0].tensor().countNonzero(dims: dims(a)) }
  }

  private static func extremes(_ t: inout Family) {
    t.one("amax") { a in try a[0].tensor().amax(dims: dims(a), keepDim: keepDim(a)) }
    t.one("amin") { a in try a[0].tensor().amin(dims: dims(a), keepDim: keepDim(a)) }
    t.pair("aminmax") { a in
      try a[0].tensor().aminmax(dim: a["dim"].optionalInt(), keepDim: a["keepdim"].bool(or: false))
    }
    t.one("argmax", .ties(dim: 1, or: nil)) { a in
      guard let dim = try a[1, "dim"].optionalInt() else { return try a[0].tensor().argmax(keepDim: keepDim(a)) }
      return try a[0].tensor().argmax(dim: dim, keepDim: keepDim(a))
    }
    t.one("argmin", .ties(dim: 1, or: nil)) { a in
      guard let dim = try a[1, "dim"].optionalInt() else { return try a[0].tensor().argmin(keepDim: keepDim(a)) }
      return try a[0].tensor().argmin(dim: dim, keepDim: keepDim(a))
    }
    t.one("max.reduction_no_dim") { a in try a[0].tensor().max() }
    t.one("min.reduction_no_dim") { a in try a[0].tensor().min() }
    t.pair("max.reduction_with_dim", .ties(dim: 1, or: nil)) { a in
      try a[0].tensor().max(dim: a[1, "dim"].int(), keepDim: keepDim(a))
    }
    t.pair("min.reduction_with_dim", .ties(dim: 1, or: nil)) { a in
      try a[0].tensor().min(dim: a[1, "dim"].int(), keepDim: keepDim(a))
    }
  }

  /// `unbiased` or `correction`, 1 by default.
  static func correction(_ a: Arguments) throws -> Double {
    if a["unbiased"].isGiven { return try a["unbiased"].bool() ? 1 : 0 }
    return try a["correction"].double(or: 1)
  }

  private static func moments(_ t: inout Family) {
    @Sendable func options(_ a: Arguments) throws -> (dims: [Int], correction: Double, keepDim: Bool) {
      (try a["dim"].ints(or: []), try correction(a), try a["keepdim"].bool(or: false))
    }
    for suffix in ["", ".unbiased"] {
      t.one("var" + suffix) { a in
        let (dims, correction, keepDim) = try options(a)
        return try a[0].tensor().var(dims: dims, correction: correction, keepDim: keepDim)
      }
      t.one("std" + suffix) { a in
        let (dims, correction, keepDim) = try options(a)
        return try a[0].tensor().std(dims: dims, correction: correction, keepDim: keepDim)
      }
      t.pair("var_mean" + suffix) { a in
        let (dims, correction, keepDim) = try options(a)
        return try a[0].tensor().varMean(dims: dims, correction: correction, keepDim: keepDim)
      }
      t.pair("std_mean" + suffix) { a in
        let (dims, correction, keepDim) = try options(a)
        return try a[0].tensor().stdMean(dims: dims, correction: correction, keepDim: keepDim)
      }
    }
    t.one("cov") { a in
      try a[0].tensor().cov(
        correction: a["correction"].int(or: 1), fweights: a["fweights"].optionalTensor(),
        aweights: a["aweights"].optionalTensor())
    }
    t.differs(
      "cov", ["s/37/float64", "s/24/float32"],
      because: "weights are summed in float32 and their differences cancel, so the order of the sums shows")
    t.one("corrcoef") { a in try a[0].tensor().corrcoef() }
  }

  private static func orderStatistics(_ t: inout Family) {
    t.value("median", .ties(dim: 1, or: nil)) { a in
      guard let dim = try a[1, "dim"].optionalInt() else { return .tensor(try a[0].tensor().median()) }
      let (values, indices) = try a[0].tensor().median(dim: dim, keepDim: keepDim(a))
      return .tensors([values, indices])
    }
    t.value("nanmedian", .ties(dim: 1, or: nil)) { a in
      guard let dim = try a[1, "dim"].optionalInt() else { return .tensor(try a[0].tensor().nanmedian()) }
      let (values, indices) = try a[0].tensor().nanmedian(dim: dim, keepDim: keepDim(a))
      return .tensors([values, indices])
    }
    t.pair("mode", .ties(dim: 1, or: -1)) { a in
      try a[0].tensor().mode(dim: a[1, "dim"].int(or: -1), keepDim: keepDim(a))
    }
    t.pair("kthvalue", .ties(dim: 2, or: -1)) { a in
      try a[0].tensor().kthvalue(a[1, "k"].int(), dim: a[2, "dim"].int(or: -1), keepDim: keepDim(a, 3))
    }
    let interpolations: [String: Interpolation] = [
      "linear": .linear, "lower": .lower, "higher": .higher, "nearest": .nearest, "midpoint": .midpoint,
    ]
    for name in ["quantile", "nanquantile"] {
      t.one(name) { a in
        let (x, dim, keep) = (try a[0].tensor(), try a[2, "dim"].optionalInt(), try keepDim(a, 3))
        let between = try a["interpolation"].choice(interpolations, or: .linear)
        let isPlain = name == "quantile"
        switch try a[1, "q"].operand() {
        case .tensor(let q):
          return isPlain
            ? x.quantile(q, dim: dim, keepDim: keep, interpolation: between)
            : x.nanquantile(q, dim: dim, keepDim: keep, interpolation: between)
        case .number(let q):
          let q = q.number.double
          return isPlain
            ? x.quantile(q, dim: dim, keepDim: keep, interpolation: between)
            : x.nanquantile(q, dim: dim, keepDim: keep, interpolation: between)
        }
      }
    }
  }

  private static func scans(_ t: inout Family) {
    t.one("cumsum") { a in try a[0].tensor().cumsum(dim: a[1, "dim"].int(), dtype: a["dtype"].dtype()) }
    t.one("cumprod") { a in try a[0].tensor().cumprod(dim: a[1, "dim"].int(), dtype: a["dtype"].dtype()) }
    t.pair("cummax", .ties(dim: 1, or: nil)) { a in try a[0].tensor().cummax(dim: a[1, "dim"].int()) }
    t.pair("cummin", .ties(dim: 1, or: nil)) { a in try a[0].tensor().cummin(dim: a[1, "dim"].int()) }
    t.one("logcumsumexp") { a in try a[0].tensor().logcumsumexp(dim: a[1, "dim"].int()) }
    t.differs(
      "logcumsumexp", ["s/0/float32"], because: "PyTorch's float32 gradient is off by 0.6 percent, ours is float64's")
  }

  private static func differences(_ t: inout Family) {
    t.one("diff") { a in
      try a[0].tensor().diff(
        n: a[1, "n"].int(or: 1), dim: a[2, "dim"].int(or: -1), prepend: a[3, "prepend"].optionalTensor(),
        append: a[4, "append"].optionalTensor())
    }
    for name in ["trapezoid", "trapz"] {
      t.one(name) { a in
        let (y, dim) = (try a[0].tensor(), try a["dim"].int(or: -1))
        if let x = try a[1, "x"].optionalTensor() { return y.trapezoid(x: x, dim: dim) }
        return y.trapezoid(dx: try a["dx"].double(or: 1), dim: dim)
      }
    }
    t.one("cumulative_trapezoid") { a in
      let (y, dim) = (try a[0].tensor(), try a["dim"].int(or: -1))
      if let x = try a[1, "x"].optionalTensor() { return y.cumulativeTrapezoid(x: x, dim: dim) }
      return y.cumulativeTrapezoid(dx: try a["dx"].double(or: 1), dim: dim)
    }
    t.many("gradient") { a in
      let (x, spacing) = (try a[0].tensor(), a["spacing"])
      let (dims, order) = (try a["dim"].ints(or: []), try a["edge_order"].int(or: 1))
      if !spacing.isGiven { return x.gradient(dims: dims, edgeOrder: order) }
      if !spacing.isList { return x.gradient(spacing: try spacing.double(), dims: dims, edgeOrder: order) }
      if let points = try? spacing.tensors() { return x.gradient(spacing: points, dims: dims, edgeOrder: order) }
      return x.gradient(spacing: try spacing.doubles(), dims: dims, edgeOrder: order)
    }
  }

  private static func counts(_ t: inout Family) {
    t.one("bincount") { a in
      try a[0].tensor().bincount(weights: a[1, "weights"].optionalTensor(), minLength: a[2, "minlength"].int(or: 0))
    }
    t.one("histc") { a in
      try a[0].tensor().histc(
        bins: a[1, "bins"].int(or: 100), min: a[2, "min"].double(or: 0), max: a[3, "max"].double(or: 0))
    }
    t.pair("histogram") { a in
      let (x, weight, density) = (try a[0].tensor(), try a["weight"].optionalTensor(), try a["density"].bool(or: false))
      if case .tensor(let edges) = a[1, "bins"].value {
        return x.histogram(bins: edges, weight: weight, density: density)
      }
      let ends = try a["range"].isGiven ? a["range"].doubles() : []
      let range = ends.count == 2 ? (ends[0], ends[1]) : nil
      return x.histogram(bins: try a[1, "bins"].int(or: 100), range: range, weight: weight, density: density)
    }
  }

  private static func masked(_ t: inout Family) {
    @Sendable func options(_ a: Arguments) throws -> (x: Tensor, dims: [Int], keepDim: Bool, mask: Tensor?) {
      let (dims, keepDim) = (try a["dim"].ints(or: []), try a["keepdim"].bool(or: false))
      return (try a[0].tensor(), dims, keepDim, try a["mask"].optionalTensor())
    }
    t.one("masked.sum") { a in
      let (x, dims, keepDim, mask) = try options(a)
      return Masked.sum(x, dims: dims, keepDim: keepDim, dtype: try a["dtype"].dtype(), mask: mask)
    }
    t.one("masked.prod") { a in
      let (x, dims, keepDim, mask) = try options(a)
      return Masked.prod(x, dims: dims, keepDim: keepDim, dtype: try a["dtype"].dtype(), mask: mask)
    }
    t.one("masked.mean") { a in
      let (x, dims, keepDim, mask) = try options(a)
      return Masked.mean(x, dims: dims, keepDim: keepDim, dtype: try a["dtype"].dtype(), mask: mask)
    }
    t.one("masked.amax") { a in
      let (x, dims, keepDim, mask) = try options(a)
      return Masked.amax(x, dims: dims, keepDim: keepDim, mask: mask)
    }
    t.one("masked.amin") { a in
      let (x, dims, keepDim, mask) = try options(a)
      return Masked.amin(x, dims: dims, keepDim: keepDim, mask: mask)
    }
    // PyTorch casts these indices to the input's dtype.
    t.one("masked.argmax", .ties(dim: 1, or: nil)) { a in
      let (x, dims, keepDim, mask) = try options(a)
      return Masked.argmax(x, dim: dims.first, keepDim: keepDim, mask: mask).to(try a["dtype"].dtype() ?? x.dtype)
    }
    t.one("masked.argmin", .ties(dim: 1, or: nil)) { a in
      let (x, dims, keepDim, mask) = try options(a)
      return Masked.argmin(x, dim: dims.first, keepDim: keepDim, mask: mask).to(try a["dtype"].dtype() ?? x.dtype)
    }
    t.one("masked.norm") { a in
      let (x, dims, keepDim, mask) = try options(a)
      let p = try a[1, "ord"].double(or: 2)
      return Masked.norm(x, p: p, dims: dims, keepDim: keepDim, dtype: try a["dtype"].dtype(), mask: mask)
    }
    t.one("masked.var") { a in
      let (x, dims, keepDim, mask) = try options(a)
      return Masked.var(x, dims: dims, correction: try correction(a), keepDim: keepDim, mask: mask)
    }
    t.one("masked.std") { a in
      let (x, dims, keepDim, mask) = try options(a)
      return Masked.std(x, dims: dims, correction: try correction(a), keepDim: keepDim, mask: mask)
    }
    t.one("masked.softmax") { a in
      let (dim, mask) = (try a[1, "dim"].int(), try a["mask"].optionalTensor())
      return Masked.softmax(try a[0].tensor(), dim: dim, dtype: try a["dtype"].dtype(), mask: mask)
    }
    t.one("masked.log_softmax") { a in
      let (dim, mask) = (try a[1, "dim"].int(), try a["mask"].optionalTensor())
      return Masked.logSoftmax(try a[0].tensor(), dim: dim, dtype: try a["dtype"].dtype(), mask: mask)
    }
  }
}
