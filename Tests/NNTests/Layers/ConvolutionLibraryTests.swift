import CUDAEmulator
import Foundation
import NN
import TestSupport
import Testing

/// What computes convolutions on a GPU.
///
/// The tests count what the emulated libraries were asked, so each has a process of its own.
@Suite(
  "Convolutions and cuDNN",
  .enabled(if: CUDA.isAvailable && ProcessInfo.processInfo.environment["SWIFT_TENSOR_TEST_CUDA"] != "real"))
struct ConvolutionLibraryTests {
  typealias Case = ConvolutionTests.Case

  /// How many convolutions cuDNN has computed.
  static var convolutions: UInt64 {
    CUDA.synchronize()
    return st_emulator_get_counters().convolutions
  }

  /// A convolution and its gradients.
  static func results(_ test: Case, _ dtype: DType, _ device: Device = .cuda) -> [[Double]] {
    withDefaultDevice(device) {
      let leaves = [test.x, test.weight, [test.weight[0]]].enumerated().map { seed, shape in
        ConvolutionTests.operand(shape, dtype, seed: seed)
      }
      for leaf in leaves { leaf.requiresGrad() }
      let y = test.run(leaves[0], leaves[1], leaves[2])
      y.backward(gradient: ConvolutionTests.operand(y.shape, dtype, seed: 3))
      return [y.detach().doubles] + leaves.map { $0.grad!.doubles }
    }
  }

