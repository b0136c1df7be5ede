/// How a tensor's elements lie in its storage: a size and a stride per dimension and the first element's offset.
///
/// Strides and offset count elements. A stride of zero repeats an element (`expand`).
package struct Layout: Sendable, Equatable {
  package var shape: Dims
  package var strides: Dims
  package var offset: Int

  package init(shape: Dims, strides: Dims, offset: Int = 0) {
    self.shape = shape
    self.strides = strides
    self.offset = offset
  }

  /// Row-major: the last dimension is next to itself in memory.
  // Inlined, its copies of the shape made sums slower.
  @inline(never)
  package init(contiguous shape: Dims, offset: Int = 0) {
    self.shape = shape
    self.offset = offset
    strides = shape
    strides.becomeRowMajorStrides()
  }

  package var rank: Int { shape.count }
  package var elementCount: Int { shape.elementCount }

  /// Whether the elements lie in row-major order without gaps; dimensions of size 1 do not matter.
  package var isContiguous: Bool {
    var expected = 1
    var i = rank - 1
    while i >= 0 {
      let size = shape[i]
      if size == 0 { return true }
      if size != 1 {
        if strides[i] != expected { return false }
        expected *= size
      }
      i -= 1
    }
    return true
  }

  /// The dimensions from the largest stride to the smallest: the order in which memory runs.
  package var memoryOrder: [Int] {
    // Swift's sort is stable: equal strides keep the logical order.
    (0..<rank).sorted { strides[$0] > strides[$1] }
  }

  /// Whether the elements fill a stretch of storage without gap or overlap, in any order of the dimensions.
  package var isDense: Bool {
    if isContiguous { return true }
    var expected = 1
    for i in memoryOrder.reversed() where shape[i] != 1 {
      if strides[i] != expected { return false }
      expected *= shape[i]
    }
    return true
  }

  /// Whether two indices may reach the same element.
  package var mayOverlap: Bool {
    if elementCount <= 1 || isContiguous { return false }
    var reach = 0
    for i in memoryOrder.reversed() where shape[i] > 1 {
      if strides[i] <= reach { return true }
      reach += (shape[i] - 1) * strides[i]
    }
    return false
  }

  /// The number of elements of storage from the first to the last that is reached.
  package var span: Int {
    if elementCount == 0 { return 0 }
    var last = 0
    for i in 0..<rank { last += (shape[i] - 1) * strides[i] }
    return last + 1
  }

  /// The layout of a fresh tensor of this shape: without gaps, in the order in which this one's memory runs.
  package var fresh: Layout {
    if isDense { return Layout(shape: shape, strides: strides) }
    var strides = Dims(repeating: 0, count: rank)
    var stride = 1
    for i in freshOrder {
      strides[i] = stride
      stride *= Swift.max(shape[i], 1)
    }
    return Layout(shape: shape, strides: strides)
  }

  /// The dimensions of a fresh layout, the one whose neighbours lie closest first.
  ///
  /// PyTorch's insertion sort by stride, for which a repeated dimension (stride 0) is equal to any other.
  private var freshOrder: [Int] {
    var order = Array((0..<rank).reversed())
    for i in order.indices.dropFirst() {
      var place = i
      for j in (0..<i).reversed() {
        let (a, b) = (order[j], order[place])
        if strides[a] == 0 || strides[b] == 0 { continue }
        if strides[a] < strides[b] { break }
        if strides[a] > strides[b] || shape[a] > shape[b] {
          order.swapAt(j, place)
          place = j
        }
      }
    }
    return order
  }

  /// The layout broadcast to a shape of at least this rank; the caller has checked that it can be.
  package func broadcast(to target: Dims) -> Layout {
    var strides = Dims(repeating: 0, count: target.count)
    let lead = target.count - rank
    for i in 0..<rank where shape[i] != 1 || target[lead + i] == 1 { strides[lead + i] = self.strides[i] }
    return Layout(shape: target, strides: strides, offset: offset)
  }
}

extension Dims {
  /// The most dimensions a tensor may have, PyTorch's limit and the kernels'.
  package static let maximumCount = 64

  /// Refuses a shape with too many dimensions.
  @inline(__always)
  package func checkRank(_ operation: @autoclosure () -> String) throws(TensorError) {
    if count > Dims.maximumCount {
      throw TensorError(
        .shape, operation(), "a tensor has at most \(Dims.maximumCount) dimensions, but \(count) were asked for")
    }
  }

  /// The shape that two shapes broadcast to, or nil: aligned right, sizes equal or 1.
  package static func broadcast(_ a: Dims, _ b: Dims) -> Dims? {
    if a == b { return a }
    var (long, short) = a.count >= b.count ? (a, b) : (b, a)
    let lead = long.count - short.count
    for i in 0..<short.count {
      let (x, y) = (long[lead + i], short[i])
      if x == y || y == 1 { continue }
      if x != 1 { return nil }
      long[lead + i] = y
    }
    short = long
    return short
  }
}
