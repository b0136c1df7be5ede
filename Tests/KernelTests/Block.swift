import CTensorKernels

/// Elements in memory under a layout, for calling kernels without tensors.
///
/// The bytes around and between the elements hold a pattern, so that a test can see that a kernel left them alone.
final class Block {
  /// How the elements lie in memory.
  enum Layout: String, CaseIterable, Sendable {
    /// Row-major.
    case contiguous
    /// The last two dimensions swapped.
    case transposed
    /// Every second element.
    case strided
    /// All dimensions reversed.
    case reversed
  }

  let dtype: st_dtype
  let shape: [Int]
  let strides: [Int]
  let count: Int
  private let memory: UnsafeMutableRawBufferPointer
  private let first: UnsafeMutableRawPointer
  private let dimensions: UnsafeMutableBufferPointer<Int>
  private static let pattern: UInt8 = 0xA5
  private static let margin = 64

  /// A block whose element number i, in row-major order, is `value(i)`; `expanded` dimensions get a stride of 0.
  init(
    _ dtype: st_dtype, _ shape: [Int], _ layout: Layout = .contiguous, expanded: Set<Int> = [],
    value: (Int) -> Double = { _ in 0 }
  ) {
    self.dtype = dtype
    self.shape = shape
    count = shape.reduce(1, *)
    var order = Array(shape.indices)  // outermost first
    switch layout {
    case .transposed where shape.count > 1: order.swapAt(shape.count - 1, shape.count - 2)
    case .reversed: order.reverse()
    default: break
    }
    var strides = [Int](repeating: 0, count: shape.count)
    var run = layout == .strided ? 2 : 1
    for d in order.reversed() where !expanded.contains(d) {
      strides[d] = run
      run *= max(shape[d], 1)
    }
    self.strides = strides
    let bytes = run * Block.itemSize(dtype) + 2 * Block.margin
    memory = .allocate(byteCount: bytes, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: Block.pattern)
    first = memory.baseAddress! + Block.margin
    dimensions = .allocate(capacity: 2 * max(shape.count, 1))
    dimensions.initialize(repeating: 0)
    for d in shape.indices {
      dimensions[d] = shape[d]
      dimensions[shape.count + d] = strides[d]
    }
    for i in 0..<count { self[i] = value(i) }
  }

  /// A block of these values.
  convenience init(_ dtype: st_dtype, _ shape: [Int], _ layout: Layout = .contiguous, values: [Double]) {
    self.init(dtype, shape, layout) { values[$0] }
  }

  /// The view to pass.
  ///
  /// A block's memory is never freed: Swift may release the block before the kernel that was given its view has run.
  var view: st_view {
    let base = UnsafePointer(dimensions.baseAddress!)
    return st_view(data: first, shape: base, strides: base + shape.count, rank: Int32(shape.count), dtype: dtype)
  }

  /// A view that stands for an operand that is absent.
  static var none: st_view { st_view(data: nil, shape: nil, strides: nil, rank: 0, dtype: 0) }

  /// The element of a row-major number.
  subscript(_ i: Int) -> Double {
    get { Block.load(first + offset(of: i), dtype) }
    set { Block.store(newValue, first + offset(of: i), dtype) }
  }

  /// The values in row-major order.
  var values: [Double] { (0..<count).map { self[$0] } }

  /// The elements' bytes in row-major order.
  var bytes: [UInt8] {
    (0..<count).flatMap { i in
      UnsafeRawBufferPointer(start: first + offset(of: i), count: Block.itemSize(dtype))
    }
  }

  /// The address of the first element, for kernels that take plain arrays.
  var address: UnsafeMutableRawPointer { first }

  /// Nothing was written around and between the elements.
  var isSoundOutside: Bool {
    let size = Block.itemSize(dtype)
    var inside = [Bool](repeating: false, count: memory.count)
    for i in 0..<count {
      let start = Block.margin + offset(of: i)
      for byte in start..<(start + size) { inside[byte] = true }
    }
    return memory.indices.allSatisfy { inside[$0] || memory[$0] == Block.pattern }
  }

  private func offset(of number: Int) -> Int {
    var rest = number
    var elements = 0
    for d in shape.indices.reversed() {
      elements += rest % shape[d] * strides[d]
      rest /= shape[d]
    }
    return elements * Block.itemSize(dtype)
  }

  static func itemSize(_ dtype: st_dtype) -> Int { [1, 1, 1, 2, 4, 8, 2, 2, 4, 8][Int(dtype)] }

  /// The double nearest to `value` that the dtype can hold; integers must fit.
  static func rounded(_ value: Double, to dtype: st_dtype) -> Double {
    withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) {
      store(value, $0.baseAddress!, dtype)
      return load($0.baseAddress!, dtype)
    }
  }

  private static func load(_ at: UnsafeMutableRawPointer, _ dtype: st_dtype) -> Double {
    switch Int(dtype) {
    case ST_BOOL, ST_UINT8: Double(at.load(as: UInt8.self))
    case ST_INT8: Double(at.load(as: Int8.self))
    case ST_INT16: Double(at.load(as: Int16.self))
    case ST_INT32: Double(at.load(as: Int32.self))
    case ST_INT64: Double(at.load(as: Int64.self))
    case ST_FLOAT16: Double(at.load(as: Float16.self))
    case ST_BFLOAT16: Double(Float(bitPattern: UInt32(at.load(as: UInt16.self)) << 16))
    case ST_FLOAT32: Double(at.load(as: Float.self))
    default: at.load(as: Double.self)
    }
  }

  private static func store(_ value: Double, _ at: UnsafeMutableRawPointer, _ dtype: st_dtype) {
    switch Int(dtype) {
    case ST_BOOL: at.storeBytes(of: value != 0 ? 1 : 0, as: UInt8.self)
    case ST_UINT8: at.storeBytes(of: UInt8(value), as: UInt8.self)
    case ST_INT8: at.storeBytes(of: Int8(value), as: Int8.self)
    case ST_INT16: at.storeBytes(of: Int16(value), as: Int16.self)
    case ST_INT32: at.storeBytes(of: Int32(value), as: Int32.self)
    case ST_INT64: at.storeBytes(of: Int64(value), as: Int64.self)
    case ST_FLOAT16: at.storeBytes(of: Float16(Float(value)), as: Float16.self)
    case ST_BFLOAT16:
      let bits = Float(value).bitPattern
      let nearest = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
      at.storeBytes(of: value.isNaN ? 0x7FC0 : UInt16(truncatingIfNeeded: nearest), as: UInt16.self)
    case ST_FLOAT32: at.storeBytes(of: Float(value), as: Float.self)
    default: at.storeBytes(of: value, as: Double.self)
    }
  }
}

/// The dtypes by their names in fixtures and test titles, in the kernels' order.
enum Kind: Int, CaseIterable, Sendable {
  case bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64

  var dtype: st_dtype { st_dtype(rawValue) }
  static let floats: [Kind] = [.float16, .bfloat16, .float32, .float64]
  init?(name: some StringProtocol) {
    guard let kind = Kind.allCases.first(where: { "\($0)" == name }) else { return nil }
    self = kind
  }
}

/// Numbers that look random and are the same in every run.
struct Numbers {
  private var state: UInt64
  init(_ seed: Int) { state = UInt64(seed) &* 2 &+ 1 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  mutating func whole(_ range: ClosedRange<Int>) -> Int { range.lowerBound + Int(next()) % range.count }
  mutating func real(_ range: ClosedRange<Double> = -1...1) -> Double {
    range.lowerBound + Double(next()) / 0x1p31 * (range.upperBound - range.lowerBound)
  }
}
