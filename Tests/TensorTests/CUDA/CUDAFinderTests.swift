import CTensorCUDA
import Foundation
import Synchronization
import Tensor
import TestSupport
import Testing

/// What a machine may look like, played by a stand-in for the libraries.
private enum Machine: Int {
  case withoutDriver, withoutCompiler, refusing, empty, old, full
}

private let machine = Atomic<Int>(Machine.full.rawValue)
private let startCount = Atomic<Int>(0)

/// Answers for the libraries as the machine under test would.
private func standIn(_ library: st_cuda_library, _ symbol: UnsafePointer<CChar>?) -> UnsafeMutableRawPointer? {
  let present = UnsafeMutableRawPointer(bitPattern: 1)
  let machine = Machine(rawValue: machine.load(ordering: .sequentiallyConsistent))!
  guard let symbol else {
    if machine == .withoutDriver && library == ST_CUDA_DRIVER { return nil }
    if machine == .withoutCompiler && library == ST_CUDA_NVRTC { return nil }
    return present
  }
  typealias Init = @convention(c) (UInt32) -> Int32
  typealias Count = @convention(c) (UnsafeMutablePointer<Int32>) -> Int32
  typealias Text = @convention(c) (Int32, UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Int32
  switch String(cString: symbol) {
  case "cuInit":
    let start: Init = { _ in
      startCount.add(1, ordering: .relaxed)
      return Machine(rawValue: TensorTests.machine.load(ordering: .sequentiallyConsistent)) == .refusing ? 804 : 0
    }
    return unsafeBitCast(start, to: UnsafeMutableRawPointer.self)
  case "cuDeviceGetCount":
    if machine == .old { return nil }
    let none: Count = { count in
      count.pointee = 0
      return 0
    }
    let two: Count = { count in
      count.pointee = 2
      return 0
    }
    return unsafeBitCast(machine == .empty ? none : two, to: UnsafeMutableRawPointer.self)
  case "cuGetErrorName":
    let name: Text = { _, text in
      text.pointee = UnsafePointer(strdup("CUDA_ERROR_STAND_IN"))
      return 0
    }
    return unsafeBitCast(name, to: UnsafeMutableRawPointer.self)
  default: return nil
  }
}

@Suite("Finding CUDA", .serialized)
struct CUDAFinderTests {
  private func with<Result>(_ kind: Machine, _ body: () throws -> Result) rethrows -> Result {
    machine.store(kind.rawValue, ordering: .sequentiallyConsistent)
    st_cuda_set_resolver(standIn)
    defer { st_cuda_set_resolver(nil) }
    return try body()
  }

  @Test(
    "a missing or unusable part is named",
    arguments: [
      (Machine.withoutDriver, "no driver library could be loaded"),
      (.withoutCompiler, "no NVRTC library could be loaded"),
      (.refusing, "cuInit failed with 804 (CUDA_ERROR_STAND_IN: no text)"),
      (.empty, "the driver reports no device"),
      (.old, "the driver is too old: it does not export cuDeviceGetCount"),
    ])
  private func failures(kind: Machine, text: String) throws {
    try with(kind) {
      let reason = try #require(CUDA.unavailableReason)
      #expect(reason.contains(text), "\(reason)")
      #expect(reason.contains("driver:\n  resolver:"), "\(reason)")
      #expect(!CUDA.isAvailable)
      #expect(CUDA.deviceCount == 0)
    }
  }

  @Test("GPUs without a backend are reported, not offered")
  func foundButUnused() throws {
    try with(.full) {
      #expect(st_cuda_device_count() == 2)
      #expect(!CUDA.isAvailable)
      let reason = try #require(CUDA.unavailableReason)
      #expect(reason.contains("2 CUDA device(s) were found, but this version of the library has no CUDA backend"))
      #expect(reason.contains("NVRTC:\n  resolver: loaded"))
    }
  }

  @Test("symbols come from the library, none from a missing one")
  func symbols() {
    with(.full) {
      #expect(st_cuda_symbol(ST_CUDA_DRIVER, "cuInit") != nil)
      #expect(st_cuda_symbol(ST_CUDA_DRIVER, "cuNoSuchFunction") == nil)
    }
    with(.withoutDriver) { #expect(st_cuda_symbol(ST_CUDA_DRIVER, "cuInit") == nil) }
  }

  @Test("the search runs once, from whatever threads ask")
  func once() {
    startCount.store(0, ordering: .relaxed)
    with(.full) {
      DispatchQueue.concurrentPerform(iterations: 32) { _ in _ = CUDA.isAvailable }
      #expect(startCount.load(ordering: .relaxed) == 1)
    }
  }

  @Test("moving to a GPU that is not there is an error that says why")
  func move() {
    with(.withoutDriver) {
      expectError(.device, ".cuda(0) is not available", "no driver library", "resolver: not there") {
        _ = apply(Move(device: .cuda), .make([1, 2], [2]))
      }
    }
  }

  @Test("the search for the real libraries lists every path it tried")
  func realSearch() async throws {
    let result = try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
      setenv("SWIFT_TENSOR_CUDA_DRIVER", "/nowhere/libcuda.so.1", 1)
      setenv("SWIFT_TENSOR_CUDA_NVRTC", "libm.so.6", 1)
      setenv("CUDA_HOME", "/nowhere/cuda", 1)
      unsetenv("SWIFT_TENSOR_CUDA_LIBRARIES")
      print(CUDA.unavailableReason ?? "nil")
    }
    let text = String(decoding: result.standardOutputContent, as: UTF8.self)
    #expect(text.contains("/nowhere/libcuda.so.1: no such file"), "\(text)")
    // A driver or compiler that is there ends its library's list early.
    if !text.contains("NVRTC:\n  /") || text.contains("does not export") {
      #expect(text.contains("libm.so.6: does not export nvrtcVersion"), "\(text)")
      #expect(text.contains("/nowhere/cuda/lib64/libnvrtc.so.13: no such file"), "\(text)")
      #expect(text.contains("/usr/local/nvidia/lib64/libnvrtc.so"), "\(text)")
    }
    #expect(!text.contains("/stubs/"))
  }
}
