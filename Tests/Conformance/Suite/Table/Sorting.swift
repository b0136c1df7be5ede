internal import NN

extension Table {
  /// Sorting, searching, unique elements.
  static func sorting() -> Family {
    var t = Family("sorting")
    t.pair("sort", .ties(dim: 1, or: -1)) { a in
      try a[0].tensor().sort(
        dim: a[1, "dim"].int(or: -1), descending: a[2, "descending"].bool(or: false),
        stable: a["stable"].bool(or: false))
    }
    t.one("argsort", .ties(dim: 1, or: -1)) { a in
      try a[0].tensor().argsort(
        dim: a[1, "dim"].int(or: -1), descending: a[2, "descending"].bool(or: false),
        stable: a["stable"].bool(or: false))
    }
    t.pair("topk", .ties(dim: 2, or: -1)) { a in
      try a[0].tensor().topk(
        a[1, "k"].int(), dim: a[2, "dim"].int(or: -1), largest: a[3, "largest"].bool(or: true),
        sorted: a[4, "sorted"].bool(or: true))
    }
    t.one("msort") { a in try a[0].tensor().msort() }
    t.value("unique") { a in
      try parts(of: a[0].tensor().unique(sorted: a[1, "sorted"].bool(or: true), dim: a[4, "dim"].optionalInt()), a, 2)
    }
    t.value("unique_consecutive") { a in
      try parts(of: a[0].tensor().uniqueConsecutive(dim: a[3, "dim"].optionalInt()), a, 1)
    }
    t.one("searchsorted") { a in
      let (sequence, sorter) = (try a[0].tensor(), try a["sorter"].optionalTensor())
      let sides: [String: Bool] = ["left": false, "right": true]
      let right = try a["right"].bool(or: false) || a["side"].choice(sides, or: false)
      let short = try a["out_int32"].bool(or: false)
      switch try a[1, "input"].operand() {
      case .tensor(let values): return sequence.searchSorted(values, right: right, sorter: sorter, outInt32: short)
      case .number(let value): return sequence.searchSorted(value, right: right, sorter: sorter, outInt32: short)
      }
    }
    t.one("bucketize") { a in
      let (right, short) = (try a["right"].bool(or: false), try a["out_int32"].bool(or: false))
      switch try a[0].operand() {
      case .tensor(let x): return x.bucketize(try a[1, "boundaries"].tensor(), right: right, outInt32: short)
      case .number(let x): return try a[1, "boundaries"].tensor().searchSorted(x, right: right, outInt32: short)
      }
    }
    return t
  }

  /// What was asked for of distinct elements: the values alone, or a tuple.
  private static func parts(of unique: UniqueElements, _ a: Arguments, _ position: Int) throws -> Value {
    var tensors = [unique.values]
    if try a[position, "return_inverse"].bool(or: false) { tensors.append(unique.inverse) }
    if try a[position + 1, "return_counts"].bool(or: false) { tensors.append(unique.counts) }
    return tensors.count == 1 ? .tensor(tensors[0]) : .tensors(tensors)
  }
}
