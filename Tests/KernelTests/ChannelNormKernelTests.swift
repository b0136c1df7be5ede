import CTensorKernels
import Foundation
import Testing

/// What the kernels of norms and losses promise beside their values: the same bits for any number of threads, memory
/// outside their operands left alone, and outputs written past the caches.
@Suite struct ChannelNormKernelTests {
  /// The bytes of what `body` writes, with one thread and with two.
  private func expectSameBits(_ body: () -> [Block]) {
    let before = st_threads()
    defer { st_set_threads(before) }
    let results = [Int32(1), 2].map { threads -> [[UInt8]] in
      st_set_threads(threads)
      let blocks = body()
      for block in blocks { #expect(block.isSoundOutside) }
      return blocks.map(\.bytes)
    }
    #expect(results[0] == results[1])
  }

  private func block(_ shape: [Int], _ range: ClosedRange<Double> = -3...3, seed: Int = 1) -> Block {
    var numbers = Numbers(seed)
    return Block(Kind.float32.dtype, shape) { _ in numbers.real(range) }
  }

  @Test(arguments: [[6, 40, 300], [3000, 70, 1], [5, 3, 7]]) func batchNorm(shape: [Int]) {
    let (x, g) = (block(shape), block(shape, seed: 2))
    let weight = block([shape[1]], 0.5...2)
    expectSameBits {
      let out = block(shape), ofX = block(shape)
      let (mean, rstd, ofWeight, ofBias) = (block([shape[1]]), block([shape[1]]), block([shape[1]]), block([shape[1]]))
      let running = [block([shape[1]]), block([shape[1]], 0...1)]
      let status = st_batch_norm(
        out.view, mean.view, rstd.view, running[0].view, running[1].view, x.view, weight.view, weight.view, true, 0.1,
        1e-5)
      #expect(status.code == ST_OK)
      let backward = st_batch_norm_backward(
        ofX.view, ofWeight.view, ofBias.view, g.view, x.view, mean.view, rstd.view, weight.view, true)
      #expect(backward.code == ST_OK)
      return [out, ofX, mean, rstd, ofWeight, ofBias] + running
    }
  }

  @Test func groupNorm() {
    let shape = [6, 40, 300]
    let (x, g, weight) = (block(shape), block(shape, seed: 2), block([40], 0.5...2))
    expectSameBits {
      let out = block(shape), ofX = block(shape)
      let (mean, rstd, ofWeight, ofBias) = (block([6, 8]), block([6, 8]), block([40]), block([40]))
      #expect(st_group_norm(out.view, mean.view, rstd.view, x.view, weight.view, weight.view, 8, 1e-5).code == ST_OK)
      let backward = st_group_norm_backward(
        ofX.view, ofWeight.view, ofBias.view, g.view, x.view, mean.view, rstd.view, weight.view, 8)
      #expect(backward.code == ST_OK)
      return [out, ofX, mean, rstd, ofWeight, ofBias]
    }
  }

  @Test func crossEntropy() {
    let x = block([700, 130, 1])
    let target = Block(Kind.int64.dtype, [700, 1]) { Double($0 % 7 == 0 ? -100 : $0 % 130) }
    let options = st_cross_entropy_options(
      ignore_index: -100, label_smoothing: 0.1, reduction: Int32(ST_LOSS_MEAN), log_probabilities: false)
    expectSameBits {
      let (loss, total, statistics, ofX) = (block([1]), block([1]), block([700, 1, 2]), block([700, 130, 1]))
      let status = st_cross_entropy(
        loss.view, total.view, statistics.view, x.view, target.view, Block.none, options)
      #expect(status.code == ST_OK)
      let backward = st_cross_entropy_backward(
        ofX.view, loss.view, total.view, statistics.view, x.view, target.view, Block.none, options)
      #expect(backward.code == ST_OK)
      return [loss, total, statistics, ofX]
    }
  }

  @Test func classesOutOfBounds() {
    let x = block([2, 3, 1])
    let target = Block(Kind.int64.dtype, [2, 1]) { $0 == 0 ? 1 : 7 }
    let options = st_cross_entropy_options(
      ignore_index: -100, label_smoothing: 0, reduction: Int32(ST_LOSS_SUM), log_probabilities: false)
    let status = st_cross_entropy(
      block([1]).view, Block.none, Block.none, x.view, target.view, Block.none, options)
    #expect(status.code == ST_INDEX_OUT_OF_RANGE && status.operand == Int32(ST_CLASS_OPERAND))
    #expect(status.value == 7 && status.limit == 3)
    // Its derivative leaves such a row out.
    let (ofX, statistics) = (block([2, 3, 1]), block([2, 1, 2]))
    let backward = st_cross_entropy_backward(
      ofX.view, block([1]).view, Block.none, statistics.view, x.view, target.view, Block.none, options)
    #expect(backward.code == ST_OK && ofX.values[3...] == [0, 0, 0])
  }

  /// Outputs of more than 16 MB, of rows that begin anywhere.
  @Test func pastTheCaches() {
    let (rows, columns) = (2100, 2049)
    let x = block([rows, columns])
    let out = block([rows, columns])
    func sample(_ body: ([Double]) -> [Double]) -> Bool {
      [0, 1, 777, rows - 1].allSatisfy { row in
        let places = (row * columns)..<((row + 1) * columns)
        let expected = body(places.map { x[$0] })
        return zip(places, expected).allSatisfy { abs(out[$0] - $1) <= 1e-5 * (1 + abs($1)) }
      }
    }
    _ = st_softmax(false, out.view, x.view, 1)
    #expect(
      sample { row in
        let sum = row.reduce(0) { $0 + exp($1) }
        return row.map { exp($0) / sum }
      })
    _ = st_softmax(true, out.view, x.view, 1)
    #expect(
      sample { row in
        let logarithm = log(row.reduce(0) { $0 + exp($1) })
        return row.map { $0 - logarithm }
      })
    #expect(st_rms_norm(out.view, Block.none, x.view, Block.none, 0).code == ST_OK)
    #expect(
      sample { row in
        let root = (row.reduce(0) { $0 + $1 * $1 } / Double(columns)).squareRoot()
        return row.map { $0 / root }
      })
    #expect(out.isSoundOutside)
  }
}
