import ConformanceSuite
import Foundation
import Tensor
import TestSupport
import Testing

/// Replays the cases of Tests/Fixtures/conformance, a part of PyTorch's own, and all where ../shared/conformance has them.
@Suite struct ConformanceTests {
  static let fixture = Result { try CaseDirectory(path: Fixture.folder.appending(path: "conformance").path) }

  @Test func namesStandOnce() { #expect(Table.duplicates == []) }

  @Test(arguments: Table.families.map(\.name))
  func fixtureOnTheProcessor(family: String) throws {
    try replay(Self.fixture.get(), family: family, on: .cpu)
  }

  /// Every tenth case, since the emulated GPU is slow.
  @Test(.enabled(if: EveryDevice.devices.contains(.cuda)), arguments: Table.families.map(\.name))
  func sampleOnTheGPU(family: String) throws {
    try replay(Self.fixture.get(), family: family, on: .cuda, stride: 10)
  }

  @Test func allThatIsGiven() throws {
    let path = URL(filePath: FileManager.default.currentDirectoryPath).appending(path: "../shared/conformance").path
    guard FileManager.default.fileExists(atPath: path) else { return }
    let directory = try CaseDirectory(path: path)
    for family in Table.families { try replay(directory, family: family.name, on: .cpu, tries: false) }
  }

  /// Each failure must be listed as a known difference beside the operation's row in the table.
  private func replay(
    _ directory: CaseDirectory, family: String, on device: Device, stride: Int = 1, tries: Bool = true
  ) throws {
    let replayer = Replayer(device: device, tries: tries)
    for operation in directory.operations where Table.family(of: operation) == family {
      for outcome in try directory.replay(operation, by: replayer, stride: stride) {
        guard case .failed(let reason) = outcome.verdict else { continue }
        let entry = Table.entry(operation)
        let isRefused =
          device != .cpu && entry?.isRefusedOnGPUs == true && reason.contains("not available on \(device)")
        let isKnown = isRefused || entry?.difference(of: outcome.sample, on: device) != nil
        #expect(isKnown, "\(operation) \(outcome.sample) on \(device): \(reason)")
      }
    }
  }
}
