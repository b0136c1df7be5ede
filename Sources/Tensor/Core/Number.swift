package import CTensorKernels

/// A Swift number that operations accept beside tensors: every standard integer, floating-point type and `Bool`.
///
/// As in PyTorch, a number does not widen a tensor's dtype within its kind: `int32 + 2` stays `int32`, `float16 * 2.5` stays
/// `float16`, while `int32 * 2.5` becomes the default floating dtype.
public protocol Scalar: TensorElements where Leaf == Self {
  /// The number by kind: truth value, whole or floating.
  var number: Number { get }
  /// The number in a floating type or nearest integer that holds it; used to read elements out.
  static func from(_ number: Number) -> Self
  /// The dtype with this exact representation.
  static var dtype: DType { get }
}

/// A number of one of three kinds, as a user wrote it.
public enum Number: Sendable, Hashable {
  /// A truth value.
  case bool(Bool)
  /// A whole number.
  case int(Int64)
  /// A floating-point number.
  case float(Double)

  /// The number as a double; large whole numbers round.
  public var double: Double {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): Double(value)
    case .float(let value): value
    }
  }

  /// The number as a whole one, truncated toward zero; out-of-range and non-finite values give the smallest Int64.
  public var integer: Int64 {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .int(let value): value
    case .float(let value): Int64(exactly: value.rounded(.towardZero)) ?? .min
    }
  }

  /// The dtype a tensor of this number has.
  package var dtype: DType {
    switch self {
    case .bool: .bool
    case .int: .int64
    case .float: Scope.defaultDType
    }
  }

  /// The dtype that holds the number exactly.
  package var storedDType: DType {
    switch self {
    case .bool: .bool
    case .int: .int64
    case .float: .float64
    }
  }

  package var kernel: st_number {
    switch self {
    case .bool(let value): st_number(kind: ST_NUMBER_BOOL, integer: value ? 1 : 0, real: value ? 1 : 0)
    case .int(let value): st_number(kind: ST_NUMBER_INT, integer: value, real: Double(value))
    case .float(let value): st_number(kind: ST_NUMBER_FLOAT, integer: integer, real: value)
    }
  }
}

extension Number: CustomStringConvertible {
  /// The number in Swift's notation.
  public var description: String {
    switch self {
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    }
  }
}

extension Bool: Scalar {
  /// The truth value as a number.
  public var number: Number { .bool(self) }
  /// Whether the number is not zero.
  public static func from(_ number: Number) -> Bool { number.double != 0 }
  /// A truth value in one byte.
  public static var dtype: DType { .bool }
}

extension Scalar where Self: FixedWidthInteger {
  /// The whole number; a `UInt64` above `Int64.max` wraps.
  public var number: Number { .int(Int64(truncatingIfNeeded: self)) }
  /// The number as a tensor's cast converts it: truncated toward zero, then its low bits.
  public static func from(_ number: Number) -> Self {
    // Floats reach the signed types of up to 32 bits by way of Int32, as in the kernels.
    if case .float(let value) = number, Self.isSigned, Self.bitWidth <= 32 {
      return Self(truncatingIfNeeded: Int32(exactly: value.rounded(.towardZero)) ?? .min)
    }
    return Self(truncatingIfNeeded: number.integer)
  }
  /// The dtype of the same width, or the next wider one.
  public static var dtype: DType {
    switch (Self.bitWidth, Self.isSigned) {
    case (8, false): .uint8
    case (8, true): .int8
    case (16, true): .int16
    case (16, false), (32, true): .int32
    default: .int64
    }
  }
}

extension Int: Scalar {}
extension Int8: Scalar {}
extension Int16: Scalar {}
extension Int32: Scalar {}
extension Int64: Scalar {}
extension UInt: Scalar {}
extension UInt8: Scalar {}
extension UInt16: Scalar {}
extension UInt32: Scalar {}
extension UInt64: Scalar {}

extension Double: Scalar {
  /// The floating-point number.
  public var number: Number { .float(self) }
  /// The number as a double.
  public static func from(_ number: Number) -> Double { number.double }
  /// An IEEE 754 double.
  public static var dtype: DType { .float64 }
}

extension Float: Scalar {
  /// The floating-point number.
  public var number: Number { .float(Double(self)) }
  /// The number rounded to a single.
  public static func from(_ number: Number) -> Float { Float(number.double) }
  /// An IEEE 754 single.
  public static var dtype: DType { .float32 }
}

#if !(os(macOS) && arch(x86_64))
  extension Float16: Scalar {
    /// The floating-point number.
    public var number: Number { .float(Double(self)) }
    /// The number rounded to a half.
    public static func from(_ number: Number) -> Float16 { Float16(number.double) }
    /// An IEEE 754 half.
    public static var dtype: DType { .float16 }
  }
#endif
