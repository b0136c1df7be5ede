import CTensorKernels
import Foundation
import Testing

@Suite struct SoftmaxKernelTests {
  /// Relative error of a result: exp's argument carries half a unit of float32 for each unit of the spread of a row.
  private func tolerance(_ kind: Kind) -> Double {
    switch kind {
    case .float16: 1e-3
    case .bfloat16: 8e-3
    case .float32: 3e-6
    default: 1e-14
    }
  }

  private func close(_ values: [Double], _ expected: [Double], _ tolerance: Double, floor: Double) -> Bool {
    zip(values, expected).allSatisfy { value, reference in
      value == reference || (value.isNaN && reference.isNaN)
        || abs(value - reference) <= tolerance * (abs(reference) + floor)
    }
  }

  /// Row by row in double.
  private func reference(_ logarithm: Bool, _ input: Block, _ dim: Int) -> [Double] {
    let values = input.values
    var results = values
    each(input.shape, dim) { places in
      let most = places.map { values[$0] }.max()!
      let sum = places.reduce(0) { $0 + exp(values[$1] - most) }
      for i in places { results[i] = logarithm ? values[i] - most - log(sum) : exp(values[i] - most) / sum }
    }
    return results
  }

  private func each(_ shape: [Int], _ dim: Int, _ body: ([Int]) -> Void) {
    let inner = shape[(dim + 1)...].reduce(1, *)
    let outer = shape[..<dim].reduce(1, *)
    for o in 0..<outer {
      for i in 0..<inner { body((0..<shape[dim]).map { (o * shape[dim] + $0) * inner + i }) }
    }
  }

  @Test(arguments: Kind.floats, Block.Layout.allCases) func forward(kind: Kind, layout: Block.Layout) {
    for shape in [[3, 5], [2, 37, 18], [4, 1], [1, 130]] {
      var numbers = Numbers(shape.count)
      let input = Block(kind.dtype, shape, layout) { _ in numbers.real(-8...8) }
      for dim in shape.indices {
        for logarithm in [false, true] {
          let out = Block(kind.dtype, shape, layout)
          #expect(st_softmax(logarithm, out.view, input.view, Int32(dim)).code == ST_OK)
          let expected = reference(logarithm, input, dim)
          #expect(
            close(out.values, expected, tolerance(kind), floor: logarithm ? 1 : 1e-4),
            "\(shape) dim \(dim) logarithm: \(logarithm)")
          #expect(out.isSoundOutside)
        }
      }
    }
  }

  @Test(arguments: Kind.floats, Block.Layout.allCases) func backward(kind: Kind, layout: Block.Layout) {
    let shape = [3, 21, 5]
    var numbers = Numbers(7)
    let input = Block(kind.dtype, shape) { _ in numbers.real(-3...3) }
    let gradient = Block(kind.dtype, shape, layout) { _ in numbers.real() }
    for dim in shape.indices {
      for logarithm in [false, true] {
        let result = Block(kind.dtype, shape, layout)
        _ = st_softmax(logarithm, result.view, input.view, Int32(dim))
        let out = Block(kind.dtype, shape, layout)
        #expect(st_softmax_backward(logarithm, out.view, gradient.view, result.view, Int32(dim)).code == ST_OK)
        let g = gradient.values
        let y = result.values
        var expected = g
        each(shape, dim) { places in
          let sum = places.reduce(0) { $0 + (logarithm ? g[$1] : g[$1] * y[$1]) }
          for i in places { expected[i] = logarithm ? g[i] - exp(y[i]) * sum : y[i] * (g[i] - sum) }
        }
        #expect(close(out.values, expected, tolerance(kind), floor: 1), "dim \(dim) logarithm: \(logarithm)")
        #expect(out.isSoundOutside)
      }
    }
  }

  /// Large inputs do not overflow; rows without a finite largest value give NaN, as do rows that hold one.
  @Test(arguments: Kind.floats) func extremes(kind: Kind) {
    func row(_ values: [Double], logarithm: Bool = false) -> [Double] {
      let input = Block(kind.dtype, [1, values.count], values: values)
      let out = Block(kind.dtype, [1, values.count])
      _ = st_softmax(logarithm, out.view, input.view, 1)
      return out.values
    }
    #expect(row([60000, 60000]) == [0.5, 0.5])
    #expect(row([0, -.infinity, 0]) == [0.5, 0, 0.5])
    #expect(row([0, -.infinity], logarithm: true) == [0, -.infinity])
    #expect(row([-.infinity, -.infinity]).allSatisfy { $0.isNaN })
    #expect(row([.infinity, 0]).allSatisfy { $0.isNaN })
    #expect(row([.nan, 0]).allSatisfy { $0.isNaN })
    #expect(row([0, .nan], logarithm: true).allSatisfy { $0.isNaN })
  }

  @Test func emptyZeroDimAndIntegers() {
    let empty = Block(Kind.float32.dtype, [0, 3])
    #expect(st_softmax(false, empty.view, empty.view, 0).code == ST_OK)
    #expect(st_softmax(false, empty.view, empty.view, 1).code == ST_OK)
    let scalar = Block(Kind.float32.dtype, []) { _ in 5 }
    #expect(st_softmax(false, scalar.view, scalar.view, 0).code == ST_OK)
    #expect(scalar[0] == 1)
    let integers = Block(Kind.int32.dtype, [2])
    #expect(st_softmax(false, integers.view, integers.view, 0).code == ST_UNSUPPORTED_DTYPE)
  }

  @Test func threadsDoNotChangeBits() {
    var numbers = Numbers(3)
    let input = Block(Kind.float32.dtype, [700, 130]) { _ in numbers.real(-5...5) }
    let before = st_threads()
    defer { st_set_threads(before) }
    let results = [Int32(1), 2].map { threads in
      st_set_threads(threads)
      return [0, 1].map { dim in
        let out = Block(Kind.float32.dtype, [700, 130])
        _ = st_softmax(false, out.view, input.view, Int32(dim))
        return out.bytes
      }
    }
    #expect(results[0] == results[1])
  }
}
