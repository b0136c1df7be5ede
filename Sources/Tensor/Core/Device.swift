/// Where a tensor's elements live: `.cpu`, `.cuda` or `.cuda(1)`.
public struct Device: Sendable, Hashable {
  /// A kind of device.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// The processor and its main memory.
    case cpu
    /// An NVIDIA GPU.
    case cuda
  }

  /// The kind of device.
  public let kind: Kind
  /// Which device of its kind, from 0.
  public let index: Int

  /// The processor and its main memory.
  public static let cpu = Device(kind: .cpu, index: 0)
  /// The first NVIDIA GPU.
  public static let cuda = Device(kind: .cuda, index: 0)
  /// The NVIDIA GPU with this index, from 0.
  public static func cuda(_ index: Int) -> Device { Device(kind: .cuda, index: index) }

  init(kind: Kind, index: Int) {
    self.kind = kind
    self.index = index
  }

  /// Parses a device's name as PyTorch writes it: "cpu", "cuda" or "cuda:1".
  ///
  /// - Throws: A `TensorError` when the text names no kind of device or the index is not a whole number.
  public init(_ text: String) throws(TensorError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let kind: Kind? =
      switch parts.first {
      case "cpu": .cpu
      case "cuda": .cuda
      default: nil
      }
    let index = parts.count == 1 ? 0 : Int(parts[1]) ?? -1
    guard let kind, index >= 0, kind == .cuda || index == 0 else {
      throw TensorError(.device, "Device", "expected cpu, cuda or cuda:N, but got \"\(text)\"")
    }
    self.init(kind: kind, index: index)
  }
}

extension Device: CustomStringConvertible {
  /// The device as Swift writes it, such as ".cpu" or ".cuda(0)".
  public var description: String { kind == .cpu ? ".cpu" : ".cuda(\(index))" }
}
