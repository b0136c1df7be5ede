import NN

extension Case {
  /// Copies in another order, joining, picking and looking up.
  static let movement: [Case] = orders + joins + picks + embeddings

  private static let orders: [Case] =
    [(1024, 1024), (4096, 4096), (128, 10000)].map { (r, c) in
      Case("transpose/\(sizes(r, c))", bytes: 8 * r * c) {
        let x = numbers(r, c)
        return Work {
          x.t().contiguous()
        } check: { result in
          try expect(result, shape: [c, r])
          try expectRows(result, tolerance: 0, x.t()) { $1 }
        }
      }
    }
    + [[16, 128, 4, 32], [32, 512, 16, 64]].map { shape in
      let count = shape.reduce(1, *)
      return Case("permute/\(shape.map(String.init).joined(separator: "x"))", bytes: 8 * count) {
        let x = numbers(shape)
        return Work {
          x.permute(0, 2, 1, 3).contiguous()
        } check: { result in
          try expect(result, shape: [shape[0], shape[2], shape[1], shape[3]])
          let last: Double = x[0, -1, 1, 2].item()
          try expect(result[0, 1, -1, 2], [last])
          for t in places(shape[1], 4) { try expectRows(result[-1, 0..., t], tolerance: 0, x[-1, t]) { $1 } }
        }
      }
    }

  private static let joins: [Case] = [
    Case("cat/0/2x1000000", bytes: 16_000_000) {
      let (a, b) = (numbers(1_000_000), numbers(1_000_000))
      return Work {
        cat([a, b])
      } check: {
        try expect($0, a.array(as: Double.self) + b.array(as: Double.self))
      }
    },
    Case("cat/1/2x1000x1000", bytes: 16_000_000) {
      let (a, b) = (numbers(1000, 1000), numbers(1000, 1000))
      return Work {
        cat([a, b], dim: 1)
      } check: { result in
        try expectRows(result, tolerance: 0, a) { $1 + b[$0].array(as: Double.self) }
      }
    },
  ]

  private static let picks: [Case] = [
    Case("gather/last/4096x1024", flops: 4096 * 1024, bytes: 16 * 4096 * 1024) {
      let (x, index) = (numbers(4096, 1024), Tensor.randint(1024, [4096, 1024]))
      return Work {
        x.gather(dim: 1, index: index)
      } check: { result in
        try expectRows(result, tolerance: 0, x) { row, numbers in
          index[row].array(as: Int.self).map { numbers[$0] }
        }
      }
    },
    Case("index_select/50257x384/2048", bytes: 8 * 2048 * 384) {
      let (x, index) = (numbers(50257, 384), Tensor.randint(50257, [2048]))
      return Work {
        x.indexSelect(dim: 0, index: index)
      } check: {
        try expectLookup($0, x, index)
      }
    },
  ]

  private static let embeddings: [Case] = [(50257, 384), (256, 128)].flatMap { (v: Int, d: Int) -> [Case] in
    let bytes = 8 * 2048 * d
    return [
      Case("embedding/\(sizes(v, d))/2048", bytes: bytes) {
        let (weight, index) = (numbers(v, d), Tensor.randint(v, [2048]))
        return Work {
          embedding(index, weight)
        } check: {
          try expectLookup($0, weight, index)
        }
      },
      Case("embedding_bwd/\(sizes(v, d))/2048", bytes: bytes + 4 * v * d) {
        let (weight, index) = (numbers(v, d).requiresGrad(), Tensor.randint(v, [2048]))
        let (gradient, output) = (numbers(2048, d), embedding(index, weight))
        return Work {
          grad(outputs: [output], inputs: [weight], gradients: [gradient], retainGraph: true)[0]!
        } check: {
          try expectSums($0, gradient, index)
        }
      },
    ]
  }
}

private func expectLookup(_ result: Tensor, _ x: Tensor, _ index: Tensor) throws {
  let rows: [Int] = index.array()
  for i in places(rows.count, 8) { try expect(result[i], x[rows[i]].array()) }
}

/// Throws unless each row of a table is the sum of the gradient's rows that were looked up in it.
private func expectSums(_ result: Tensor, _ gradient: Tensor, _ index: Tensor) throws {
  let rows: [Int] = index.array()
  let gradient = gradient.double()
  for row in rows.prefix(5) {
    let places = rows.indices.filter { rows[$0] == row }
    try expect(
      result[row], gradient.indexSelect(dim: 0, index: Tensor(places)).sum(dim: 0).array(), tolerance: 1e-6)
  }
  try expect(result.double().sum(), [gradient.sum().item()], tolerance: 1e-4)
}
