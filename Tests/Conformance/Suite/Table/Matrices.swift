internal import NN

extension Table {
  /// Products and other matrix operations.
  static func matrices() -> Family {
    var t = Family("matrices")
    products(&t)
    sums(&t)
    general(&t)
    t.refusedOnGPUs(["cholesky_inverse", "cholesky_solve", "logdet", "lu", "pinverse", "triangular_solve"])
    return t
  }

  private static func products(_ t: inout Family) {
    t.one("matmul") { a in try a[0].tensor().matmul(a[1].tensor()) }
    t.one("mm") { a in try a[0].tensor().mm(a[1].tensor()) }
    t.one("bmm") { a in try a[0].tensor().bmm(a[1].tensor()) }
    t.one("mv") { a in try a[0].tensor().mv(a[1].tensor()) }
    t.one("dot") { a in try a[0].tensor().dot(a[1].tensor()) }
    t.one("vdot") { a in try a[0].tensor().vdot(a[1].tensor()) }
    t.one("inner") { a in try a[0].tensor().inner(a[1].tensor()) }
    t.one("outer") { a in try a[0].tensor().outer(a[1].tensor()) }
    t.one("kron") { a in try a[0].tensor().kron(a[1].tensor()) }
    t.one("__rmatmul__") { a in try a[1].tensor().matmul(a[0].tensor()) }
    t.one("trace") { a in try a[0].tensor().trace() }
  }

  /// The arguments of `beta * input + alpha * (a b)`.
  private static func sum(
    _ a: Arguments, _ call: (Tensor, Tensor, Tensor, Double, Double) -> Tensor
  ) throws -> Tensor {
    call(
      try a[0].tensor(), try a[1].tensor(), try a[2].tensor(), try a["beta"].double(or: 1),
      try a["alpha"].double(or: 1))
  }

  private static func sums(_ t: inout Family) {
    for name in ["addmm", "addmm.decomposed"] {
      t.one(name) { a in try sum(a) { $0.addmm($1, $2, beta: $3, alpha: $4) } }
    }
    t.one("addmv") { a in try sum(a) { $0.addmv($1, $2, beta: $3, alpha: $4) } }
    t.one("addr") { a in try sum(a) { $0.addr($1, $2, beta: $3, alpha: $4) } }
    t.one("baddbmm") { a in try sum(a) { $0.baddbmm($1, $2, beta: $3, alpha: $4) } }
    t.one("addbmm") { a in try sum(a) { $0.addbmm($1, $2, beta: $3, alpha: $4) } }
  }

  private static func general(_ t: inout Family) {
    t.one("einsum") { a in
      // The text comes first, or after the tensors.
      if case .string(let equation)? = a.positional.first {
        return einsum(equation, a.rest(from: 1).flatMap(\.tensors))
      }
      return try einsum(a[1].string(), a[0].tensors())
    }
    t.one("tensordot") { a in
      guard case .tuple(let lists)? = a[2, "dims"].value ?? nil, lists.count == 2 else {
        return try a[0].tensor().tensordot(a[1].tensor(), dims: a[2, "dims"].int(or: 2))
      }
      let first = try Argument(label: "dims", value: lists[0]).ints()
      let second = try Argument(label: "dims", value: lists[1]).ints()
      return try a[0].tensor().tensordot(a[1].tensor(), dims: (first, second))
    }
    t.one("cdist") { a in try a[0].tensor().cdist(a[1].tensor(), p: a[2, "p"].double(or: 2)) }
    t.one("dist") { a in try a[0].tensor().dist(a[1].tensor(), p: a[2, "p"].double(or: 2)) }
    t.one("cross") { a in try a[0].tensor().cross(a[1].tensor(), dim: a[2, "dim"].optionalInt()) }
    t.one("renorm") { a in
      try a[0].tensor().renorm(p: a[1, "p"].double(), dim: a[2, "dim"].int(), maxNorm: a[3, "maxnorm"].double())
    }
    t.one("matrix_exp") { a in try a[0].tensor().matrixExp() }
    t.differs(
      "matrix_exp", ["s/0/float16", "s/0/bfloat16"], because: "computed in float64, it does not overflow on the way")
    t.one("logdet") { a in try a[0].tensor().logdet() }
    t.one("pinverse") { a in try a[0].tensor().pinverse(rcond: a[1, "rcond"].double(or: 1e-15)) }
    t.one("cholesky_inverse") { a in try a[0].tensor().choleskyInverse(upper: a[1, "upper"].bool(or: false)) }
    t.one("cholesky_solve") { a in
      try a[0].tensor().choleskySolve(a[1].tensor(), upper: a[2, "upper"].bool(or: false))
    }
    t.pair("triangular_solve") { a in
      let result = try a[0].tensor().triangularSolve(
        a[1].tensor(), upper: a[2, "upper"].bool(or: true), transpose: a[3, "transpose"].bool(or: false),
        unitriangular: a[4, "unitriangular"].bool(or: false))
      return (result.solution, result.clonedCoefficient)
    }
    t.many("lu") { a in
      let (lu, pivots, info) = try Linalg.luFactorEx(a[0].tensor())
      return try a[2, "get_infos"].bool(or: false) ? [lu, pivots, info] : [lu, pivots]
    }
    t.many("lu_unpack") { a in
      let (p, l, u) = try Linalg.luUnpack(a[0].tensor(), a[1].tensor())
      return [p, l, u]
    }
  }
}
