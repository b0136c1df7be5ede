/// One number per dimension: a shape, strides or a list of dimensions.
///
/// Up to eight numbers are stored inline, because two arrays per tensor would cost more than a small operation itself.
package struct Dims: Sendable {
  /// How many numbers fit inline.
  package static let inlineCapacity = 8

  package private(set) var count: Int
  private var inline: InlineArray<8, Int>
  /// All numbers when there are more than fit inline.
  private var spilled = OptionalReference<Spill>(nil)

  /// Numbers at an address of their own, copied before they are written if they are shared.
  private final class Spill: @unchecked Sendable {
    let numbers: UnsafeMutablePointer<Int>
    let capacity: Int

    init(capacity: Int) {
      numbers = .allocate(capacity: capacity)
      numbers.initialize(repeating: 0, count: capacity)
      self.capacity = capacity
    }

    convenience init(copying old: UnsafePointer<Int>, count: Int, capacity: Int) {
      self.init(capacity: capacity)
      numbers.update(from: old, count: count)
    }

    deinit { numbers.deallocate() }
  }

  package init(repeating value: Int, count: Int) {
    self.count = count
    inline = InlineArray(repeating: value)
    if count > Dims.inlineCapacity {
      let spill = Spill(capacity: count)
      spill.numbers.update(repeating: value, count: count)
      spilled = OptionalReference(spill)
    }
  }

  // Inits that call no other: those that do copy what it made.
  package init() {
    count = 0
    inline = InlineArray(repeating: 0)
  }

  package init(_ range: Range<Int>) {
    self.init(repeating: 0, count: range.count)
    for i in 0..<count { self[i] = range.lowerBound + i }
  }

  package init(_ first: Int, _ second: Int) {
    count = 2
    inline = InlineArray(repeating: first)
    inline[1] = second
  }

  package init(_ elements: some Collection<Int>) {
    count = elements.count
    inline = InlineArray(repeating: 0)
    if count > Dims.inlineCapacity { spilled = OptionalReference(Spill(capacity: count)) }
    var i = 0
    for element in elements {
      self[i] = element
      i += 1
    }
  }

  /// Calls `body` with the numbers in contiguous memory.
  @inline(__always)
  package func withPointer<Result, Failure: Error>(
    _ body: (UnsafePointer<Int>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafePointer(to: inline) { (pointer) throws(Failure) in
      // One call of the inlined body: with two, nested calls would double their code at every level.
      let spill = spilled.object
      defer { withExtendedLifetime(spill) {} }
      return try body(
        spill.map { UnsafePointer($0.numbers) } ?? UnsafeRawPointer(pointer).assumingMemoryBound(to: Int.self))
    }
  }

  package mutating func append(_ element: Int) {
    if count < Dims.inlineCapacity {
      inline[count] = element
    } else {
      if spilled.isNil || count == spilled.object!.capacity {
        spilled = withPointer { OptionalReference(Spill(copying: $0, count: count, capacity: 2 * count)) }
      }
      ownSpill()
      spilled.object!.numbers[count] = element
    }
    count += 1
  }

  /// Makes the spilled numbers this value's own, before they are written.
  private mutating func ownSpill() {
    if !spilled.isUniquelyReferenced(), let old = spilled.object {
      spilled = OptionalReference(Spill(copying: old.numbers, count: count, capacity: old.capacity))
    }
  }

  package mutating func insert(_ element: Int, at position: Int) {
    append(element)
    var i = count - 1
    while i > position {
      self[i] = self[i - 1]
      i -= 1
    }
    self[position] = element
  }

  package mutating func remove(at position: Int) {
    for i in position..<(count - 1) { self[i] = self[i + 1] }
    count -= 1
    if count == Dims.inlineCapacity, let old = spilled.take() {
      for i in 0..<count { inline[i] = old.numbers[i] }
    }
  }
}

extension Dims: RandomAccessCollection, MutableCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(position: Int) -> Int {
    @inline(__always) get {
      precondition(position >= 0 && position < count)
      return spilled.isNil ? inline[position] : spilled.object!.numbers[position]
    }
    @inline(__always) set {
      precondition(position >= 0 && position < count)
      if spilled.isNil {
        inline[position] = newValue
      } else {
        ownSpill()
        spilled.object!.numbers[position] = newValue
      }
    }
  }
}

extension Dims: Equatable {
  package static func == (a: Dims, b: Dims) -> Bool {
    if a.count != b.count { return false }
    // Not by the subscript: see elementCount.
    if a.spilled.isNil {
      for i in 0..<a.count where a.inline[i] != b.inline[i] { return false }
    } else {
      for i in 0..<a.count where a[i] != b[i] { return false }
    }
    return true
  }
}

extension Dims: ExpressibleByArrayLiteral, CustomStringConvertible {
  package init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The numbers as PyTorch lists them: "[2, 3]".
  package var description: String {
    "[" + map { String($0) }.joined(separator: ", ") + "]"
  }
}

extension Dims {
  /// The product of all sizes: the number of elements of a shape.
  package var elementCount: Int {
    var product = 1
    // By the subscript, the compiler copies all inline numbers for each that is read.
    if spilled.isNil {
      for i in 0..<count { product *= inline[i] }
    } else {
      for i in 0..<count { product *= self[i] }
    }
    return product
  }

  /// The same product, or nil when it or an array of so many elements would not fit the address space.
  package func checkedElementCount(itemSize: Int) -> Int? {
    var product = 1
    var empty = false
    for i in 0..<count {
      let size = self[i]
      if size < 0 { return nil }
      if size == 0 { empty = true }
      let (next, overflow) = product.multipliedReportingOverflow(by: Swift.max(size, 1))
      if overflow { return nil }
      product = next
    }
    let (bytes, overflow) = product.multipliedReportingOverflow(by: itemSize)
    if overflow || bytes < 0 { return nil }
    return empty ? 0 : product
  }

  /// Turns a shape into the strides of a row-major tensor.
  mutating func becomeRowMajorStrides() {
    var stride = 1
    var i = count - 1
    while i >= 0 {
      // Not by the subscript: see elementCount.
      let size = spilled.isNil ? inline[i] : self[i]
      self[i] = stride
      // Whoever allocates refuses a shape whose count overflows.
      stride &*= Swift.max(size, 1)
      i -= 1
    }
  }
}
