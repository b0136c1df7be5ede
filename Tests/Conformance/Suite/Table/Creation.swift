internal import NN

extension Table {
  /// Tensors made of a shape and numbers, and casts.
  static func creation() -> Family {
    var t = Family("creation")
    filled(&t)
    ranges(&t)
    casts(&t)
    return t
  }

  private static func filled(_ t: inout Family) {
    t.one("zeros") { a in try Tensor.zeros(sizes(a, from: 0), dtype: a["dtype"].dtype()) }
    t.one("ones") { a in try Tensor.ones(sizes(a, from: 0), dtype: a["dtype"].dtype()) }
    t.one("full") { a in
      let (shape, value) = (try a[0, "size"].ints(), try a[1, "fill_value"].scalar())
      return Tensor.full(shape, value, dtype: try a["dtype"].dtype())
    }
    t.one("zeros_like") { a in Tensor.zerosLike(try a[0].tensor(), dtype: try a["dtype"].dtype()) }
    t.one("ones_like") { a in Tensor.onesLike(try a[0].tensor(), dtype: try a["dtype"].dtype()) }
    t.one("full_like") { a in
      let value = try a[1, "fill_value"].scalar()
      return Tensor.fullLike(try a[0].tensor(), value, dtype: try a["dtype"].dtype())
    }
    t.one("new_zeros") { a in try a[0].tensor().newZeros(sizes(a, from: 1), dtype: a["dtype"].dtype()) }
    t.one("new_ones") { a in try a[0].tensor().newOnes(sizes(a, from: 1), dtype: a["dtype"].dtype()) }
    t.one("new_full") { a in
      let (shape, value) = (try a[1, "size"].ints(), try a[2, "fill_value"].scalar())
      return try a[0].tensor().newFull(shape, value, dtype: a["dtype"].dtype())
    }
    t.one("scalar_tensor") { a in
      let dtype = try a["dtype"].dtype() ?? .float32
      let value = try a[0].scalar()
      return Tensor.full([], value, dtype: dtype)
    }
    t.one("eye") { a in try Tensor.eye(a[0, "n"].int(), a[1, "m"].optionalInt(), dtype: a["dtype"].dtype()) }
  }

  /// Sizes as a list or one by one.
  private static func sizes(_ a: Arguments, from position: Int) throws -> [Int] {
    if a.positional.count <= position { return try a["size"].ints() }
    return try a.rest(from: position).map { try Argument(label: "size", value: $0).int() }
  }

  private static func ranges(_ t: inout Family) {
    t.one("arange") { a in
      let dtype = try a["dtype"].dtype()
      // `arange(3)` and `arange(end=3)` begin at 0; in `arange(0, end=3)` the first is where it begins.
      if a.positional.count <= 1, a.named["start"] == nil, a.positional.isEmpty || a.keywords["end"] == nil {
        let end = try a[0, "end"].scalar()
        return Tensor.arange(end, dtype: dtype)
      }
      let (start, end) = (try a[0, "start"].scalar(or: 0), try a[1, "end"].scalar())
      let step = try a[2, "step"].scalar(or: 1)
      return Tensor.arange(start, end, step, dtype: dtype)
    }
    t.one("linspace") { a in
      let (start, end, steps) = (try number(a[0, "start"]), try number(a[1, "end"]), try a[2, "steps"].int())
      return Tensor.linspace(start, end, steps: steps, dtype: try a["dtype"].dtype())
    }
    t.one("logspace") { a in
      let (start, end, steps) = (try number(a[0, "start"]), try number(a[1, "end"]), try a[2, "steps"].int())
      let (base, dtype) = (try a[3, "base"].double(or: 10), try a["dtype"].dtype())
      return Tensor.logspace(start, end, steps: steps, base: base, dtype: dtype)
    }
    t.one("tril_indices") { a in
      try Tensor.trilIndices(
        a[0, "row"].int(), a[1, "col"].int(), offset: a[2, "offset"].int(or: 0), dtype: a["dtype"].dtype() ?? .int64)
    }
    t.one("triu_indices") { a in
      try Tensor.triuIndices(
        a[0, "row"].int(), a[1, "col"].int(), offset: a[2, "offset"].int(or: 0), dtype: a["dtype"].dtype() ?? .int64)
    }
  }

  /// A number, or that of a zero-dim tensor.
  private static func number(_ argument: Argument) throws -> any Scalar {
    if case .tensor = argument.value { return try argument.double() }
    return try argument.scalar()
  }

  private static func casts(_ t: inout Family) {
    t.one("bool") { a in try a[0].tensor().bool() }
    t.one("byte") { a in try a[0].tensor().byte() }
    t.one("char") { a in try a[0].tensor().char() }
    t.one("short") { a in try a[0].tensor().short() }
    t.one("int") { a in try a[0].tensor().int() }
    t.one("long") { a in try a[0].tensor().long() }
    t.one("half") { a in try a[0].tensor().half() }
    t.one("bfloat16") { a in try a[0].tensor().bfloat16() }
    t.one("float") { a in try a[0].tensor().float() }
    t.one("double") { a in try a[0].tensor().double() }
    t.one("to") { a in
      var result = try a[0].tensor()
      for argument in a.positional.dropFirst() + Array(a.named.values) {
        switch argument {
        case .dtype(let dtype): result = result.to(dtype)
        case .tensor(let model) where model !== (try a[0].tensor()): result = result.to(like: model)
        default: continue
        }
      }
      return result
    }
    t.value("item") { a in
      let x = try a[0].tensor()
      if x.dtype == .bool { return .bool(x.item(as: Bool.self)) }
      return x.dtype.isInteger ? .int(x.item(as: Int.self)) : .float(x.item(as: Double.self))
    }
  }
}
