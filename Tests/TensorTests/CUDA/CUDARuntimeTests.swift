import CUDAEmulator
import Foundation
import Tensor
import TestSupport
import Testing

/// What a GPU's runtime promises: memory, several devices, graphs, errors that come late.
@Suite("GPU runtime", .enabled(if: CUDA.isAvailable))
struct CUDARuntimeTests {
  @Test("properties say what the driver does")
  func properties() throws {
    let properties = try #require(CUDA.properties())
    #expect(!properties.name.isEmpty && properties.multiprocessorCount > 0 && properties.totalMemory > 0)
    expectError(.device, "properties", ".cpu") { _ = CUDA.properties(.cpu) }
  }

  @Test("memory is counted while tensors live, and given back")
  func memory() async {
    await #expect(processExitsWith: .success) {
      let before = CUDA.memoryAllocated()
      var x: Tensor? = Tensor.zeros(1 << 18, device: .cuda)
      #expect(CUDA.memoryAllocated() >= before + (1 << 20))
      #expect(CUDA.maxMemoryAllocated() >= CUDA.memoryAllocated() && CUDA.memoryReserved() >= CUDA.memoryAllocated())
      keep(x)
      x = nil
      #expect(CUDA.memoryAllocated() == before)
      CUDA.emptyCache()
      CUDA.resetPeakMemoryStats()
      #expect(CUDA.maxMemoryAllocated() == before)
      let (free, total) = CUDA.memoryInfo()
      #expect(0 < free && free <= total)
    }
  }

  @Test(
    "copies go between devices, views and dtypes included",
    .enabled(if: CUDA.deviceCount > 1, "one GPU only"))
  func devices() throws {
    let x = Tensor.arange(12.0, device: .cuda).reshape(3, 4)
    let y = x.t().to(.cuda(1))
    #expect(y.device == .cuda(1))
    expectEqual(y, [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    let z = Tensor.zeros(4, 3, dtype: .float64, device: .cuda)
    z.copy(from: y)
    expectEqual(z, y.doubles)
    expectError(.device, "same device", ".cuda(0)", ".cuda(1)") { _ = z + y }
  }

  @Test("zero-dim tensors in main memory go with a GPU's")
  func numbers() {
    let x = Tensor([1.0, 2], device: .cuda)
    expectEqual(x * Tensor(3.0, device: .cpu) + 1, [4, 7])
    expectError(.device, "same device") { _ = x + Tensor([1.0, 2], device: .cpu) }
  }

  @Test("what kernels meet is raised by a later call, with the name of its operation")
  func faults() {
    let x = Tensor.arange(6.0, device: .cuda)
    expectError(.index, "indexSelect", "index 9 is out of bounds for dimension 0 with size 6") {
      _ = x.indexSelect(dim: 0, index: Tensor([0, 9], device: .cuda))
    }
    expectError(.value, "integer division by zero") {
      _ = Tensor([4, 6], device: .cuda).floorDivide(Tensor([2, 0], device: .cuda))
    }
    // The device goes on.
    expectEqual(x.sum(), [15])
  }

  // A recording takes in the work of all threads: these have a process of their own.

  @Test("a graph replays its work on the same tensors, and draws on")
  func graph() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor([1.0, 2, 3], device: .cuda)
      let total = Tensor.zeros(3, device: .cuda)
      let (graph, y) = CUDA.graph(warmups: 1) {
        let y = x * 2 + 1
        total.copy(from: total + y)
        return y
      }
      let replays = try #require(graph)
      expectEqual(total, [3, 5, 7])
      replays.replay()
      expectEqual(y, [3, 5, 7])
      x.copy(from: Tensor([0.0, 0, 10], device: .cuda))
      replays.replay()
      expectEqual(y, [1, 1, 21])
      expectEqual(total, [7, 11, 35])

      let generator = Generator(seed: 3, device: .cuda)
      let draws = withGenerator(generator) { CUDA.graph(warmups: 0) { Tensor.rand(4, device: .cuda) } }
      let other = Generator(seed: 3, device: .cuda)
      for _ in 0..<3 {
        draws.graph?.replay()
        expectEqual(draws.result, Tensor.rand(4, device: .cuda, generator: other).doubles)
      }
    }
  }

  @Test("reading a value while recording is an error, and the device goes on")
  func waitingInAGraph() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor([1.0], device: .cuda)
      expectError(.device, "record") { _ = CUDA.graph(warmups: 0) { x.item() } }
      expectEqual(x + 1, [2])
    }
  }

  @Test("events measure time")
  func events() {
    let (start, end) = (CUDA.Event(), CUDA.Event())
    start.record()
    keep(Tensor.ones(8, device: .cuda) + 1)
    end.record()
    #expect(start.elapsedTime(until: end) >= 0)
  }

  @Test("exhausted memory is an error with its figures, and the program goes on")
  func outOfMemory() async {
    await #expect(processExitsWith: .success) {
      guard ProcessInfo.processInfo.environment["SWIFT_TENSOR_TEST_CUDA"] != "real" else { return }
      let x = Tensor.ones(4, device: .cuda)
      // The first failure is mended by giving kept memory back, the next is not.
      st_emulator_inject_out_of_memory(0, 1)
      expectEqual(x + Tensor.ones(4, device: .cuda), [2, 2, 2, 2])
      st_emulator_inject_out_of_memory(0, 100)
      expectError(.memory, "out of memory", "were asked for on .cuda(0)", "are in use by tensors") {
        _ = Tensor.zeros(1 << 20, device: .cuda)
      }
      st_emulator_inject_out_of_memory(0, 0)
      expectEqual(x * 2, [2, 2, 2, 2])
    }
  }

  @Test("a lost device says which kernels ran last, at every call")
  func lostDevice() async {
    await #expect(processExitsWith: .success) {
      guard ProcessInfo.processInfo.environment["SWIFT_TENSOR_TEST_CUDA"] != "real" else { return }
      let x = Tensor.ones(4, device: .cuda)
      CUDA.synchronize()
      st_emulator_inject_error(719)
      for _ in 0..<2 {
        expectError(.device, "719", "elementwise_vectors") { _ = (x + x).sum().item() }
      }
      expectEqual(Tensor.ones(2, device: .cuda(1)) + 1, [2, 2])
    }
  }

  @Test("kernels find stray reads of each other's memory in three orders of their threads", arguments: 0..<3)
  func schedules(schedule: Int) async {
    await #expect(processExitsWith: .success) { [schedule = schedule as Int] in
      guard ProcessInfo.processInfo.environment["SWIFT_TENSOR_TEST_CUDA"] != "real" else { return }
      st_emulator_set_schedule(st_emulator_schedule(UInt32(schedule)))
      st_emulator_set_lazy(true)
      let x = Tensor.arange(3000.0, device: .cuda).reshape(3, 1000)
      let reference = x.cpu()
      expectClose(x.softmax(dim: 1).sum(dim: 0), reference.softmax(dim: 1).sum(dim: 0).doubles, atol: 1e-6)
      expectClose(x.matmul(x.t()), reference.matmul(reference.t()).doubles, rtol: 1e-5)
      expectEqual(x.sort(dim: 1, descending: true).indices[0][..<3], [999, 998, 997])
      expectEqual((x .> 2990).nonzero().shape.map(Double.init).count == 2 ? Tensor(1.0) : Tensor(0.0), [1])
    }
  }
}

/// Uses a value, so that it lives until here.
@inline(never)
private func keep<Value>(_ value: Value) {}
