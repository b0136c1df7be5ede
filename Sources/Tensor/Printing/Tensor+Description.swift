extension Tensor: CustomStringConvertible {
  /// The tensor as PyTorch prints it, its suffixes in Swift: `tensor([1, 2, 3], dtype: .int32)`.
  public var description: String { formatted(PrintOptions.current) }

  /// The tensor as PyTorch prints it with these options.
  public func formatted(_ options: PrintOptions) -> String {
    let prefix = "tensor("
    var text = prefix + body(options, indent: prefix.utf8.count)
    // Suffixes stay on the last line of the body while they fit.
    var lineLength = text.split(separator: "\n").last!.utf8.count + 2
    for suffix in suffixes(options) {
      if lineLength + suffix.utf8.count + 2 > options.lineWidth {
        text += ",\n" + String(repeating: " ", count: prefix.utf8.count) + suffix
        lineLength = prefix.utf8.count + suffix.utf8.count
      } else {
        text += ", " + suffix
        lineLength += suffix.utf8.count + 2
      }
    }
    return text + ")"
  }

  private func body(_ options: PrintOptions, indent: Int) -> String {
    if count == 0 { return "[]" }
    let edge = count > options.threshold ? Swift.max(options.edgeItems, 0) : nil
    guard let shown = Shown(self, edge: edge) else { return "[...]" }
    let format = NumberFormat(shown.numbers, isFloating: dtype.isFloatingPoint, options: options)
    var next = 0
    return shown.text(dim: 0, next: &next, format: format, indent: indent, lineWidth: options.lineWidth)
  }

  private func suffixes(_ options: PrintOptions) -> [String] {
    var suffixes: [String] = []
    if device.kind != .cpu { suffixes.append("device: \(device)") }
    if count == 0 && rank != 1 || count > 0 && options.edgeItems <= 0 { suffixes.append("size: \(layout.shape)") }
    // No element shows whether an empty tensor holds whole numbers or truth values.
    let isEvident = dtype == Scope.defaultDType || count > 0 && (dtype == .int64 || dtype == .bool)
    if !isEvident { suffixes.append("dtype: \(dtype)") }
    if let recorder, recorder.requiresGrad {
      suffixes.append(recorder.gradFunctionName.map { "gradFunction: <\($0)>" } ?? "requiresGrad: true")
    }
    return suffixes
  }
}

/// The elements that are printed, brought to the CPU.
private struct Shown {
  /// In row-major order.
  let numbers: [Number]
  /// The full sizes.
  let shape: Dims
  /// How many elements stand at both ends of a dimension that is cut; nil when none is.
  let edge: Int?

  /// Nil when not even the ends are to be shown, or nothing could be read.
  init?(_ tensor: Tensor, edge: Int?) {
    if edge == 0 { return nil }
    shape = tensor.layout.shape
    self.edge = edge
    numbers = tensor.numbers(edge: edge)
    // After an error in its scope nothing can be read.
    if numbers.isEmpty { return nil }
  }

  private func isCut(_ dim: Int) -> Bool { edge.map { shape[dim] > 2 * $0 } ?? false }

  /// The text from a dimension on, taking the next numbers.
  func text(dim: Int, next: inout Int, format: NumberFormat, indent: Int, lineWidth: Int) -> String {
    if dim == shape.count {
      next += 1
      return format.texts[next - 1]
    }
    let isLast = dim == shape.count - 1
    var parts: [String] = []
    for i in 0..<(isCut(dim) ? 2 * edge! : shape[dim]) {
      if isCut(dim), i == edge { parts.append(isLast ? " ..." : "...") }
      parts.append(text(dim: dim + 1, next: &next, format: format, indent: indent + 1, lineWidth: lineWidth))
    }
    let margin = String(repeating: " ", count: indent + 1)
    if !isLast {
      let gap = "," + String(repeating: "\n", count: shape.count - 1 - dim) + margin
      return "[" + parts.joined(separator: gap) + "]"
    }
    // A line holds so many elements with their ", ".
    let perLine = Swift.max(1, (lineWidth - indent) / (format.width + 2))
    let lines = stride(from: 0, to: parts.count, by: perLine).map { start in
      parts[start..<Swift.min(start + perLine, parts.count)].joined(separator: ", ")
    }
    return "[" + lines.joined(separator: ",\n" + margin) + "]"
  }
}

extension Tensor {
  /// The elements in row-major order; of dimensions longer than twice `edge` only so many at both ends.
  fileprivate func numbers(edge: Int?) -> [Number] {
    var ends = self
    if let edge {
      ends = checked { () throws(TensorError) in
        var shape = layout.shape
        for i in 0..<rank { shape[i] = Swift.min(shape[i], 2 * edge) }
        let output = try Tensor(uninitialized: Layout(contiguous: shape), dtype: dtype, on: backend, for: "description")
        try copyEnds(from: layout, to: output, output.layout, edge: edge, dim: 0)
        return output
      }
    }
    switch dtype {
    case .bool: return ends.array(as: Bool.self).map { .bool($0) }
    case let dtype where dtype.isFloatingPoint: return ends.array(as: Double.self).map { .float($0) }
    default: return ends.array(as: Int64.self).map { .int($0) }
    }
  }

  /// Copies block by block: each cut dimension has one at its beginning and one at its end.
  private func copyEnds(
    from source: Layout, to output: Tensor, _ target: Layout, edge: Int, dim: Int
  ) throws(TensorError) {
    if dim == rank {
      return try backend.copy(Tensor(viewOf: self, layout: source), to: Tensor(viewOf: output, layout: target))
    }
    if source.shape[dim] <= 2 * edge {
      return try copyEnds(from: source, to: output, target, edge: edge, dim: dim + 1)
    }
    for isEnd in [false, true] {
      var (from, to) = (source, target)
      from.shape[dim] = edge
      to.shape[dim] = edge
      if isEnd {
        from.offset += (source.shape[dim] - edge) * source.strides[dim]
        to.offset += edge * target.strides[dim]
      }
      try copyEnds(from: from, to: output, to, edge: edge, dim: dim + 1)
    }
  }
}
