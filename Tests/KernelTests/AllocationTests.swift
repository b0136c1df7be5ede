import CTensorKernels
import Foundation
import Synchronization
import Testing

/// Sizes are such that no test beside these asks for them.
@Suite(.serialized, .enabled(if: st_memory_cache_limit() > 0)) struct AllocationTests {
  private func address(_ block: UnsafeMutableRawPointer?) -> UInt { UInt(bitPattern: block) }

  @Test(arguments: [0, 1, 8, 1000, 1001, 1024, 5000, 131_000, 131_072, 1_000_000, 2 << 20, 40_000_000])
  func blocksAreAlignedAndWhole(bytes: Int) {
    let block = st_allocate(bytes)!
    let alignment: UInt = bytes <= 1000 ? 16 : bytes < 2 << 20 ? 64 : 2 << 20
    #expect(address(block) % alignment == 0)
    memset(block, 0xA5, bytes)
    st_free(block)
  }

  // Else a kernel's loads may seem to read what it wrote a moment ago, and wait.
  @Test func blocksLieApartByMultiplesOf512() {
    let blocks = [1001, 1500, 4000, 4096, 70_000].flatMap { bytes in (0..<3).map { _ in st_allocate(bytes)! } }
    #expect(Set(blocks.map { address($0) % 512 }).count == 1)
    for block in blocks { st_free(block) }
  }

  @Test func impossibleSizesAreRefused() {
    #expect(st_allocate(Int.max) == nil)
    #expect(st_allocate(1 << 46) == nil)
    st_free(nil)
  }

  @Test(arguments: [77_777, 77_777_777]) func freedBlocksAreReused(bytes: Int) {
    let first = st_allocate(bytes)!
    let place = address(first)
    st_free(first)
    let second = st_allocate(bytes)!
    #expect(address(second) == place)
    let third = st_allocate(bytes)!
    #expect(address(third) != place)
    st_free(second)
    st_free(third)
  }

  @Test func largeBlocksServeSlightlySmallerRequests() {
    let first = st_allocate(99_000_000)!
    let place = address(first)
    st_free(first)
    let smaller = st_allocate(90_000_000)!
    #expect(address(smaller) == place)
    let half = st_allocate(45_000_000)!
    st_free(half)
    st_free(smaller)
  }

  @Test func theOldestLeaveWhenTheLimitIsReached() {
    let before = st_memory_cache_limit()
    defer { st_set_memory_cache_limit(before) }
    st_empty_cache()
    let blocks = (0..<4).map { _ in st_allocate(80 << 20)! }
    st_set_memory_cache_limit(250 << 20)
    for block in blocks { st_free(block) }
    #expect(st_cached_memory() >= 240 << 20 && st_cached_memory() <= 250 << 20 + 64 << 20)
    // The first to be freed has left.
    let again = (0..<3).map { _ in address(st_allocate(80 << 20)) }
    #expect(again == blocks[1...].reversed().map { address($0) })
    for place in again { st_free(UnsafeMutableRawPointer(bitPattern: place)) }
    st_set_memory_cache_limit(100 << 20)
    #expect(st_cached_memory() <= 164 << 20)
    // What is larger than the limit is not kept.
    st_empty_cache()
    st_free(st_allocate(120 << 20))
    #expect(st_cached_memory() < 100 << 20)
  }

  @Test func emptyingGivesAllBack() {
    let large = st_allocate(70 << 20)!, small = st_allocate(70_000)!
    st_free(large)
    st_free(small)
    #expect(st_cached_memory() >= 70 << 20)
    st_empty_cache()
    #expect(st_cached_memory() < 64 << 20)
  }

  @Test func blocksMadeWithoutACacheAreNeverKept() {
    let before = st_memory_cache_limit()
    defer { st_set_memory_cache_limit(before) }
    st_set_memory_cache_limit(0)
    #expect(st_memory_cache_limit() == 0)
    // Of its exact size, which is less than its class's.
    let exact = st_allocate(66_000_001)!
    st_set_memory_cache_limit(before)
    st_empty_cache()
    st_free(exact)
    #expect(st_cached_memory() < 64 << 20)
  }

  @Test func threadsMayShareBlocks() {
    // Each block is filled by the thread that makes it and checked by the one that frees it.
    final class Slot: Sendable {
      let held = Mutex<(block: UInt, bytes: Int, mark: UInt8)?>(nil)
    }
    let slots = (0..<64).map { _ in Slot() }
    let isWhole = Mutex(true)
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      var state = UInt64(thread + 1)
      func random(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
      }
      for step in 0..<2000 {
        let bytes = 1 + random(1 << (4 + random(16))), mark = UInt8(truncatingIfNeeded: step)
        let block = st_allocate(bytes)!
        memset(block, Int32(mark), bytes)
        let old = slots[random(64)].held.withLock { slot in
          defer { slot = (UInt(bitPattern: block), bytes, mark) }
          return slot
        }
        guard let old, let kept = UnsafeMutableRawPointer(bitPattern: old.block) else { continue }
        let ends = [kept.load(as: UInt8.self), kept.load(fromByteOffset: old.bytes - 1, as: UInt8.self)]
        if ends != [old.mark, old.mark] { isWhole.withLock { $0 = false } }
        st_free(kept)
        if step % 500 == 499 { st_empty_cache() }
      }
    }
    for slot in slots {
      slot.held.withLock { if let old = $0 { st_free(UnsafeMutableRawPointer(bitPattern: old.block)) } }
    }
    let allWhole = isWhole.withLock { $0 }
    #expect(allWhole)
  }
}
