/// The tensors of a safetensors file, mapped into memory: bytes are read from disk when they are first used.
///
/// ```swift
/// try Safetensors.save(["weight": weight, "bias": bias], metadata: ["epoch": "3"], to: "net.safetensors")
/// let file = try Safetensors.load(from: "net.safetensors")
/// let loaded = try file.tensor("weight")
/// ```
/// Loading checks every rule of the format and throws on a file that breaks one. Tensors share the mapping without a
/// copy where their bytes are aligned; writing to one changes this process's memory, never the file.
public struct Safetensors: Sendable {
  /// The names of the tensors, in the order of their bytes in the file.
  public var names: [String] { header.entries.map(\.name) }
  /// The file's notes: texts by name.
  public var metadata: [String: String] { header.metadata }

  private let path: String
  private let file: MappedFile
  private let header: SafetensorsHeader
  private let positions: [String: Int]

  /// Opens a file and checks it.
  ///
  /// - Throws: A `TensorError` of kind `file` when the file cannot be read or breaks a rule of the format.
  public static func load(from path: String) throws(TensorError) -> Safetensors {
    try Safetensors(path: path)
  }

  private init(path: String) throws(TensorError) {
    let operation = "Safetensors.load(from:)"
    self.path = path
    file = try MappedFile(path: path, operation: operation)
    do { header = try SafetensorsHeader(UnsafeRawBufferPointer(file.bytes)) } catch {
      throw TensorError(.file, operation, "\(quoted(path)): \(error.message)")
    }
    positions = Dictionary(uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
  }

  /// One tensor of the file, on the CPU.
  ///
  /// - Throws: A `TensorError` of kind `file` when there is no tensor of that name, its dtype is one that the library
  ///   does not have (U16, U32, U64, C64 and the 4, 6 and 8-bit floats), it has more than 64
  ///   dimensions, or one exceeds `Int.max`.
  public func tensor(_ name: String) throws(TensorError) -> Tensor {
    guard let position = positions[name] else { throw failure("there is no tensor \(quoted(name))") }
    return try tensor(header.entries[position])
  }

  /// All tensors of the file by name, on the CPU, in the order of their bytes.
  ///
  /// - Throws: A `TensorError` of kind `file` as `tensor(_:)` does.
  public func tensors() throws(TensorError) -> [(key: String, value: Tensor)] {
    var result: [(key: String, value: Tensor)] = []
    for entry in header.entries { result.append((entry.name, try tensor(entry))) }
    return result
  }

  private func tensor(_ entry: SafetensorsEntry) throws(TensorError) -> Tensor {
    guard let dtype = DType(safetensorsName: entry.type) else {
      throw failure("tensor \(quoted(entry.name)) has the dtype \(entry.type), which this library does not have")
    }
    if entry.shape.count > Dims.maximumCount {
      throw failure("tensor \(quoted(entry.name)) has \(entry.shape.count) dimensions, more than \(Dims.maximumCount)")
    }
    let shape = Dims(entry.shape.map { Int(exactly: $0) ?? -1 })
    // Beside a size of 0 the format allows sizes that no address space holds.
    if shape.checkedElementCount(itemSize: dtype.itemSize) == nil {
      throw failure("tensor \(quoted(entry.name)) of shape \(entry.shape) is too large to address")
    }
    // The header's check makes these sums fit: the last end is at most the file's size.
    let start = header.dataOffset + Int(entry.begin)
    let bytes = UnsafeMutableRawBufferPointer(rebasing: file.bytes[start..<header.dataOffset + Int(entry.end)])
    // Any other byte than 0 and 1 would be no truth value; only the private copy changes.
    if dtype == .bool { for i in bytes.indices where bytes[i] > 1 { bytes[i] = 1 } }
    let layout = Layout(contiguous: shape)
    if let address = bytes.baseAddress, Int(bitPattern: address) % dtype.itemSize == 0 {
      let storage = Storage(address: address, byteCount: bytes.count, backend: CPUBackend.shared, owner: file)
      return Tensor(storage: storage, layout: layout, dtype: dtype)
    }
    let copy = try CPUBackend.shared.allocate(byteCount: bytes.count)
    try CPUBackend.shared.copy(from: UnsafeRawBufferPointer(bytes), to: copy, byteOffset: 0)
    return Tensor(storage: copy, layout: layout, dtype: dtype)
  }

  private func failure(_ message: String) -> TensorError {
    TensorError(.file, "Safetensors.tensor(_:)", "\(quoted(path)): \(message)")
  }
}
