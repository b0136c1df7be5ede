import NN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Case {
  /// Sums and extremes, running sums, sorting.
  static let reductions: [Case] = folds + variances + positions + scans + sorts

  private static let folds: [Case] =
    fold("sum", { $0.sum() }, { $0.sum(dim: $1) }) { $0.reduce(0, +) }
    + fold("mean", { $0.mean() }, { $0.mean(dim: $1) }) { $0.reduce(0, +) / Double($0.count) }
    + [100_000, 10_000_000].map { n in
      Case("reduce/max/all/\(n)", flops: n, bytes: 4 * n) {
        let x = numbers(n)
        return Work {
          x.max()
        } check: {
          try expect($0, [x.array(as: Double.self).max()!])
        }
      }
    }
    + alongDims("max") { x, dim in
      Work {
        x.max(dim: dim)
      } check: {
        try expectMaxima($0, x, dim)
      }
    }
    + alongDims("amax") { x, dim in
      Work {
        x.amax(dim: dim)
      } check: { result in
        try expectFolds(result, tolerance: 0, x, dim) { $0.max()! }
      }
    }

  private static func fold(
    _ name: String, _ whole: @escaping @Sendable (Tensor) -> Tensor,
    _ along: @escaping @Sendable (Tensor, Int) -> Tensor, _ reference: @escaping @Sendable ([Double]) -> Double
  ) -> [Case] {
    [100_000, 10_000_000].map { n in
      Case("reduce/\(name)/all/\(n)", flops: n, bytes: 4 * n) {
        let x = numbers(n) + 1
        return Work {
          whole(x)
        } check: {
          try expect($0, [reference(x.array())], tolerance: 1e-6)
        }
      }
    }
      + alongDims(name) { x, dim in
        Work {
          along(x, dim)
        } check: {
          try expectFolds($0, tolerance: 2e-6, x, dim, reference)
        }
      }
  }

  private static func alongDims(_ name: String, _ work: @escaping @Sendable (Tensor, Int) -> Work) -> [Case] {
    [(128, 1000), (1000, 1000), (4096, 2048)].flatMap { (r, c) in
      [("last", 1, r), ("first", 0, c)].map { (place, dim, count) in
        Case("reduce/\(name)/\(place)/\(sizes(r, c))", flops: r * c, bytes: 4 * (r * c + count)) {
          work(numbers(r, c) + 1, dim)
        }
      }
    }
  }

  private static let variances: [Case] = [(1000, 1000), (4096, 2048)].map { (r, c) in
    Case("reduce/var/last/\(sizes(r, c))", flops: 3 * r * c, bytes: 4 * (r * c + r)) {
      let x = numbers(r, c)
      return Work {
        x.var(dim: 1)
      } check: { result in
        try expectFolds(result, tolerance: 2e-6, x, 1) { row in
          let mean = row.reduce(0, +) / Double(c)
          let centred = row.map { $0 - mean }
          return dot(centred, centred) / Double(c - 1)
        }
      }
    }
  }

  private static let positions: [Case] =
    [100_000, 10_000_000].map { n in
      Case("argmax/all/\(n)", flops: n, bytes: 4 * n) {
        let x = numbers(n)
        return Work {
          x.argmax()
        } check: {
          try expect($0, [argmax(x.array())])
        }
      }
    } + [
      Case("argmax/last/4096x2048", flops: 4096 * 2048, bytes: 4 * 4096 * 2048) {
        let x = numbers(4096, 2048)
        return Work {
          x.argmax(dim: 1)
        } check: {
          try expectFolds($0, tolerance: 0, x, 1, argmax)
        }
      }
    ]

  private static let scans: [Case] =
    [100_000, 10_000_000].map { n in
      Case("cumsum/\(n)", flops: n, bytes: 8 * n) {
        let x = numbers(n)
        return Work {
          x.cumsum(dim: 0)
        } check: { result in
          let reference = runningSums(x.array())
          let places = places(n, 1000)
          try expect(values(result, at: places), places.map { reference[$0] }, tolerance: 1e-4)
        }
      }
    } + [
      Case("cumsum/last/4096x2048", flops: 4096 * 2048, bytes: 8 * 4096 * 2048) {
        let x = numbers(4096, 2048)
        return Work {
          x.cumsum(dim: 1)
        } check: { result in
          try expectRows(result, tolerance: 1e-5, x) { runningSums($1) }
        }
      }
    ]

  private static let sorts: [Case] =
    [1000, 100_000, 1_000_000].map { n in
      Case("sort/\(n)", flops: n * Int(log2(Double(n))), bytes: 16 * n) {
        let x = numbers(n)
        return Work {
          x.sort()
        } check: {
          try expectSorted($0, x)
        }
      }
    } + [
      Case("sort/last/1000x1000", flops: 10_000_000, bytes: 16_000_000) {
        let x = numbers(1000, 1000)
        return Work {
          x.sort(dim: 1)
        } check: { result in
          for row in places(1000, 5) { try expectSorted((result.values[row], result.indices[row]), x[row]) }
        }
      },
      Case("topk/128x50257x10", flops: 128 * 50257, bytes: 4 * 128 * 50257) {
        let x = numbers(128, 50257)
        return Work {
          x.topk(10, dim: 1)
        } check: { result in
          try expectRows(result.values, tolerance: 0, x) { Array($1.sorted(by: >).prefix(10)) }
          try expectRows(x.gather(dim: 1, index: result.indices), tolerance: 0, result.values) { $1 }
        }
      },
    ]

  private static func argmax(_ numbers: [Double]) -> Double {
    Double(numbers.indices.max { numbers[$0] < numbers[$1] }!)
  }

  private static func runningSums(_ numbers: [Double]) -> [Double] {
    var sum = 0.0
    return numbers.map {
      sum += $0
      return sum
    }
  }
}

/// Throws unless each element of a vector is a function of the matrix's numbers along a dimension.
private func expectFolds(
  _ result: Tensor, tolerance: Double, _ x: Tensor, _ dim: Int, _ function: ([Double]) -> Double
) throws {
  let rows = dim == 1 ? x : x.t()
  try expectRows(result.unsqueeze(dim: 1), tolerance: tolerance, rows) { [function($1)] }
}

private func expectMaxima(_ result: (values: Tensor, indices: Tensor), _ x: Tensor, _ dim: Int) throws {
  try expectFolds(result.values, tolerance: 0, x, dim) { $0.max()! }
  try expectFolds(result.indices, tolerance: 0, x, dim) { row in Double(row.firstIndex(of: row.max()!)!) }
}

private func expectSorted(_ result: (values: Tensor, indices: Tensor), _ x: Tensor) throws {
  let numbers: [Double] = x.array()
  try expect(result.values, numbers.sorted())
  let indices: [Int] = result.indices.array()
  try expect(result.values, indices.map { numbers[$0] })
}