  @Test(
    "cuDNN computes convolutions of floats and their gradients, cuBLASLt those that are products as they stand",
    arguments: [false, true])
  func floats(isLazy: Bool) async {
    await #expect(processExitsWith: .success) { [isLazy = isLazy as Bool] in
      st_emulator_set_lazy(isLazy)
      st_emulator_set_strict(true)
      #expect(CUDA.properties()?.hasCuDNN == true)
      for test in ConvolutionTests.cases where test.x[0] > 0 {
        for dtype in [DType.float16, .bfloat16, .float32, .float64] {
          let before = Self.convolutions
          _ = Self.results(test, dtype)
          // A weight's gradient is a sum over images.
          let expected: UInt64 = test.isProduct ? 1 : 3
          let fault = String(cString: st_emulator_last_fault())
          #expect(Self.convolutions == before + expected, "\(test) \(dtype): \(fault)")
        }
      }
      let before = Self.convolutions
      _ = conv1d(Tensor.arange(9, device: .cuda).reshape(1, 1, 9), Tensor.ones(1, 1, 3, dtype: .int64, device: .cuda))
      #expect(Self.convolutions == before)
    }
  }

  @Test("left out or not there, it is not needed", arguments: ["by a call", "by the environment", "missing"])
  func without(how: String) async {
    await #expect(processExitsWith: .success) { [how = how as String] in
      switch how {
      case "by a call": CUDA.allowsCuDNN = false
      case "missing": st_cuda_set_resolver(st_emulator_without_cudnn)
      default: setenv("SWIFT_TENSOR_CUDA_NO_CUDNN", "1", 1)
      }
      #expect(CUDA.properties()?.hasCuDNN == (how != "missing"))
      // For cuBLASLt, and for the kernels.
      let tests = [
        Case(x: [3, 8, 6, 5], weight: [16, 8, 3, 3], padding: 1), Case(x: [2, 3, 5, 6], weight: [4, 3, 3, 2]),
      ]
      for test in tests {
        let pairs = zip(Self.results(test, .float64), Self.results(test, .float64, .cpu))
        for (own, expected) in pairs {
          expectClose(Tensor(own, dtype: .float64), expected, rtol: 1e-13, atol: 1e-13)
        }
      }
      #expect(Self.convolutions == 0 && st_emulator_get_counters().products > 0)
    }
  }

  @Test("float32 keeps all bits of its factors, unless TF32 is allowed")
  func tf32() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.full([1, 1, 4, 4], 1 + 0x1p-12, device: .cuda)
      let weight = Tensor.ones(1, 1, 1, 1, device: .cuda)
      #expect(conv2d(x, weight).doubles == x.doubles)
      CUDA.allowsTF32 = true
      #expect(conv2d(x, weight).doubles == Tensor.ones(16).doubles)
      CUDA.allowsTF32 = false
      #expect(conv2d(x, weight).doubles == x.doubles && Self.convolutions == 3)
    }
  }

  @Test("a graph replays a convolution on new images", arguments: [0, 1])
  func graph(warmups: Int) async {
    await #expect(processExitsWith: .success) { [warmups = warmups as Int] in
      let x = Tensor.ones(1, 1, 3, 3, device: .cuda)
      let weight = Tensor.ones(1, 1, 2, 2, device: .cuda, requiresGrad: true)
      let bias = Tensor([0.5], device: .cuda)
      let (graph, result) = CUDA.graph(warmups: warmups) {
        weight.grad = nil
        let y = conv2d(x, weight, bias)
        y.backward(gradient: y.detach())
        return y.detach()
      }
      let replays = try #require(graph)
      x.fill(2)
      let before = Self.convolutions
      replays.replay()
      expectEqual(result, [8.5, 8.5, 8.5, 8.5])
      expectEqual(weight.grad!, [68, 68, 68, 68])
      #expect(Self.convolutions == before + 2)
    }
  }

  @Test("a transposed convolution whose result no convolution reads to its end goes by the other ways")
  func outputPadding() async {
    await #expect(processExitsWith: .success) {
      let (x, weight) = (ConvolutionTests.operand([2, 3, 4, 5]), ConvolutionTests.operand([3, 2, 2, 2], seed: 1))
      let expected = convTranspose2d(x, weight, outputPadding: 1, dilation: 2)
      expectClose(
        convTranspose2d(x.to(.cuda), weight.to(.cuda), outputPadding: 1, dilation: 2), expected.doubles, rtol: 1e-13)
      #expect(Self.convolutions == 0)
      _ = convTranspose2d(x.to(.cuda), weight.to(.cuda), stride: 2, outputPadding: 1)
      #expect(Self.convolutions == 1)
    }
  }

  @Test("addresses that its kernels may not read, and exhausted memory, leave convolutions to the other ways")
  func fallsBack() async {
    await #expect(processExitsWith: .success) {
      let x = Tensor.arange(17.0, device: .cuda)[1...].reshape(1, 1, 4, 4)
      let weight = Tensor.ones(1, 1, 2, 2, device: .cuda)
      let sums = [14.0, 18, 22, 30, 34, 38, 46, 50, 54]
      expectEqual(conv2d(x, weight), sums)
      #expect(Self.convolutions == 0)
      let aligned = x.clone()
      CUDA.emptyCache()
      // The result finds memory, no algorithm's workspace does, nor when tried again.
      st_emulator_inject_out_of_memory(1, 4)
      let y = conv2d(aligned, weight)
      st_emulator_inject_out_of_memory(0, 0)
      expectEqual(y, sums)
      #expect(Self.convolutions == 0)
      expectEqual(conv2d(aligned, weight), sums)
      #expect(Self.convolutions == 1)
    }
  }

  @Test("where an algorithm's memory is not to be had, one that needs less is taken, in a recording too")
  func needsLess() async {
    await #expect(processExitsWith: .success) {
      let (x, weight) = (Tensor.ones(1, 1, 4, 4, device: .cuda), Tensor.ones(1, 1, 2, 2, device: .cuda))
      CUDA.emptyCache()
      st_emulator_inject_out_of_memory(1, 2)
      expectEqual(conv2d(x, weight), [Double](repeating: 4, count: 9))
      #expect(Self.convolutions == 1)
      let other = Tensor.ones(1, 1, 3, 3, device: .cuda)
      let (graph, y) = CUDA.graph(warmups: 0) {
        st_emulator_inject_out_of_memory(1, 1)
        return conv2d(other, weight)
      }
      other.fill(2)
      try #require(graph).replay()
      expectEqual(y, [8, 8, 8, 8])
      #expect(Self.convolutions == 2)
    }
  }

  @Test("a failure of the library's is the convolution's error")
  func failures() async {
    await #expect(processExitsWith: .success) {
      let (x, weight) = (Tensor.ones(1, 1, 4, 4, device: .cuda), Tensor.ones(1, 1, 2, 2, device: .cuda))
      CUDA.synchronize()
      st_emulator_inject_error(1)
      expectError(.device, "convolution", "cuDNN failed with 5000") { _ = conv2d(x, weight) }
    }
  }

  @Test("several GPUs have handles of their own, and threads share one")
  func devicesAndThreads() async {
    await #expect(processExitsWith: .success) {
      DispatchQueue.concurrentPerform(iterations: 32) { i in
        withDefaultDevice(.cuda(i % 2)) {
          let n = i / 2 % 4 + 2
          let y = conv2d(Tensor.ones(1, 2, n, n), Tensor.ones(3, 2, 2, 2), padding: 1)
          expectEqual(y.sum(), [Double(3 * 2 * 4 * n * n)])
        }
      }
      #expect(Self.convolutions == 32)
    }
  }
}
