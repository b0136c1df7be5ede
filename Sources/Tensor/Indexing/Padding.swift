/// What `pad` puts around a tensor.
public enum PadMode: Sendable {
  /// A number.
  case constant
  /// The elements mirrored at the border, which is not repeated.
  case reflect
  /// The element at the border.
  case replicate
  /// The elements from the other end.
  case circular
}

extension Tensor {
  /// The tensor with elements added at the ends of its last dimensions, or removed where an amount is negative.
  ///
  /// - Parameters:
  ///   - amounts: Before and after the last dimension, then before and after the one ahead of it, and so on.
  ///   - mode: What is added. All but `.constant` pad the last one, two or three dimensions of a tensor that has one or two
  ///     more; a mirror image must be smaller than the dimension, and `.circular` may not go around more than once.
  ///   - value: The number for `.constant`.
  public func pad(_ amounts: [Int], mode: PadMode = .constant, value: some Scalar = 0) -> Tensor {
    checked { () throws(TensorError) in
      let name = "pad"
      guard amounts.count % 2 == 0, amounts.count <= 2 * rank else {
        throw TensorError(
          .value, name, "expects two amounts for each of the last dimensions of shape \(shape), but got \(amounts)")
      }
      let padded = amounts.count / 2
      if mode != .constant, !(1...3).contains(padded) || !(1...2).contains(rank - padded) {
        throw TensorError(
          .shape, name,
          "\(mode) pads the last 1, 2 or 3 dimensions of a tensor that has one or two more, but got "
            + "\(amounts) for shape \(shape)")
      }
      var sizes = shape
      for i in 0..<padded {
        let dim = rank - 1 - i
        let (before, after) = (amounts[2 * i], amounts[2 * i + 1])
        let (sum, overflow) = before.addingReportingOverflow(after)
        let (size, carry) = sum.addingReportingOverflow(sizes[dim])
        if overflow || carry || size < 0 || mode != .constant && size < 1 {
          throw TensorError(
            .value, name, "amounts \(before) and \(after) leave dimension \(dim) with size \(sizes[dim]) too small")
        }
        try checkAmounts(mode, before, after, dim: dim)
        sizes[dim] = size
      }
      if mode == .constant { return try constantPadded(amounts, to: sizes, value.number) }
      var result = self
      for i in 0..<padded where amounts[2 * i] != 0 || amounts[2 * i + 1] != 0 {
        let dim = rank - 1 - i
        let (before, after) = (amounts[2 * i], amounts[2 * i + 1])
        let index = mode.sources(size: layout.shape[dim], before: before, after: after, count: sizes[dim])
        result = result.indexSelect(dim: dim, index: Tensor(index, dtype: .int64, device: device))
      }
      return result === self ? clone() : result
    }
  }

  private func checkAmounts(_ mode: PadMode, _ before: Int, _ after: Int, dim: Int) throws(TensorError) {
    let size = layout.shape[dim]
    let largest = Swift.max(before, after)
    let fits =
      switch mode {
      case .constant: true
      case .reflect: largest < size
      case .replicate: size > 0
      case .circular: largest <= size + Swift.min(before, 0) + Swift.min(after, 0)
      }
    if !fits {
      throw TensorError(
        .value, "pad", "\(mode) amounts \(before) and \(after) do not fit dimension \(dim) with size \(size)")
    }
  }

  private func constantPadded(_ amounts: [Int], to sizes: [Int], _ number: Number) throws(TensorError) -> Tensor {
    try checkFits(number, dtype, operation: "pad")
    let output = try Tensor(
      uninitialized: Layout(contiguous: Dims(sizes)), dtype: dtype, on: backend, for: "pad")
    try backend.fill(output, with: number)
    var (source, target) = (self, output)
    for i in 0..<(amounts.count / 2) {
      let dim = rank - 1 - i
      let (before, after) = (amounts[2 * i], amounts[2 * i + 1])
      let cut = (before: Swift.max(-before, 0), after: Swift.max(-after, 0))
      let length = Swift.max(0, layout.shape[dim] - cut.before - cut.after)
      let first = length == 0 ? 0 : cut.before
      source = try run(Slice(dim: dim, start: first, end: first + length), source)
      let start = length == 0 ? 0 : Swift.max(before, 0)
      target = try run(Slice(dim: dim, start: start, end: start + length), target)
    }
    try run(Copy(), on: target, source)
    return output
  }
}

extension PadMode {
  /// For each place of the result the place of the dimension that it shows.
  fileprivate func sources(size: Int, before: Int, after: Int, count: Int) -> [Int] {
    // What goes around is what negative amounts leave.
    let (cut, rest) = (Swift.max(-before, 0), size + Swift.min(before, 0) + Swift.min(after, 0))
    return (0..<count).map { place in
      let source = place - before
      switch self {
      case .reflect:
        let mirrored = Swift.abs(source)
        return mirrored < size ? mirrored : 2 * (size - 1) - mirrored
      case .circular: return cut + ((place - Swift.max(before, 0)) % rest + rest) % rest
      case .constant, .replicate: return Swift.max(0, Swift.min(size - 1, source))
      }
    }
  }
}
