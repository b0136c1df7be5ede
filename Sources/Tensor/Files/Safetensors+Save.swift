extension Safetensors {
  /// Writes tensors of any device and layout to a file.
  ///
  /// The file is written beside its place, flushed and renamed: a reader sees the old file or the whole new one, and
  /// tensors that are mapped from the old one stay valid. Tensors are ordered by falling alignment, then by name, so the same
  /// tensors always give the same bytes.
  ///
  /// - Parameters:
  ///   - tensors: The tensors by name: a dictionary or an array of pairs.
  ///   - metadata: Notes to keep in the header.
  ///   - path: Where the file goes, in place of one that is there.
  /// - Throws: A `TensorError` of kind `file` when a name stands twice or is `__metadata__`, or the file cannot be
  ///   written.
  public static func save(
    _ tensors: some Sequence<(key: String, value: Tensor)>, metadata: [String: String] = [:], to path: String
  ) throws(TensorError) {
    let operation = "Safetensors.save(_:metadata:to:)"
    let sorted = tensors.sorted { a, b in
      let (x, y) = (a.value.dtype.safetensorsRank, b.value.dtype.safetensorsRank)
      return x == y ? a.key.utf8.lexicographicallyPrecedes(b.key.utf8) : x < y
    }
    var names: Set<String> = []
    for (name, _) in sorted {
      if name == "__metadata__" || !names.insert(name).inserted {
        let reason = name == "__metadata__" ? "is kept for the file's notes" : "stands twice"
        throw TensorError(.file, operation, "the name \(quoted(name)) \(reason)")
      }
    }
    var file = try AtomicFile(path: path, operation: operation)
    let header = header(sorted, metadata)
    if header.count > SafetensorsHeader.longest {
      throw TensorError(.file, operation, "the header takes \(header.count) bytes, more than a reader accepts")
    }
    try file.write(littleEndian: UInt64(header.count))
    try header.withUnsafeBufferPointer { (bytes) throws(TensorError) in try file.write(UnsafeRawBufferPointer(bytes)) }
    for (_, tensor) in sorted { try write(tensor, to: file) }
    try file.commit()
  }

  private static func header(_ tensors: [(key: String, value: Tensor)], _ metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let notes = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let pairs = notes.map { "\(jsonString($0.key)):\(jsonString($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in tensors {
      let end = offset + tensor.count * tensor.dtype.itemSize
      let shape = tensor.layout.shape.map { String($0) }.joined(separator: ",")
      members.append(
        "\(jsonString(name)):{\"dtype\":\"\(tensor.dtype.safetensorsName)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var bytes = Array("{\(members.joined(separator: ","))}".utf8)
    while bytes.count % 8 != 0 { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }

  /// Copies the elements in row-major order, a piece at a time, through host memory.
  private static func write(_ tensor: Tensor, to file: borrowing AtomicFile) throws(TensorError) {
    // The alias is no part of a graph, so nothing is recorded.
    let alias = Tensor(aliasing: tensor)
    let source = alias.isContiguous ? alias : try run(Contiguous(), alias)
    let byteCount = source.count * source.dtype.itemSize
    let start = source.layout.offset * source.dtype.itemSize
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: Swift.min(byteCount, 1 << 20), alignment: 16)
    defer { piece.deallocate() }
    var done = 0
    while done < byteCount {
      let part = UnsafeMutableRawBufferPointer(rebasing: piece.prefix(byteCount - done))
      try source.backend.copy(from: source.storage, byteOffset: start + done, to: part)
      try file.write(UnsafeRawBufferPointer(part))
      done += part.count
    }
  }
}

extension DType {
  /// The place of the dtype in a file: the most strictly aligned first, in the reference writer's order.
  fileprivate var safetensorsRank: Int {
    switch self {
    case .int64: 0
    case .float64: 1
    case .float32: 2
    case .int32: 3
    case .bfloat16: 4
    case .float16: 5
    case .int16: 6
    case .int8: 7
    case .uint8: 8
    case .bool: 9
    }
  }
}
