/// What stands between a subscript's brackets: `x[0, 1..., .newAxis, mask]`.
///
/// - `Int`: one entry of a dimension, which is dropped; negative ones count from the end.
/// - Ranges of `Int` (`0..<2`, `1...`, `..<3`, `...(-2)`) and `stride(from:to:by:)`: some entries. Bounds outside are clamped.
/// - `.slice(1, -1, by: 2)`: the same with bounds that count from the end, which a `Range` cannot hold.
/// - `.newAxis`: a new dimension of size 1. `.ellipsis`: all dimensions that no other entry takes.
/// - A tensor or array of integers: the entries of those indices, copied. The tensors of a subscript broadcast.
/// - A tensor or array of truth values: the entries where it is true, copied; it takes as many dimensions as it has.
/// - `Bool`: a new dimension of size 1 or 0.
public protocol TensorIndex {
  /// The entry that the value stands for.
  var indexEntry: IndexEntry { get }
}

/// One entry of a subscript, made by `.newAxis`, `.ellipsis`, `.slice(_:_:by:)` or from any other `TensorIndex`.
public struct IndexEntry: Sendable, TensorIndex {
  enum Kind {
    case integer(Int)
    case slice(start: Int?, end: Int?, step: Int)
    case newAxis
    case ellipsis
    case truth(Bool)
    case tensor(Tensor)
  }

  let kind: Kind

  /// The entry itself.
  public var indexEntry: IndexEntry { self }
}

extension TensorIndex where Self == IndexEntry {
  /// A new dimension of size 1.
  public static var newAxis: IndexEntry { IndexEntry(kind: .newAxis) }

  /// All dimensions that no other entry takes.
  public static var ellipsis: IndexEntry { IndexEntry(kind: .ellipsis) }

  /// Every `step`-th entry from `start` up to before `end`; negative bounds count from the end, all are clamped.
  ///
  /// - Parameters:
  ///   - start: The first entry; nil for 0.
  ///   - end: The entry to stop before; nil for the end.
  ///   - step: At least 1.
  public static func slice(_ start: Int? = nil, _ end: Int? = nil, by step: Int = 1) -> IndexEntry {
    IndexEntry(kind: .slice(start: start, end: end, step: step))
  }
}

extension Int: TensorIndex {
  /// One entry of a dimension.
  public var indexEntry: IndexEntry { IndexEntry(kind: .integer(self)) }
}

extension Bool: TensorIndex {
  /// A new dimension of size 1 if true, of size 0 if false.
  public var indexEntry: IndexEntry { IndexEntry(kind: .truth(self)) }
}

extension Tensor: TensorIndex {
  /// The entries at these indices, or where the mask is true.
  public var indexEntry: IndexEntry { IndexEntry(kind: .tensor(self)) }
}

extension Array: TensorIndex where Element: TensorElements {
  /// The entries at these indices, or where the array is true.
  public var indexEntry: IndexEntry {
    // An empty array is a list of no indices, whatever its numbers would be.
    IndexEntry(kind: .tensor(isEmpty ? Tensor([Int]()) : Tensor(self)))
  }
}

extension Range: TensorIndex where Bound == Int {
  /// The entries from the lower bound up to before the upper one.
  public var indexEntry: IndexEntry { .slice(lowerBound, upperBound) }
}

extension ClosedRange: TensorIndex where Bound == Int {
  /// The entries from the lower bound through the upper one.
  public var indexEntry: IndexEntry { .slice(lowerBound, past(upperBound)) }
}

extension PartialRangeFrom: TensorIndex where Bound == Int {
  /// The entries from the bound to the end.
  public var indexEntry: IndexEntry { .slice(lowerBound) }
}

extension PartialRangeUpTo: TensorIndex where Bound == Int {
  /// The entries up to before the bound.
  public var indexEntry: IndexEntry { .slice(nil, upperBound) }
}

extension PartialRangeThrough: TensorIndex where Bound == Int {
  /// The entries through the bound.
  public var indexEntry: IndexEntry { .slice(nil, past(upperBound)) }
}

/// The open bound after a closed one; nil, the end of the dimension, after its last entry.
private func past(_ bound: Int) -> Int? { bound == -1 || bound == .max ? nil : bound + 1 }

extension StrideTo: TensorIndex where Element == Int {
  /// The entries at the numbers of the sequence; `.slice` takes negative bounds.
  public var indexEntry: IndexEntry { strideEntry(self) }
}

extension StrideThrough: TensorIndex where Element == Int {
  /// The entries at the numbers of the sequence; `.slice` takes negative bounds.
  public var indexEntry: IndexEntry { strideEntry(self) }
}

/// The slice of the numbers of an arithmetic sequence, which does not tell its bounds.
private func strideEntry(_ numbers: some Sequence<Int>) -> IndexEntry {
  var iterator = numbers.makeIterator()
  guard let first = iterator.next() else { return .slice(0, 0) }
  var last = first
  var step = 1
  if let second = iterator.next() {
    step = second - first
    last = second
  }
  while let next = iterator.next() { last = next }
  return .slice(first, past(last), by: step)
}
