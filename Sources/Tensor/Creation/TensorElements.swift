/// What a tensor can be made of: a number, or arrays of numbers nested to any depth.
///
/// The library conforms `Scalar` types and arrays; literals infer them: `[[1.0, 2], [3, 4]]`.
public protocol TensorElements: Sendable {
  /// The type of the innermost numbers.
  associatedtype Leaf: Scalar

  /// The sizes of the nested arrays, read along the first elements.
  static func sizes(along first: Self) -> [Int]

  /// Appends the numbers of all values in order.
  ///
  /// - Parameters:
  ///   - values: What stands at one place of the nested arrays.
  ///   - sizes: The sizes that the values must have.
  ///   - place: The indices that lead to the values, for errors.
  ///   - leaves: Where the numbers go.
  /// - Throws: A `TensorError` naming the place of a value of another size.
  static func gather(
    _ values: [Self], sizes: ArraySlice<Int>, place: [Int], into leaves: inout [Leaf]
  ) throws(TensorError)
}

extension Scalar {
  /// No sizes: a number has no dimensions.
  public static func sizes(along first: Self) -> [Int] { [] }

  /// Appends the numbers.
  public static func gather(
    _ values: [Self], sizes: ArraySlice<Int>, place: [Int], into leaves: inout [Self]
  ) throws(TensorError) {
    // The first array is taken as it is: a flat one is not copied.
    if leaves.isEmpty { leaves = values } else { leaves.append(contentsOf: values) }
  }
}

extension Array: TensorElements where Element: TensorElements {
  /// The type of the innermost numbers.
  public typealias Leaf = Element.Leaf

  /// The array's count and the sizes of its first element.
  public static func sizes(along first: [Element]) -> [Int] {
    [first.count] + (first.first.map(Element.sizes(along:)) ?? [])
  }

  /// Appends the numbers of all arrays in order, each of the expected count.
  public static func gather(
    _ values: [[Element]], sizes: ArraySlice<Int>, place: [Int], into leaves: inout [Leaf]
  ) throws(TensorError) {
    for (i, value) in values.enumerated() {
      // The outermost array stands in a list of its own, which has no index.
      let inner = sizes.startIndex == 0 ? [] : place + [i]
      guard let size = sizes.first, value.count == size else {
        throw TensorError(
          .shape, "Tensor", "ragged nesting: expected \(sizes.first ?? 0) elements at \(inner), but got \(value.count)")
      }
      if size > 0 { try Element.gather(value, sizes: sizes.dropFirst(), place: inner, into: &leaves) }
    }
  }
}
