import NN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Case {
  /// What an operation costs beside its arithmetic: tensors of one or a few elements.
  static let eager: [Case] = [
    eager("add", [1.5]) { a, b in { a + b } },
    eager("add_nograd", [1.5]) { a, b in { noGrad { a + b } } },
    eager("add_grad", [1.5], requiresGrad: true) { a, b in { a + b } },
    eager("add_", [1.5]) { a, b in
      {
        a += b
        return a
      }
    },
    eager("chain20", [chained.value], flops: 20) { a, b in { chain(a, b) } },
    eager("chain20_grad", [chained.value], flops: 20, requiresGrad: true) { a, b in { chain(a, b) } },
    eager("chain20_fb", [chained.derivative], flops: 20, requiresGrad: true) { a, b in
      {
        a.grad = nil
        chain(a, b).backward()
        return a.grad!
      }
    },
    eager("scalar_mul", [2]) { a, _ in { a * 2.0 } },
    eager("reshape", ones(16)) { _, _ in
      let z = Tensor.ones(4, 4)
      return { z.reshape(2, 8) }
    },
    eager("index0", ones(4)) { _, _ in
      let z = Tensor.ones(4, 4)
      return { z[0] }
    },
    Case("eager/item", flops: 1) {
      let a = Tensor.ones(1)
      return Work {
        a.item(as: Float.self)
      } check: {
        try expect([Double($0)], [1], tolerance: 0)
      }
    },
    eager("zeros1", [0]) { _, _ in { Tensor.zeros(1) } },
    eager("ones_like", [1]) { a, _ in { Tensor.onesLike(a) } },
    eager("matmul3x3", ones(9).map { 3 * $0 }) { _, _ in
      let x = Tensor.ones(3, 3)
      return { x.matmul(x) }
    },
    eager("linear_20x10x1", ones(20).map { 11 * $0 }) { _, _ in
      let (x, weight, bias) = (Tensor.ones(20, 10), Tensor.ones(1, 10), Tensor.ones(1))
      return { linear(x, weight, bias) }
    },
    eager("sum", [16]) { _, _ in
      let z = Tensor.ones(4, 4)
      return { z.sum() }
    },
    eager("to_bf16", [1]) { a, _ in { a.to(.bfloat16) } },
  ]

  /// A row of the family: `a` holds 1 and `b` holds 0.5.
  private static func eager(
    _ name: String, _ expected: [Double], flops: Int = 1, requiresGrad: Bool = false,
    _ call: @escaping @Sendable (Tensor, Tensor) -> () -> Tensor
  ) -> Case {
    Case("eager/" + name, flops: flops) {
      Work(call(Tensor.ones(1, requiresGrad: requiresGrad), Tensor.ones(1) * 0.5)) {
        try expect($0, expected, tolerance: 1e-5)
      }
    }
  }

  /// Twenty operations, each on the last one's result.
  private static func chain(_ a: Tensor, _ b: Tensor) -> Tensor {
    var x = a
    for _ in 0..<5 { x = ((x + b) * b - b).tanh() }
    return x
  }

  /// The chain's value and derivative at 1 in plain numbers, by the chain rule.
  private static var chained: (value: Double, derivative: Double) {
    var (x, derivative) = (1.0, 1.0)
    for _ in 0..<5 {
      x = tanh((x + 0.5) * 0.5 - 0.5)
      derivative *= 0.5 * (1 - x * x)
    }
    return (x, derivative)
  }

  private static func ones(_ count: Int) -> [Double] { Array(repeating: 1, count: count) }
}
