import NN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Case {
  /// Softmax, losses and norms: functions of whole rows.
  static let rows: [Case] = softmaxes + norms + [imageNorm] + losses

  private static let softmaxes: [Case] = [(128, 1000), (2048, 128), (1536, 128), (4096, 2048), (4096, 50257)]
    .flatMap { (r, c) in
      let backward = Case("softmax_fb/\(sizes(r, c))", flops: 10 * r * c, bytes: 20 * r * c) {
        let (x, weights) = (numbers(r, c).requiresGrad(), numbers(r, c))
        return Work {
          grad(outputs: [x.softmax(dim: 1)], inputs: [x], gradients: [weights])[0]!
        } check: { result in
          try expectRows(result, tolerance: 5e-6, x.detach()) { row, numbers in
            let (weights, parts) = (weights[row].array(as: Double.self), softmax(numbers))
            let mean = dot(weights, parts)
            return zip(weights, parts).map { ($0 - mean) * $1 }
          }
        }
      }
      return (c == 50257 ? [] : [backward])
        + [
          Case("softmax/\(sizes(r, c))", flops: 5 * r * c, bytes: 8 * r * c) {
            let x = numbers(r, c)
            return Work {
              x.softmax(dim: 1)
            } check: {
              try expectRows($0, tolerance: 2e-6, x) { softmax($1) }
            }
          },
          Case("log_softmax/\(sizes(r, c))", flops: 5 * r * c, bytes: 8 * r * c) {
            let x = numbers(r, c)
            return Work {
              x.logSoftmax(dim: 1)
            } check: { result in
              try expectRows(result, tolerance: 2e-6, x) { softmax($1).map { log($0) } }
            }
          },
        ]
    }

  private static let norms: [Case] = [(128, 384), (2048, 128), (4096, 1024), (4096, 4096)].flatMap {
    (r: Int, c: Int) -> [Case] in
    [
      Case("layernorm/\(sizes(r, c))", flops: 8 * r * c, bytes: 8 * r * c) {
        let (x, weight, bias) = (numbers(r, c), numbers(c), numbers(c))
        return Work {
          layerNorm(x, normalizedShape: [c], weight: weight, bias: bias)
        } check: { result in
          let (scale, shift) = (weight.array(as: Double.self), bias.array(as: Double.self))
          try expectRows(result, tolerance: 2e-6, x) { _, row in
            zip(normalized(row), zip(scale, shift)).map { $0 * $1.0 + $1.1 }
          }
        }
      },
      Case("rmsnorm/\(sizes(r, c))", flops: 8 * r * c, bytes: 8 * r * c) {
        let (x, weight) = (numbers(r, c), numbers(c))
        let eps = Double(Float.ulpOfOne)
        return Work {
          rmsNorm(x, normalizedShape: [c], weight: weight)
        } check: { result in
          let scale = weight.array(as: Double.self)
          try expectRows(result, tolerance: 2e-6, x) { _, row in
            let length = (dot(row, row) / Double(c) + eps).squareRoot()
            return zip(row, scale).map { $0 / length * $1 }
          }
        }
      },
      Case("layernorm_fb/\(sizes(r, c))", flops: 20 * r * c, bytes: 20 * r * c) { layerNormBackward(r, c) },
    ]
  }

  private static func layerNormBackward(_ r: Int, _ c: Int) -> Work {
    let x = numbers(r, c).requiresGrad()
    let (weight, bias) = (numbers(c).requiresGrad(), numbers(c).requiresGrad())
    let gradient = numbers(r, c)
    return Work {
      grad(
        outputs: [layerNorm(x, normalizedShape: [c], weight: weight, bias: bias)], inputs: [x, weight, bias],
        gradients: [gradient])
    } check: { results in
      let (scale, g) = (weight.array(as: Double.self), gradient.double())
      try expectRows(results[0]!, tolerance: 5e-6, x.detach()) { row, numbers in
        let unit = normalized(numbers)
        let scaled = zip(scale, gradient[row].array(as: Double.self)).map(*)
        let mean = scaled.reduce(0, +) / Double(c)
        let slope = dot(scaled, unit) / Double(c)
        let deviation = deviation(numbers)
        return zip(scaled, unit).map { ($0 - mean - $1 * slope) / deviation }
      }
      let columns = places(c, 5)
      let units = places(r, r).map { normalized(x.detach()[$0].array()) }
      try expect(
        values(results[1]!, at: columns),
        columns.map { column in dot(units.map { $0[column] }, g[0..., column].array()) }, tolerance: 1e-5)
      try expect(results[2]!, g.sum(dim: 0).array(), tolerance: 1e-5)
    }
  }

  private static let imageNorm = Case("batchnorm/32x64x32x32", flops: 8 * 2_097_152, bytes: 8 * 2_097_152) {
    let (x, weight, bias) = (numbers(32, 64, 32, 32), numbers(64), numbers(64))
    let (runningMean, runningVar) = (Tensor.zeros(64), Tensor.ones(64))
    return Work {
      batchNorm(x, runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias, training: true)
    } check: { result in
      for channel in places(64, 3) {
        let numbers: [Double] = x[0..., channel].array()
        let (scale, shift): (Double, Double) = (weight[channel].item(), bias[channel].item())
        try expect(result[0..., channel], normalized(numbers).map { $0 * scale + shift }, tolerance: 5e-6)
        try expect(runningMean[channel], [numbers.reduce(0, +) / 32768 * 0.1], tolerance: 1e-4)
      }
    }
  }

  private static let losses: [Case] = [(128, 10), (128, 1000), (2048, 256), (4096, 50257)].flatMap {
    (r: Int, c: Int) -> [Case] in
    [
      Case("xent/\(sizes(r, c))", flops: 4 * r * c, bytes: 4 * r * c) {
        let (x, y) = (numbers(r, c), Tensor.randint(c, [r]))
        return Work {
          crossEntropy(x, y)
        } check: { result in
          let classes: [Int] = y.array()
          let logarithms = (0..<r).map { row in log(softmax(x[row].array())[classes[row]]) }
          try expect(result, [-logarithms.reduce(0, +) / Double(r)], tolerance: 2e-6)
        }
      },
      Case("xent_fb/\(sizes(r, c))", flops: 6 * r * c, bytes: 8 * r * c) {
        let (x, y) = (numbers(r, c).requiresGrad(), Tensor.randint(c, [r]))
        return Work {
          grad(outputs: [crossEntropy(x, y)], inputs: [x])[0]!
        } check: { result in
          try expectRows(result, tolerance: 2e-6, x.detach()) { row, numbers in
            var parts = softmax(numbers)
            parts[y[row].item(as: Int.self)] -= 1
            return parts.map { $0 / Double(r) }
          }
        }
      },
    ]
  }
}

private func softmax(_ row: [Double]) -> [Double] {
  let largest = row.max()!
  let powers = row.map { exp($0 - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

private func deviation(_ row: [Double]) -> Double {
  let mean = row.reduce(0, +) / Double(row.count)
  let centred = row.map { $0 - mean }
  return (dot(centred, centred) / Double(row.count) + 1e-5).squareRoot()
}

private func normalized(_ row: [Double]) -> [Double] {
  let (mean, deviation) = (row.reduce(0, +) / Double(row.count), deviation(row))
  return row.map { ($0 - mean) / deviation }
}
