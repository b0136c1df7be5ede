internal import Foundation
internal import Synchronization
package import Tensor
package import Testing

/// Runs each test once on every device: what it makes without naming a device is made there.
///
/// The GPU is a real one where `SWIFT_TENSOR_TEST_CUDA` is "real", else the emulated one. `SWIFT_TENSOR_TEST_DEVICES`, such
/// as "cuda", limits the devices. Seeds and draws of a test are its own.
package struct EveryDevice: TestTrait, SuiteTrait, TestScoping {
  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    for device in EveryDevice.devices {
      EveryDevice.count(device)
      let generators = Set([.cpu, device]).map { Generator(seed: 0, device: $0) }
      try await with(generators) { try await withDefaultDevice(device) { try await function() } }
    }
  }

  private func with(_ generators: [Generator], _ body: () async throws -> Void) async throws {
    guard let first = generators.first else { return try await body() }
    try await withGenerator(first) { try await with(Array(generators.dropFirst()), body) }
  }

  /// The devices that tests run on.
  package static let devices: [Device] = {
    var devices: [Device] = [.cpu]
    if CUDA.isAvailable { devices.append(.cuda) }
    guard let wanted = ProcessInfo.processInfo.environment["SWIFT_TENSOR_TEST_DEVICES"] else { return devices }
    let names = wanted.split(separator: ",")
    return devices.filter { device in names.contains { $0 == "\(device.kind)" } }
  }()

  private static let counts = Mutex<[Device: Int]>([:])

  private static func count(_ device: Device) {
    let isFirst = counts.withLock { counts in
      defer { counts[device, default: 0] += 1 }
      return counts.isEmpty
    }
    if isFirst { atexit { EveryDevice.report() } }
  }

  /// How many test cases ran on each device.
  private static func report() {
    let parts = counts.withLock { counts in
      EveryDevice.devices.map { device in
        let name = device.kind == .cpu ? "" : " (\(CUDA.properties(device)?.name ?? "unknown"))"
        return "\(device)\(name): \(counts[device] ?? 0)"
      }
    }
    print("Test cases by device: " + parts.joined(separator: ", "))
  }
}

extension Trait where Self == EveryDevice {
  /// The test runs on every device.
  package static var everyDevice: Self { Self() }
}
