/// The element type of a tensor.
///
/// Whole-number literals make `int64` tensors, floating ones `float32`, as in PyTorch.
public enum DType: UInt8, Sendable, CaseIterable, Hashable {
  /// A truth value in one byte.
  case bool
  /// An unsigned 8-bit integer.
  case uint8
  /// A signed 8-bit integer.
  case int8
  /// A signed 16-bit integer.
  case int16
  /// A signed 32-bit integer.
  case int32
  /// A signed 64-bit integer.
  case int64
  /// An IEEE 754 half: 11 bits of precision, largest 65504.
  case float16
  /// A float32 cut to 8 bits of precision, with its range.
  case bfloat16
  /// An IEEE 754 single.
  case float32
  /// An IEEE 754 double.
  case float64

  /// Bytes an element takes.
  public var itemSize: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .int16, .float16, .bfloat16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// Whether elements are floating-point numbers, which alone can require gradients.
  public var isFloatingPoint: Bool { rawValue >= DType.float16.rawValue }

  /// Whether elements are integers; bool is not.
  public var isInteger: Bool { self != .bool && !isFloatingPoint }

  /// PyTorch's name of the type, such as "float32".
  public var name: String {
    switch self {
    case .bool: "bool"
    case .uint8: "uint8"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .float32: "float32"
    case .float64: "float64"
    }
  }
}

extension DType: CustomStringConvertible {
  /// The type as Swift writes it, such as ".float32".
  public var description: String { "." + name }
}

extension DType {
  /// The smallest dtype that both operands of an operation convert to, by PyTorch's promotion table.
  ///
  /// Integers widen to the larger; uint8 with int8 gives int16; a float wins over integers; float16 with bfloat16 gives float32.
  public static func promote(_ a: DType, _ b: DType) -> DType {
    if a == b { return a }
    let (low, high) = a.rawValue < b.rawValue ? (a, b) : (b, a)
    switch (low, high) {
    case (.uint8, .int8): return .int16
    case (.float16, .bfloat16): return .float32
    default: return high
    }
  }
}

extension DType {
  /// The whole numbers that elements can be; nil for floats.
  package var integers: ClosedRange<Int64>? {
    switch self {
    case .bool: 0...1
    case .uint8: 0...255
    case .int8: -128...127
    case .int16: -32768...32767
    case .int32: Int64(Int32.min)...Int64(Int32.max)
    case .int64: Int64.min...Int64.max
    case .float16, .bfloat16, .float32, .float64: nil
    }
  }

  /// The whole numbers that a user may write for an element; nil where any number will do.
  ///
  /// As in PyTorch, uint8 also takes the negatives of what it holds.
  package var acceptedIntegers: ClosedRange<Int64>? {
    switch self {
    case .bool: nil
    case .uint8: -255...255
    default: integers
    }
  }

  /// The largest finite number of a floating dtype; infinity for the others.
  package var greatestFinite: Double {
    switch self {
    case .float16: 65504
    case .bfloat16: 0x1.fep127
    case .float32: Double(Float.greatestFiniteMagnitude)
    case .float64: .greatestFiniteMagnitude
    default: .infinity
    }
  }
}
