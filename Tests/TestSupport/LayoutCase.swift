package import Tensor

/// Ways the same values can lie in memory; tests run over all of them.
package enum LayoutCase: String, CaseIterable, Sendable {
  /// Row-major.
  case contiguous
  /// The last two dimensions swapped in memory.
  case transposed
  /// Every second element of wider memory.
  case strided
  /// Row-major, beginning inside its memory.
  case offset
  /// The first row for all indices of dimension 0, by a stride of 0: the one case that does not keep the values.
  case expanded

  /// A tensor of this layout with the values of `x` (for `expanded`, of its first row).
  package func make(_ x: Tensor) -> Tensor {
    let shape = x.layout.shape
    let count = shape.elementCount
    var layout = Layout(contiguous: shape)
    var span = count
    switch self {
    case .contiguous: break
    case .transposed:
      if shape.count < 2 { break }
      var swapped = shape
      let last = shape.count - 1
      (swapped[last - 1], swapped[last]) = (shape[last], shape[last - 1])
      var strides = Layout(contiguous: swapped).strides
      (strides[last - 1], strides[last]) = (strides[last], strides[last - 1])
      layout = Layout(shape: shape, strides: strides)
    case .strided:
      for i in 0..<shape.count { layout.strides[i] *= 2 }
      span = 2 * count
    case .offset:
      layout.offset = 3
      span = count + 5
    case .expanded:
      if shape.count > 0 { layout.strides[0] = 0 }
    }
    return checked { () throws(TensorError) in
      let memory = try Tensor(
        uninitialized: Layout(contiguous: [Swift.max(span, 1)]), dtype: x.dtype, on: x.backend, for: "make")
      try x.backend.fill(memory, with: .int(1))
      let view = Tensor(viewOf: memory, layout: layout)
      if case .expanded = self, shape.count > 0, shape[0] > 1 {
        var row = layout
        row.shape[0] = 1
        var first = x.layout
        first.shape[0] = 1
        try x.backend.copy(Tensor(viewOf: x, layout: first), to: Tensor(viewOf: memory, layout: row))
      } else {
        try x.backend.copy(x, to: view)
      }
      return view
    }
  }
}
