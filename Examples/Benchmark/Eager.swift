import NN

extension Case {
  /// What an operation costs beside its arithmetic: tensors of one or a few elements.
  static let eager: [Case] = [
    eager("add") { a, b in Work([1.5]) { a + b } },
    eager("add_nograd") { a, b in Work([1.5]) { noGrad { a + b } } },
    eager("add_grad", requiresGrad: true) { a, b in Work([1.5]) { a + b } },
    eager("add_") { a, b in
      Work([1.5]) {
        a += b
        return a
      }
    },
    eager("chain20", flops: 20) { a, b in Work([reference.value], tolerance: 1e-6) { chain(a, b) } },
    eager("chain20_grad", flops: 20, requiresGrad: true) { a, b in
      Work([reference.value], tolerance: 1e-6) { chain(a, b) }
    },
    eager("chain20_fb", flops: 20, requiresGrad: true) { a, b in
      Work([reference.derivative], tolerance: 1e-5) {
        a.grad = nil
        chain(a, b).backward()
        return a.grad!
      }
    },
    eager("scalar_mul") { a, _ in Work([2]) { a * 2.0 } },
    eager("reshape") { _, _ in
      let z = Tensor.ones(4, 4)
      return Work(ones(16)) { z.reshape(2, 8) }
    },
    eager("index0") { _, _ in
      let z = Tensor.ones(4, 4)
      return Work(ones(4)) { z[0] }
    },
    eager("item") { a, _ in
      Work([1]) {
        keep(a.item(as: Float.self))
        return a
      }
    },
    eager("zeros1") { _, _ in Work([0]) { Tensor.zeros(1) } },
    eager("ones_like") { a, _ in Work([1]) { Tensor.onesLike(a) } },
    eager("matmul3x3") { _, _ in
      let x = Tensor.ones(3, 3)
      return Work(ones(9).map { 3 * $0 }) { x.matmul(x) }
    },
    eager("linear_20x10x1") { _, _ in
      let (x, weight, bias) = (Tensor.ones(20, 10), Tensor.ones(1, 10), Tensor.ones(1))
      return Work(ones(20).map { 11 * $0 }) { linear(x, weight, bias) }
    },
    eager("sum") { _, _ in
      let z = Tensor.ones(4, 4)
      return Work([16]) { z.sum() }
    },
    eager("to_bf16") { a, _ in Work([1]) { a.to(.bfloat16) } },
  ]

  /// A row of the family: `a` holds 1 and `b` holds 0.5.
  private static func eager(
    _ name: String, flops: Double = 1, requiresGrad: Bool = false, _ build: @escaping @Sendable (Tensor, Tensor) -> Work
  ) -> Case {
    Case(name: "eager/" + name, flops: flops, bytes: 0) {
      build(Tensor.ones(1, requiresGrad: requiresGrad), Tensor.ones(1) * 0.5)
    }
  }

  /// Twenty operations, each on the last one's result.
  private static func chain(_ a: Tensor, _ b: Tensor) -> Tensor {
    var x = a
    for _ in 0..<5 { x = ((x + b) * b - b).tanh() }
    return x
  }

  /// The chain's value and derivative at 1 in plain numbers, by the chain rule.
  private static var reference: (value: Double, derivative: Double) {
    var (x, derivative) = (1.0, 1.0)
    for _ in 0..<5 {
      let inner = (x + 0.5) * 0.5 - 0.5
      // tanh by its definition: the library is what is tested.
      let (up, down) = (exponential(inner), exponential(-inner))
      x = (up - down) / (up + down)
      derivative *= 0.5 * (1 - x * x)
    }
    return (x, derivative)
  }

  /// The exponential of a small number, by its series.
  private static func exponential(_ x: Double) -> Double {
    var (sum, term) = (1.0, 1.0)
    for n in 1...30 {
      term *= x / Double(n)
      sum += term
    }
    return sum
  }

  private static func ones(_ count: Int) -> [Double] { Array(repeating: 1, count: count) }
}
