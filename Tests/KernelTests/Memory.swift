import CTensorKernels

/// The element types, named as the fixtures name them; raw values are the kernels'.
enum Element: st_dtype, CaseIterable, Sendable {
  case bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64

  var size: Int { [1, 1, 1, 2, 4, 8, 2, 2, 4, 8][Int(rawValue)] }
  var isFloat: Bool { self >= .float16 }
  static func >= (a: Element, b: Element) -> Bool { a.rawValue >= b.rawValue }

  init(named name: String) { self = Element.allCases.first { "\($0)" == name }! }
}

/// Strided memory of one element type for the kernels to work on.
///
/// Elements are read and written one by one by Swift's own
/// conversions, never by the kernels under test.
final class Memory {
  let element: Element
  let shape: [Int]
  let strides: [Int]
  let bytes: UnsafeMutableRawPointer
  private let extents: UnsafeMutablePointer<Int>

  /// Makes zeros.
  ///
  /// Strides count elements; without them the memory is row-major. `span` is the room in elements.
  init(_ element: Element, _ shape: [Int], strides: [Int]? = nil, span: Int? = nil) {
    self.element = element
    self.shape = shape
    var rowMajor = [Int](repeating: 1, count: shape.count)
    for d in stride(from: shape.count - 2, through: 0, by: -1) { rowMajor[d] = rowMajor[d + 1] * shape[d + 1] }
    self.strides = strides ?? rowMajor
    let needed = shape.contains(0) ? 1 : zip(shape, self.strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
    let room = max(span ?? 0, needed) * element.size
    bytes = .allocate(byteCount: room, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0, count: room)
    extents = .allocate(capacity: 2 * shape.count + 1)
    for (d, size) in shape.enumerated() { extents[d] = size }
    for (d, step) in self.strides.enumerated() { extents[shape.count + d] = step }
  }

  convenience init(_ element: Element, values: [Double]) {
    self.init(element, [values.count])
    for (i, value) in values.enumerated() { self[i] = value }
  }

  // Nothing is freed: a view may be in use after the last mention of its memory.

  var count: Int { shape.reduce(1, *) }

  /// Row-major float32 memory, for long loops.
  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }

  var view: st_view {
    st_view(
      data: bytes, shape: extents, strides: extents + shape.count, rank: Int32(shape.count), dtype: element.rawValue)
  }

  /// The place of the element with this row-major number.
  func offset(_ index: Int) -> Int {
    var rest = index
    var offset = 0
    for d in stride(from: shape.count - 1, through: 0, by: -1) {
      offset += rest % shape[d] * strides[d]
      rest /= shape[d]
    }
    return offset
  }

  /// The element with this row-major number; whole numbers beyond 2^53 are read by `whole`.
  subscript(index: Int) -> Double {
    get {
      let at = bytes + offset(index) * element.size
      switch element {
      case .bool: return at.load(as: UInt8.self) == 0 ? 0 : 1
      case .float16: return Double(at.load(as: Float16.self))
      case .bfloat16: return Double(Float(bitPattern: UInt32(at.load(as: UInt16.self)) << 16))
      case .float32: return Double(at.load(as: Float.self))
      case .float64: return at.load(as: Double.self)
      default: return Double(whole(index))
      }
    }
    set {
      let at = bytes + offset(index) * element.size
      switch element {
      case .bool: at.storeBytes(of: newValue == 0 ? 0 : 1, as: UInt8.self)
      case .float16: at.storeBytes(of: Float16(newValue), as: Float16.self)
      case .bfloat16:
        precondition(newValue.isNaN || Double(Float(newValue)) == newValue)
        at.storeBytes(of: UInt16(Float(newValue).bitPattern >> 16), as: UInt16.self)
      case .float32: at.storeBytes(of: Float(newValue), as: Float.self)
      case .float64: at.storeBytes(of: newValue, as: Double.self)
      default: store(Int64(newValue), at: index)
      }
    }
  }

  func whole(_ index: Int) -> Int64 {
    let at = bytes + offset(index) * element.size
    switch element {
    case .bool, .uint8: return Int64(at.load(as: UInt8.self))
    case .int8: return Int64(at.load(as: Int8.self))
    case .int16: return Int64(at.load(as: Int16.self))
    case .int32: return Int64(at.load(as: Int32.self))
    default: return at.load(as: Int64.self)
    }
  }

  func store(_ value: Int64, at index: Int) {
    let at = bytes + offset(index) * element.size
    switch element {
    case .bool, .uint8: at.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
    case .int8: at.storeBytes(of: Int8(truncatingIfNeeded: value), as: Int8.self)
    case .int16: at.storeBytes(of: Int16(truncatingIfNeeded: value), as: Int16.self)
    case .int32: at.storeBytes(of: Int32(truncatingIfNeeded: value), as: Int32.self)
    default: at.storeBytes(of: value, as: Int64.self)
    }
  }

  /// Stores a number as the fixtures write it.
  func store(_ text: String, at index: Int) {
    if element.isFloat {
      self[index] = Double(text)!
    } else {
      store(text == "True" ? 1 : text == "False" ? 0 : Int64(text)!, at: index)
    }
  }

  /// Whether the element is the number the fixture writes: NaN as NaN, zeros with their sign; `within` is relative.
  func holds(_ text: String, at index: Int, within tolerance: Double = 0) -> Bool {
    guard element.isFloat else {
      return whole(index) == (text == "True" ? 1 : text == "False" ? 0 : Int64(text)!)
    }
    let value = self[index]
    let expected = Double(text)!
    if value.isNaN || expected.isNaN { return value.isNaN && expected.isNaN }
    if value == expected { return value.sign == expected.sign }
    return abs(value - expected) <= tolerance * abs(expected)
  }

  var values: [Double] { (0..<count).map { self[$0] } }
}

/// Ways that operands lie in memory.
enum Placement: CaseIterable, Sendable {
  case rowMajor, columnMajor, spread

  func make(_ element: Element, _ shape: [Int]) -> Memory {
    switch self {
    case .rowMajor: return Memory(element, shape)
    case .columnMajor:
      var strides: [Int] = []
      var step = 1
      for size in shape {
        strides.append(step)
        step *= max(size, 1)
      }
      return Memory(element, shape, strides: strides)
    case .spread:
      var strides = shape
      var step = 2
      for d in shape.indices.reversed() {
        strides[d] = step
        step = step * max(shape[d], 1) + 2
      }
      return Memory(element, shape, strides: strides)
    }
  }
}

/// Small reproducible numbers.
struct Sequence64: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
