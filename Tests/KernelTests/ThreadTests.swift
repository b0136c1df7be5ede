import CTensorKernels
import Foundation
import Synchronization
import Testing

@Suite(.serialized) struct ThreadTests {
  /// The bytes of results whose work is cut into chunks.
  private func results() -> [[UInt8]] {
    let count = 300_000
    let x = Memory(.float32, [count / 100, 100]), y = Memory(.float32, [count / 100, 100])
    let values = x.bytes.assumingMemoryBound(to: Float.self)
    for i in 0..<count { values[i] = Float((i &* 2_654_435_761) % 1_000_003) / 1_000_003 - 0.4 }
    var all: [[UInt8]] = []
    func keep(_ memory: Memory) {
      all.append(Array(UnsafeRawBufferPointer(start: memory.bytes, count: memory.count * memory.element.size)))
    }
    for op in [ST_EXP, ST_TANH, ST_SIN] {
      _ = st_unary(op, y.view, x.view, Element.float32.rawValue, nil)
      keep(y)
    }
    for op in [ST_SUM, ST_PROD, ST_AMAX, ST_VAR] {
      for shape in [[1, 1], [count / 100, 1], [1, 100]] {
        let result = Memory(.float32, shape)
        _ = st_reduce(op, result.view, x.view, 1)
        keep(result)
      }
    }
    let place = Memory(.int64, [1, 1]), extreme = Memory(.float32, [1, 1])
    _ = st_extremum(true, extreme.view, place.view, x.view, -1)
    keep(place)
    let transposed = Memory(.float32, [100, count / 100])
    st_copy(transposed.view, Memory.transposed(x))
    keep(transposed)
    return all
  }

  @Test func resultsDoNotDependOnThreads() {
    let before = st_threads()
    defer { st_set_threads(before) }
    st_set_threads(1)
    let alone = results()
    for threads in [2, 3, 7] {
      st_set_threads(Int32(threads))
      #expect(st_threads() == Int32(threads))
      for _ in 0..<3 { #expect(results() == alone) }
    }
  }

  @Test func callersDoNotDisturbEachOther() {
    let before = st_threads()
    defer { st_set_threads(before) }
    st_set_threads(3)
    let alone = results()
    let equal = Mutex(true)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      if results() != alone { equal.withLock { $0 = false } }
    }
    let allEqual = equal.withLock { $0 }
    #expect(allEqual)
  }

  /// So many chunks that the pool hands out several at a time: each has its own product.
  @Test func moreChunksThanParts() {
    let before = st_threads()
    defer { st_set_threads(before) }
    st_set_threads(2)
    let (products, depth) = (65_600, 65_536)
    let a = Memory(.float32, [products, 4, depth], strides: [0, depth, 1])
    let b = Memory(.float32, [products, depth, 4], strides: [0, 1, depth])
    let out = Memory(.float32, [products, 4, 4])
    for i in 0..<depth { a.floats[i] = 1 }
    for i in 0..<depth { b.floats[i] = 1 }
    #expect(st_matmul(out.view, a.view, b.view, st_view()).code == ST_OK)
    let isComplete = (0..<products).allSatisfy { p in
      (0..<16).allSatisfy { out.floats[16 * p + $0] == ($0 == 0 ? Float(depth) : 0) }
    }
    #expect(isComplete)
  }

  @Test func slotsBelongToThreads() {
    #expect(["avx512", "avx2", "neon", "baseline"].contains(String(cString: st_instruction_set())))
    let mine = st_thread_slot()!
    let other = Mutex(UInt(bitPattern: mine))
    let thread = Thread { other.withLock { $0 = UInt(bitPattern: st_thread_slot()!) } }
    thread.start()
    while !thread.isFinished { usleep(1000) }
    let theirs = other.withLock { $0 }
    #expect(theirs != UInt(bitPattern: mine))
  }
}

extension Memory {
  /// A view of a matrix with its dimensions swapped.
  ///
  /// The memory stays the matrix's.
  static func transposed(_ matrix: Memory) -> st_view {
    let swapped = UnsafeMutablePointer<Int>.allocate(capacity: 4)
    swapped[0] = matrix.shape[1]
    swapped[1] = matrix.shape[0]
    swapped[2] = matrix.strides[1]
    swapped[3] = matrix.strides[0]
    return st_view(
      data: matrix.bytes, shape: swapped, strides: swapped + 2, rank: 2, dtype: matrix.element.rawValue)
  }
}
