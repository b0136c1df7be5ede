import CTensorKernels
import Foundation
import Testing

/// The layer norm of rows and its derivative against doubles.
@Suite struct NormKernelTests {
  private static let shapes = [[1, 1], [3, 5], [4, 16], [70, 33], [300, 130], [2, 5000], [0, 4]]

  private struct Rows {
    let x: Block, weight: Block, bias: Block, out: Block, mean: Block, rstd: Block
    let wide: st_dtype

    init(_ kind: Kind, _ shape: [Int], weights: Kind? = nil) {
      var numbers = Numbers(shape[1])
      wide = kind == .float64 ? Kind.float64.dtype : Kind.float32.dtype
      x = Block(kind.dtype, shape) { _ in numbers.real(-3...5) }
      weight = Block((weights ?? kind).dtype, [shape[1]]) { _ in numbers.real() }
      bias = Block((weights ?? kind).dtype, [shape[1]], .strided) { _ in numbers.real() }
      out = Block(kind.dtype, shape)
      mean = Block(wide, [shape[0]])
      rstd = Block(wide, [shape[0]])
    }

    func run() {
      #expect(st_layer_norm(out.view, mean.view, rstd.view, x.view, weight.view, bias.view, 1e-5).code == ST_OK)
      for block in [out, mean, rstd] { #expect(block.isSoundOutside) }
    }
  }

  private func tolerance(_ kind: Kind) -> Double {
    switch kind {
    case .float16: 2e-3
    case .bfloat16: 1.6e-2
    case .float32: 4e-6
    default: 1e-13
    }
  }

  private func expectClose(_ values: [Double], _ expected: [Double], _ tolerance: Double, _ name: String) {
    let isClose = zip(values, expected).allSatisfy { abs($0 - $1) <= tolerance * (1 + abs($1)) }
    #expect(isClose && values.count == expected.count, "\(name)")
  }

  @Test(arguments: Kind.floats, shapes) func forward(kind: Kind, shape: [Int]) {
    let rows = Rows(kind, shape)
    rows.run()
    let (x, w, b) = (rows.x.values, rows.weight.values, rows.bias.values)
    var expected: [Double] = []
    for row in 0..<shape[0] {
      let values = x[(row * shape[1])..<((row + 1) * shape[1])]
      let mean = values.reduce(0, +) / Double(shape[1])
      let rstd = 1 / (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shape[1]) + 1e-5).squareRoot()
      expected += values.enumerated().map { ($1 - mean) * rstd * w[$0] + b[$0] }
      #expect(abs(rows.mean[row] - mean) < 1e-5)
      #expect(abs(rows.rstd[row] / rstd - 1) < 1e-5)
    }
    expectClose(rows.out.values, expected, tolerance(kind), "out")
  }

  @Test(arguments: Kind.floats, shapes) func backward(kind: Kind, shape: [Int]) {
    let rows = Rows(kind, shape, weights: kind == .bfloat16 ? .float32 : nil)
    rows.run()
    let (height, width) = (shape[0], shape[1])
    var numbers = Numbers(height)
    let gradient = Block(kind.dtype, shape) { _ in numbers.real() }
    let ofX = Block(kind.dtype, shape)
    let ofWeight = Block(rows.weight.dtype, [width])
    let ofBias = Block(rows.weight.dtype, [width])
    let status = st_layer_norm_backward(
      ofX.view, ofWeight.view, ofBias.view, gradient.view, rows.x.view, rows.mean.view, rows.rstd.view,
      rows.weight.view)
    #expect(status.code == ST_OK)
    let (x, g, w) = (rows.x.values, gradient.values, rows.weight.values)
    var expected: [Double] = []
    var (sums, plain) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    for row in 0..<height {
      let (mean, rstd) = (rows.mean[row], rows.rstd[row])
      let h = (0..<width).map { (x[row * width + $0] - mean) * rstd }
      let n = (0..<width).map { g[row * width + $0] * w[$0] }
      let level = n.reduce(0, +) / Double(width)
      let slope = zip(n, h).reduce(0) { $0 + $1.0 * $1.1 } / Double(width)
      for i in 0..<width {
        expected.append(rstd * (n[i] - level - h[i] * slope))
        sums[i] += g[row * width + i] * h[i]
        plain[i] += g[row * width + i]
      }
    }
    // A row of one element has a standard deviation of eps alone, which scales what cancels.
    let scale = width == 1 ? 1000.0 : 1
    expectClose(ofX.values, expected, tolerance(kind) * scale, "x")
    expectClose(ofWeight.values, sums, tolerance(kind) * 4, "weight")
    expectClose(ofBias.values, plain, tolerance(kind) * 4, "bias")
    for block in [ofX, ofWeight, ofBias] { #expect(block.isSoundOutside) }
  }

  /// What is not asked for is left out.
  @Test func missingOperands() {
    let rows = Rows(.float32, [3, 5])
    rows.run()
    let (gradient, out) = (Block(rows.x.dtype, [3, 5]) { Double($0) }, Block(rows.x.dtype, [5]))
    #expect(
      st_layer_norm(rows.out.view, Block.none, Block.none, rows.x.view, Block.none, Block.none, 1e-5).code == ST_OK)
    let status = st_layer_norm_backward(
      Block.none, Block.none, out.view, gradient.view, rows.x.view, rows.mean.view, rows.rstd.view, Block.none)
    #expect(status.code == ST_OK)
    #expect(out.values == [15, 18, 21, 24, 27])
    let integers = Block(Kind.int32.dtype, [2, 2])
    let refused = st_layer_norm(
      integers.view, Block.none, Block.none, integers.view, Block.none, Block.none, 1e-5)
    #expect(refused.code == ST_UNSUPPORTED_DTYPE)
  }

  @Test func threadsDoNotChangeBits() {
    let before = st_threads()
    defer { st_set_threads(before) }
    let results = [Int32(1), 2].map { threads in
      st_set_threads(threads)
      let rows = Rows(.float32, [3000, 130])
      rows.run()
      let outputs = [Block(rows.x.dtype, [3000, 130]), Block(rows.x.dtype, [130]), Block(rows.x.dtype, [130])]
      _ = st_layer_norm_backward(
        outputs[0].view, outputs[1].view, outputs[2].view, rows.x.view, rows.x.view, rows.mean.view, rows.rstd.view,
        rows.weight.view)
      return ([rows.out] + outputs).map(\.bytes)
    }
    #expect(results[0] == results[1])
  }
}
