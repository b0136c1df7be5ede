extension Layout {
  /// The strides under which the same elements have another shape of as many, or nil when a copy is needed.
  ///
  /// Neighbouring dimensions that run through memory as one are merged, and each merged run is cut anew.
  package func strides(viewedAs target: Dims) -> Dims? {
    if elementCount == 0 { return shape == target ? strides : Layout(contiguous: target).strides }
    var result = Dims(repeating: 1, count: target.count)
    if rank == 0 { return result }
    var i = target.count - 1
    var runStride = strides[rank - 1]
    var runSize = 1
    var dim = rank - 1
    while dim >= 0 {
      runSize *= shape[dim]
      let runEnds = dim == 0 || (shape[dim - 1] != 1 && strides[dim - 1] != runSize * runStride)
      if runEnds {
        var filled = 1
        while i >= 0, filled < runSize || target[i] == 1 {
          result[i] = filled * runStride
          filled *= target[i]
          i -= 1
        }
        if filled != runSize { return nil }
        if dim > 0 {
          runStride = strides[dim - 1]
          runSize = 1
        }
      }
      dim -= 1
    }
    return i == -1 ? result : nil
  }

  /// Whether every element lies in a storage of so many; computed without overflow.
  func fits(capacity: Int) -> Bool {
    guard offset >= 0, shape.count == strides.count else { return false }
    for i in 0..<rank where shape[i] < 0 || strides[i] < 0 { return false }
    guard shape.checkedElementCount(itemSize: 1) != nil else { return false }
    if elementCount == 0 { return offset <= capacity }
    var last = offset
    for i in 0..<rank {
      let (reach, overflow) = (shape[i] - 1).multipliedReportingOverflow(by: strides[i])
      let (sum, carried) = last.addingReportingOverflow(reach)
      if overflow || carried { return false }
      last = sum
    }
    return last < capacity
  }
}
