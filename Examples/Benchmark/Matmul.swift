import NN

extension Case {
  /// Products of matrices.
  static let products: [Case] = squares + skinny + transposed + batched

  private static let squares: [Case] = ["f32", "f64", "bf16", "f16"].flatMap { name in
    [64, 128, 256, 512, 1024, 2048, 4096].map { product(name, $0, $0, $0) }
  }

  private static let skinny: [Case] = [
    (32, 784, 128), (20, 10, 1), (4096, 64, 64), (128, 784, 512), (2048, 128, 512), (2048, 512, 128), (128, 384, 1536),
    (1, 1024, 1024), (1024, 1024, 1), (1, 4096, 4096),
  ].flatMap { (m, k, n) in
    ["f32", "bf16"].flatMap { name in [product(name, m, k, n), layer(name, m, k, n)] }
  }

  private static let transposed: [Case] = [256, 1024].flatMap { n -> [Case] in
    let (flops, bytes) = (2 * n * n * n, 12 * n * n)
    return [
      Case("matmul_nt/f32/\(sizes(n, n, n))", flops: flops, bytes: bytes) {
        let (a, b) = (numbers(n, n), numbers(n, n))
        return Work {
          a.matmul(b.t())
        } check: {
          try expectProduct($0, a, b.t())
        }
      },
      Case("matmul_tn/f32/\(sizes(n, n, n))", flops: flops, bytes: bytes) {
        let (a, b) = (numbers(n, n), numbers(n, n))
        return Work {
          a.t().matmul(b)
        } check: {
          try expectProduct($0, a.t(), b)
        }
      },
      product("i32", n, n, n),
    ]
  }

  private static let batched: [Case] = [(64, 128, 64, 128), (64, 128, 128, 64), (64, 128, 32, 128), (512, 16, 16, 16)]
    .flatMap { (b, m, k, n) in
      ["f32", "bf16"].map { name in
        let bytes = b * (m * k + k * n + m * n) * dtype(name).itemSize
        return Case("bmm/\(name)/\(sizes(b, m, k, n))", flops: 2 * b * m * n * k, bytes: bytes) {
          let (x, y) = (numbers([b, m, k], dtype(name)), numbers([b, k, n], dtype(name)))
          return Work {
            x.bmm(y)
          } check: { result in
            for i in places(b, 4) { try expectProduct(result[i], x[i], y[i]) }
          }
        }
      }
    }

  private static func product(_ name: String, _ m: Int, _ k: Int, _ n: Int) -> Case {
    let bytes = (m * k + k * n + m * n) * dtype(name).itemSize
    return Case("matmul/\(name)/\(sizes(m, k, n))", flops: 2 * m * n * k, bytes: bytes) {
      let (a, b) = (numbers([m, k], dtype(name)), numbers([k, n], dtype(name)))
      return Work {
        a.matmul(b)
      } check: {
        try expectProduct($0, a, b)
      }
    }
  }

  private static func layer(_ name: String, _ m: Int, _ k: Int, _ n: Int) -> Case {
    let bytes = (m * k + k * n + m * n + n) * dtype(name).itemSize
    return Case("linear/\(name)/\(sizes(m, k, n))", flops: 2 * m * n * k, bytes: bytes) {
      let x = numbers([m, k], dtype(name))
      let (weight, bias) = (numbers([n, k], dtype(name)), numbers([n], dtype(name)))
      return Work {
        linear(x, weight, bias)
      } check: {
        try expectProduct($0, x, weight.t(), bias)
      }
    }
  }
}

/// Throws unless a matrix is the product of two, plus a row.
private func expectProduct(_ result: Tensor, _ a: Tensor, _ b: Tensor, _ bias: Tensor? = nil) throws {
  try expect(result, shape: [a.shape[0], b.shape[1]], dtype: a.dtype)
  let tolerance = a.dtype == .bfloat16 ? 0.01 : a.dtype == .float16 ? 1e-3 : a.dtype == .float64 ? 1e-13 : 1e-5
  for row in places(a.shape[0], 7) {
    let left: [Double] = a[row].array()
    let columns = places(b.shape[1], 7)
    let reference = columns.map { column in
      let right: [Double] = b[0..., column].array()
      return dot(left, right) + (bias?[column].item() ?? 0)
    }
    // A product of many random numbers may be near zero: errors are measured by the rows' lengths.
    let scale = max(1, dot(left, left)).squareRoot()
    try expect(
      columns.map { result[row, $0].item() } + [scale], reference + [scale], tolerance: 2 * tolerance)
  }
}
