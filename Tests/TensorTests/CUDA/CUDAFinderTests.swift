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

/// Runs in a process of its own: the library looks for CUDA once in a process.
private func play(_ kind: Int) {
  machine.store(kind, ordering: .sequentiallyConsistent)
  st_cuda_set_resolver(standIn)
}

@Suite("Finding CUDA")
struct CUDAFinderTests {
  @Test(
    "a missing or unusable part is named",
    arguments: [
      (Machine.withoutDriver, "no driver library could be loaded"),
      (.withoutCompiler, "no NVRTC library could be loaded"),
      (.refusing, "cuInit failed with 804 (CUDA_ERROR_STAND_IN: no text)"),
      (.empty, "the driver reports no device"),
      (.old, "the driver is too old: it does not export cuDeviceGetCount"),
    ])
  private func failures(kind: Machine, text: String) async {
    await #expect(processExitsWith: .success) { [number = kind.rawValue as Int, text = text as String] in
      play(number)
      let reason = try #require(CUDA.unavailableReason)
      #expect(reason.contains(text), "\(reason)")
      #expect(reason.contains("driver:\n  resolver:"), "\(reason)")
      #expect(!CUDA.isAvailable)
      #expect(CUDA.deviceCount == 0)
    }
  }

  @Test("GPUs that cannot be opened are an error that says what the driver answered")
  func unusable() async {
    await #expect(processExitsWith: .success) {
      play(Machine.full.rawValue)
      #expect(CUDA.isAvailable && CUDA.deviceCount == 2)
      expectError(.device, ".cuda(0) cannot be opened") { _ = Tensor.zeros(2, device: .cuda) }
      expectError(.device, ".cuda(2) is not available: there are 2 CUDA devices") {
        _ = Tensor.zeros(2, device: .cuda(2))
      }
    }
  }

  @Test("symbols come from the library, none from a missing one")
  func symbols() async {
    await #expect(processExitsWith: .success) {
      play(Machine.full.rawValue)
      #expect(st_cuda_symbol(ST_CUDA_DRIVER, "cuInit") != nil)
      #expect(st_cuda_symbol(ST_CUDA_DRIVER, "cuNoSuchFunction") == nil)
      play(Machine.withoutDriver.rawValue)
      #expect(st_cuda_symbol(ST_CUDA_DRIVER, "cuInit") == nil)
    }
  }

  @Test("the search runs once, from whatever threads ask")
  func once() async {
    await #expect(processExitsWith: .success) {
      play(Machine.full.rawValue)
      startCount.store(0, ordering: .relaxed)
      DispatchQueue.concurrentPerform(iterations: 32) { _ in _ = CUDA.isAvailable }
      #expect(startCount.load(ordering: .relaxed) == 1)
    }
  }

  @Test("moving to a GPU that is not there is an error that says why")
  func move() async {
    await #expect(processExitsWith: .success) {
      play(Machine.withoutDriver.rawValue)
      expectError(.device, ".cuda(0) is not available", "no driver library", "resolver: not there") {
        _ = Tensor.zeros(2).to(.cuda)
      }
    }
  }

  @Test("the search for the real libraries lists every path it tried")
  func realSearch() async throws {
    let result = try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
      st_cuda_set_resolver(nil)
      setenv("SWIFT_TENSOR_CUDA_DRIVER", "/nowhere/libcuda.so.1", 1)
      setenv("SWIFT_TENSOR_CUDA_NVRTC", "libm.so.6", 1)
      setenv("SWIFT_TENSOR_CUDA_CUDNN", "/nowhere/libcudnn.so.9", 1)
      setenv("CUDA_HOME", "/nowhere/cuda", 1)
      unsetenv("SWIFT_TENSOR_CUDA_LIBRARIES")
      print(CUDA.unavailableReason ?? "nil")
    }
    let text = String(decoding: result.standardOutputContent, as: UTF8.self)
    // On a machine with a GPU the driver is found all the same.
    if text.contains("no driver") {
      #expect(text.contains("/nowhere/libcuda.so.1: no such file"), "\(text)")
      #expect(text.contains("libm.so.6: does not export nvrtcVersion"), "\(text)")
      #expect(text.contains("/nowhere/cuda/lib64/libcuda.so.1: no such file"), "\(text)")
      #expect(text.contains("/usr/local/nvidia/lib64/libcuda.so.1: no such file"), "\(text)")
      // It may lie elsewhere.
      let tried = try #require(text.split(separator: "cuDNN:").last)
      #expect(tried.contains("/nowhere/libcudnn.so.9: no such file") || tried.contains(": loaded"), "\(text)")
    }
    #expect(!text.contains("/stubs/"))
  }
}
