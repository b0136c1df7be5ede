import NN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Case {
  /// Attention of several heads.
  static let attention: [Case] = [(16, 4, 128, 32), (1, 12, 128, 32), (4, 12, 1024, 64)].flatMap { (b, h, t, d) in
    [false, true].map { isCausal in
      let flops = 4 * b * h * t * t * d / (isCausal ? 2 : 1)
      return Case("sdpa\(isCausal ? "_causal" : "")/\(sizes(b, h, t, d))", flops: flops, bytes: 16 * b * h * t * d) {
        let (q, k, v) = (numbers(b, h, t, d), numbers(b, h, t, d), numbers(b, h, t, d))
        return Work {
          scaledDotProductAttention(q, k, v, isCausal: isCausal)
        } check: { result in
          try expect(result, shape: [b, h, t, d])
          for head in places(b * h, 3) {
            let (i, j) = (head / h, head % h)
            let (keys, rows) = (k[i, j].array(as: Double.self), v[i, j].array(as: Double.self))
            for row in places(t, 5) {
              let query: [Double] = q[i, j, row].array()
              let seen = isCausal ? row + 1 : t
              let weights = (0..<seen).map { key in
                exp((0..<d).reduce(0) { $0 + query[$1] * keys[key * d + $1] } / Double(d).squareRoot())
              }
              let sum = weights.reduce(0, +)
              let reference = (0..<d).map { column in
                (0..<seen).reduce(0) { $0 + weights[$1] / sum * rows[$1 * d + column] }
              }
              try expect(result[i, j, row], reference, tolerance: 5e-6)
            }
          }
        }
      }
    }
  }
}
