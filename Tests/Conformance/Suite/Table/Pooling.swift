internal import NN

extension Table {
  /// Pooling.
  static func pooling() -> Family {
    var t = Family("pooling")
    for (rank, function) in [
      (1, maxPool1dWithIndices), (2, maxPool2dWithIndices), (3, maxPool3dWithIndices),
    ] {
      t.value("nn.functional.max_pool\(rank)d") { a in
        let (values, indices) = try function(
          a[0].tensor(), a[1, "kernel_size"].extents(), a[2, "stride"].optionalExtents(),
          a[3, "padding"].extents(or: 0), a[4, "dilation"].extents(or: 1), a[5, "ceil_mode"].bool(or: false))
        return try a[6, "return_indices"].bool(or: false) ? .tensors([values, indices]) : .tensor(values)
      }
    }
    for (rank, function) in [
      (1, adaptiveMaxPool1dWithIndices), (2, adaptiveMaxPool2dWithIndices), (3, adaptiveMaxPool3dWithIndices),
    ] {
      t.value("nn.functional.adaptive_max_pool\(rank)d") { a in
        let (values, indices) = try function(a[0].tensor(), a[1, "output_size"].adaptiveSize())
        return try a[2, "return_indices"].bool(or: false) ? .tensors([values, indices]) : .tensor(values)
      }
    }
    for (rank, function) in [(1, adaptiveAvgPool1d), (2, adaptiveAvgPool2d), (3, adaptiveAvgPool3d)] {
      t.one("nn.functional.adaptive_avg_pool\(rank)d") { a in
        try function(a[0].tensor(), a[1, "output_size"].adaptiveSize())
      }
    }
    t.one("nn.functional.avg_pool1d") { a in
      try avgPool1d(
        a[0].tensor(), kernelSize: a[1, "kernel_size"].extents(), stride: a[2, "stride"].optionalExtents(),
        padding: a[3, "padding"].extents(or: 0), ceilMode: a[4, "ceil_mode"].bool(or: false),
        countIncludePad: a[5, "count_include_pad"].bool(or: true))
    }
    for (rank, function) in [(2, avgPool2d), (3, avgPool3d)] {
      t.one("nn.functional.avg_pool\(rank)d") { a in
        try function(
          a[0].tensor(), a[1, "kernel_size"].extents(), a[2, "stride"].optionalExtents(),
          a[3, "padding"].extents(or: 0), a[4, "ceil_mode"].bool(or: false),
          a[5, "count_include_pad"].bool(or: true), a[6, "divisor_override"].optionalInt())
      }
    }
    for (rank, function) in [(1, maxUnpool1d), (2, maxUnpool2d), (3, maxUnpool3d)] {
      t.one("nn.functional.max_unpool\(rank)d") { a in
        try function(
          a[0].tensor(), a[1, "indices"].tensor(), a[2, "kernel_size"].extents(), a[3, "stride"].optionalExtents(),
          a[4, "padding"].extents(or: 0), a[5, "output_size"].optionalInts())
      }
    }
    for (rank, function) in [(1, lpPool1d), (2, lpPool2d), (3, lpPool3d)] {
      t.one("nn.functional.lp_pool\(rank)d") { a in
        try function(
          a[0].tensor(), a[1, "norm_type"].double(), a[2, "kernel_size"].extents(), a[3, "stride"].optionalExtents(),
          a[4, "ceil_mode"].bool(or: false))
      }
    }
    return t
  }
}

extension Argument {
  fileprivate func extents() throws -> Extents { Extents(try ints()) }
  fileprivate func extents(or fallback: Int) throws -> Extents { Extents(try ints(or: [fallback])) }
  /// A stride; none and an empty list stand for the window's size.
  fileprivate func optionalExtents() throws -> Extents? {
    let numbers = try ints(or: [])
    return numbers.isEmpty ? nil : Extents(numbers)
  }
  fileprivate func adaptiveSize() throws -> AdaptiveSize {
    let elements = value?.elements ?? []
    return AdaptiveSize(try elements.map { try Argument(label: label, value: $0).optionalInt() })
  }
}
