import CUDAEmulator
import Foundation
import Testing

/// Every kernel through the real NVRTC, for every architecture: Tests/CUDAKernels/compile runs these.
///
/// `SWIFT_TENSOR_TEST_NVRTC` is the compiler's library, `SWIFT_TENSOR_TEST_ARCHITECTURES` such as "75,90" limits the
/// architectures, and `SWIFT_TENSOR_TEST_SHARD` such as "0/2" takes every second program.
@Suite(
  "Kernels under the real compiler",
  .enabled(if: ProcessInfo.processInfo.environment["SWIFT_TENSOR_TEST_NVRTC"] != nil), .serialized)
struct KernelCompilationTests {
  private static let environment = ProcessInfo.processInfo.environment

  static let architectures: [Int] =
    (environment["SWIFT_TENSOR_TEST_ARCHITECTURES"] ?? "75,80,90,100,120").split(separator: ",").compactMap { Int($0) }

  /// Some kernels of one file that make a program.
  struct Batch: Sendable, CustomTestStringConvertible {
    let file: String
    let kernels: [Kernel]
    var testDescription: String { "\(file), \(kernels[0].name) ..." }
  }

  struct Kernel: Sendable {
    let parameters: String
    let name: String
    let threads: Int
    let byteCount: Int
  }

  static let batches: [Batch] = {
    var byFile: [String: [Kernel]] = [:]
    for i in 0..<st_emulator_instance_count() {
      let instance = st_emulator_instance_at(i)
      byFile[String(cString: instance.file), default: []].append(
        Kernel(
          parameters: String(cString: instance.parameters), name: String(cString: instance.instantiation),
          threads: Int(instance.threads), byteCount: Int(instance.bytes)))
    }
    var batches: [Batch] = []
    for (file, kernels) in byFile.sorted(by: { $0.key < $1.key }) {
      for start in stride(from: 0, to: kernels.count, by: 40) {
        batches.append(Batch(file: file, kernels: Array(kernels[start..<min(start + 40, kernels.count)])))
      }
    }
    let shard = (environment["SWIFT_TENSOR_TEST_SHARD"] ?? "0/1").split(separator: "/").compactMap { Int($0) }
    return batches.indices.filter { $0 % shard[1] == shard[0] }.map { batches[$0] }
  }()

  @Test(
    "compile without spills, within the registers, and take what the host passes", arguments: architectures, batches)
  func compile(architecture: Int, batch: Batch) throws {
    let compiler = try #require(RealCompiler(path: Self.environment["SWIFT_TENSOR_TEST_NVRTC"]!))
    var text = "#include \"\(batch.file)\"\n"
    for (i, kernel) in batch.kernels.enumerated() {
      text += "ST_KERNEL(kernel_\(i), \(kernel.parameters), \(kernel.threads), \(kernel.name))\n"
    }
    let (cubin, log) = compiler.compile(text, architecture: architecture)
    let sizes = try #require(cubin, "\(log)").parameterSizes
    let use = Use.all(in: log)
    for (i, kernel) in batch.kernels.enumerated() {
      #expect(sizes["kernel_\(i)"] == [kernel.byteCount], "\(kernel.name)")
      let use = try #require(use["kernel_\(i)"], "\(kernel.name)")
      #expect(use.spilled == 0, "\(kernel.name) on sm_\(architecture) spills \(use.spilled) bytes")
      #expect(use.registers * kernel.threads <= 65536, "\(kernel.name) takes \(use.registers) registers a thread")
    }
  }

  /// What the compiler's log says of a kernel: of its own code, not of the compiler's functions that it calls.
  private struct Use {
    var registers = 0
    var spilled = 0

    static func all(in log: String) -> [String: Use] {
      var result: [String: Use] = [:]
      var kernel = ""
      var function = ""
      for line in log.split(separator: "\n") {
        if let match = line.firstMatch(of: /Compiling entry function '(\w+)'/) { kernel = String(match.1) }
        if let match = line.firstMatch(of: /Function properties for (\S+)/) { function = String(match.1) }
        if let match = line.firstMatch(of: /(\d+) bytes spill stores/) {
          result[function, default: Use()].spilled = Int(match.1)!
        }
        if let match = line.firstMatch(of: /Used (\d+) registers/) {
          result[kernel, default: Use()].registers = Int(match.1)!
        }
      }
      return result
    }
  }
}
