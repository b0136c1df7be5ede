import NN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Case {
  /// Formulas applied element by element, comparisons and casts.
  static let elementwise: [Case] = [1000, 100_000, 10_000_000].flatMap(bySize) + broadcasts

  private static func bySize(_ n: Int) -> [Case] {
    arithmetic(n) + functions(n) + [chain(n)] + otherDTypes(n)
      + [
        Case("cmp/gt/f32/\(n)", flops: n, bytes: 9 * n) {
          let (a, b) = (numbers(n), numbers(n))
          return Work {
            a .> b
          } check: {
            try expect($0, shape: [n], dtype: .bool)
            try expectEach($0, tolerance: 0, a, b) { $0[0] > $0[1] ? 1 : 0 }
          }
        },
        Case("where/f32/\(n)", flops: n, bytes: 13 * n) {
          let (a, b) = (numbers(n), numbers(n))
          let isLarger = a .> b
          return Work {
            `where`(isLarger, a, b)
          } check: {
            try expectEach($0, tolerance: 0, a, b) { max($0[0], $0[1]) }
          }
        },
        Case("bcast/scalar/\(n)", flops: n, bytes: 8 * n) {
          let a = numbers(n)
          return Work {
            a + 2.5
          } check: {
            try expectEach($0, tolerance: 1e-6, a) { $0[0] + 2.5 }
          }
        },
      ] + casts(n)
  }

  private static func arithmetic(_ n: Int) -> [Case] {
    [
      binary("add", "f32", n, { $0 + $1 }, +),
      binary("mul", "f32", n, { $0 * $1 }, *),
      binary("div", "f32", n, { $0 / $1 }, /),
      Case("ew/add_out/f32/\(n)", flops: n, bytes: 12 * n) {
        let (a, b, out) = (numbers(n), numbers(n), Tensor.empty(n))
        return Work {
          add(a, b, out: out)
        } check: {
          try expectEach($0, tolerance: 1e-6, a, b) { $0[0] + $0[1] }
        }
      },
      Case("ew/mul_out/f32/\(n)", flops: n, bytes: 12 * n) {
        let (a, b, out) = (numbers(n), numbers(n), Tensor.empty(n))
        return Work {
          mul(a, b, out: out)
        } check: {
          try expectEach($0, tolerance: 1e-6, a, b) { $0[0] * $0[1] }
        }
      },
      Case("ew/add_/f32/\(n)", flops: n, bytes: 12 * n) {
        let (a, b) = (numbers(n), numbers(n) * 1e-6)
        let before = a.clone()
        return Work {
          a += b
        } check: {
          try expectEach(a, tolerance: 1e-6, before, b) { $0[0] + $0[1] }
        }
      },
    ]
  }

  private static func functions(_ n: Int) -> [Case] {
    [
      unary("exp", "f32", n, { $0.exp() }, exp),
      unary("log", "f32", n, { $0.log() }, log, isPositive: true),
      unary("tanh", "f32", n, { $0.tanh() }, tanh),
      unary("sigmoid", "f32", n, { $0.sigmoid() }, { 1 / (1 + exp(-$0)) }),
      unary("gelu", "f32", n, { $0.gelu() }, gelu),
      unary("gelu_tanh", "f32", n, { $0.gelu(approximate: .tanh) }) { x in
        x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
      },
      unary("relu", "f32", n, { $0.relu() }, { max($0, 0) }),
      unary("sqrt", "f32", n, { $0.sqrt() }, { $0.squareRoot() }, isPositive: true),
      Case("ew/exp_out/f32/\(n)", flops: n, bytes: 8 * n) {
        let (a, out) = (numbers(n), Tensor.empty(n))
        return Work {
          exp(a, out: out)
        } check: {
          try expectEach($0, tolerance: 1e-6, a) { exp($0[0]) }
        }
      },
    ]
  }

  private static func chain(_ n: Int) -> Case {
    Case("ew/chain3/f32/\(n)", flops: 3 * n, bytes: 16 * n) {
      let (a, b, c) = (numbers(n), numbers(n), numbers(n))
      return Work {
        (a * b + c).tanh()
      } check: {
        try expectEach($0, tolerance: 1e-6, a, b, c) { tanh($0[0] * $0[1] + $0[2]) }
      }
    }
  }

  private static func otherDTypes(_ n: Int) -> [Case] {
    ["f64", "bf16", "f16", "i32"].map { binary("add", $0, n, { $0 + $1 }, +) }
      + ["bf16", "f64"].flatMap { name in
        [unary("exp", name, n, { $0.exp() }, exp), unary("gelu", name, n, { $0.gelu() }, gelu)]
      }
  }

  private static func casts(_ n: Int) -> [Case] {
    [("f32", "f16"), ("f16", "f32"), ("f32", "bf16"), ("bf16", "f32"), ("i32", "f32"), ("f32", "f64")]
      .map { (from, to) in
        Case("cast/\(from)-\(to)/\(n)", flops: n, bytes: (dtype(from).itemSize + dtype(to).itemSize) * n) {
          let (a, target) = (numbers([n], dtype(from)), dtype(to))
          return Work {
            a.to(target)
          } check: {
            try expect($0, shape: [n], dtype: target)
            try expectEach($0, tolerance: unit(target), a) { $0[0] }
          }
        }
      }
  }

  private static let broadcasts: [Case] = [(128, 512), (1000, 1000), (4096, 2048)].flatMap { (r, c) in
    [("row", [c], c), ("col", [r, 1], r)].map { (name, shape, count) in
      Case("bcast/\(name)/\(sizes(r, c))", flops: r * c, bytes: 4 * (2 * r * c + count)) {
        let (a, b) = (numbers(r, c), numbers(shape))
        return Work {
          a + b
        } check: {
          try expectEach($0, tolerance: 1e-6, a, b) { $0[0] + $0[1] }
        }
      }
    }
  }

  private static func binary(
    _ name: String, _ dtypeName: String, _ n: Int,
    _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ reference: @escaping @Sendable (Double, Double) -> Double
  ) -> Case {
    let dtype = dtype(dtypeName)
    return Case("ew/\(name)/\(dtypeName)/\(n)", flops: n, bytes: 3 * dtype.itemSize * n) {
      let (a, b) = (numbers([n], dtype), numbers([n], dtype))
      return Work {
        function(a, b)
      } check: {
        try expect($0, shape: [n], dtype: dtype)
        try expectEach($0, tolerance: unit(dtype), a, b) { reference($0[0], $0[1]) }
      }
    }
  }

  private static func unary(
    _ name: String, _ dtypeName: String, _ n: Int, _ function: @escaping @Sendable (Tensor) -> Tensor,
    _ reference: @escaping @Sendable (Double) -> Double, isPositive: Bool = false
  ) -> Case {
    let dtype = dtype(dtypeName)
    return Case("ew/\(name)/\(dtypeName)/\(n)", flops: n, bytes: 2 * dtype.itemSize * n) {
      let x = numbers([n], dtype)
      let a = isPositive ? x.abs() + 0.1 : x
      return Work {
        function(a)
      } check: {
        try expect($0, shape: [n], dtype: dtype)
        try expectEach($0, tolerance: unit(dtype), a) { reference($0[0]) }
      }
    }
  }

  private static func gelu(_ x: Double) -> Double { x / 2 * (1 + erf(x / 2.0.squareRoot())) }

  /// The relative error that a dtype's rounding and a few steps make.
  private static func unit(_ dtype: DType) -> Double {
    switch dtype {
    case .bfloat16: 0.004
    case .float16: 5e-4
    case .float32: 5e-7
    case .float64: 1e-15
    default: 0
    }
  }
}
