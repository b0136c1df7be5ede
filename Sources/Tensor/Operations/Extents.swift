/// A whole number for each dimension of space, such as a stride: one for all, `2`, or one for each, `[2, 1]`.
public struct Extents: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// The numbers, from the outermost dimension to the innermost; one alone stands for all.
  public let numbers: [Int]

  /// Makes numbers for each dimension, or for all from one.
  public init(_ numbers: [Int]) { self.numbers = numbers }

  /// Makes one number for all dimensions.
  public init(_ number: Int) { self.init([number]) }

  /// Makes one number for all dimensions.
  public init(integerLiteral value: Int) { self.init(value) }

  /// Makes numbers for each dimension.
  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// One number for each of `count` dimensions, which must be from `least` to the largest 32-bit number.
  package func each(
    _ count: Int, least: Int, as role: String, operation: String
  ) throws(TensorError) -> Dims {
    guard numbers.count == 1 || numbers.count == count else {
      throw TensorError(
        .value, operation, "expected one number or \(count) for \(role), but got \(numbers)")
    }
    for number in numbers where number < least || number > Int(Int32.max) {
      throw TensorError(.value, operation, "expected a \(role) of at least \(least), but got \(self)")
    }
    return numbers.count == 1 ? Dims(repeating: numbers[0], count: count) : Dims(numbers)
  }

  /// One number for each of `count` dimensions, for printing.
  package func repeated(_ count: Int) -> Extents {
    numbers.count == 1 ? Extents(Array(repeating: numbers[0], count: count)) : self
  }
}

extension Extents: CustomStringConvertible {
  /// The number that stands for all, or the numbers in brackets.
  public var description: String { numbers.count == 1 ? "\(numbers[0])" : "\(numbers)" }
}

/// The zeros around the input of a convolution.
public enum ConvolutionPadding: Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// So many on both sides of each dimension.
  case zeros(Extents)
  /// As many as give a result of the input's size; the stride must be 1. Of an odd number the right side gets one more.
  case same
  /// None.
  case valid

  /// Makes a padding of one size for all sides.
  public init(integerLiteral value: Int) { self = .zeros(Extents(value)) }

  /// Makes a padding with a size for each dimension.
  public init(arrayLiteral elements: Int...) { self = .zeros(Extents(elements)) }
}
