/// One number per dimension: a shape, strides or a list of dimensions.
///
/// Up to eight numbers are stored inline, because two arrays per tensor would cost more than a small operation itself.
package struct Dims: Sendable {
  /// How many numbers fit inline.
  package static let inlineCapacity = 8

  package private(set) var count: Int
  private var inline: InlineArray<8, Int>
  private var spilled: [Int]?

  package init(repeating value: Int, count: Int) {
    self.count = count
    inline = InlineArray(repeating: value)
    spilled = count > Dims.inlineCapacity ? Array(repeating: value, count: count) : nil
  }

  package init() { self.init(repeating: 0, count: 0) }

  package init(_ range: Range<Int>) {
    self.init(repeating: 0, count: range.count)
    for i in 0..<count { self[i] = range.lowerBound + i }
  }

  package init(_ first: Int, _ second: Int) {
    self.init(repeating: first, count: 2)
    inline[1] = second
  }

  package init(_ elements: some Collection<Int>) {
    self.init(repeating: 0, count: elements.count)
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
    if let spilled {
      return try spilled.withUnsafeBufferPointer { (buffer) throws(Failure) in try body(buffer.baseAddress!) }
    }
    return try withUnsafePointer(to: inline) { (pointer) throws(Failure) in
      try body(UnsafeRawPointer(pointer).assumingMemoryBound(to: Int.self))
    }
  }

  package mutating func append(_ element: Int) {
    if count >= Dims.inlineCapacity {
      if spilled == nil { spilled = Array(self) }
      spilled!.append(element)
    } else {
      inline[count] = element
    }
    count += 1
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
    spilled?.removeLast()
    if count == Dims.inlineCapacity, let spilled {
      for i in 0..<count { inline[i] = spilled[i] }
      self.spilled = nil
    }
  }
}

extension Dims: RandomAccessCollection, MutableCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(position: Int) -> Int {
    @inline(__always) get {
      precondition(position >= 0 && position < count)
      return spilled == nil ? inline[position] : spilled![position]
    }
    @inline(__always) set {
      precondition(position >= 0 && position < count)
      if spilled == nil { inline[position] = newValue } else { spilled![position] = newValue }
    }
  }
}

extension Dims: Equatable {
  package static func == (a: Dims, b: Dims) -> Bool {
    if a.count != b.count { return false }
    for i in 0..<a.count where a[i] != b[i] { return false }
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
    for i in 0..<count { product *= self[i] }
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
}
