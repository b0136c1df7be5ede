import Tensor
import Testing

/// Dims keep up to eight numbers inline and spill beyond; they must behave as an array on both sides.
struct DimsTests {
  @Test(arguments: 0...11)
  func growsAsAnArray(_ count: Int) {
    var dims = Dims()
    var array: [Int] = []
    for i in 0..<count {
      dims.append(i * i)
      array.append(i * i)
      #expect(Array(dims) == array)
      #expect(dims == Dims(array))
    }
    #expect(dims.description == array.description)
    dims.withPointer { pointer in
      for i in 0..<count { #expect(pointer[i] == array[i]) }
    }
  }

  @Test(arguments: 0...10)
  func insertsAnywhere(_ count: Int) {
    for position in 0...count {
      var dims = Dims(0..<count)
      var array = Array(0..<count)
      dims.insert(99, at: position)
      array.insert(99, at: position)
      #expect(Array(dims) == array)
      dims.withPointer { pointer in #expect(pointer[position] == 99) }
    }
  }

  @Test(arguments: 1...11)
  func removesAnywhere(_ count: Int) {
    for position in 0..<count {
      var dims = Dims(0..<count)
      var array = Array(0..<count)
      dims.remove(at: position)
      array.remove(at: position)
      #expect(Array(dims) == array)
      dims.withPointer { pointer in
        for i in 0..<(count - 1) { #expect(pointer[i] == array[i]) }
      }
      // After shrinking to what fits inline it must grow again.
      dims.append(7)
      #expect(Array(dims) == array + [7])
    }
  }

  @Test func copiesAreValues() {
    let original = Dims(0..<10)
    var copy = original
    copy[9] = 42
    copy[0] = 41
    #expect(Array(original) == Array(0..<10))
    #expect(copy != original)
    #expect(Dims(repeating: 3, count: 9) == Dims(Array(repeating: 3, count: 9)))
  }

  @Test func countsElementsWithoutOverflow() {
    #expect(Dims([2, 3, 4]).checkedElementCount(itemSize: 8) == 24)
    #expect(Dims([]).checkedElementCount(itemSize: 8) == 1)
    #expect(Dims([.max, 0]).checkedElementCount(itemSize: 1) == 0)
    #expect(Dims([.max, 0, 2]).checkedElementCount(itemSize: 1) == nil)
    #expect(Dims([.max, 2]).checkedElementCount(itemSize: 1) == nil)
    #expect(Dims([.max / 4]).checkedElementCount(itemSize: 8) == nil)
    #expect(Dims([2, -1]).checkedElementCount(itemSize: 1) == nil)
  }

  @Test(
    arguments: [
      ([2, 3], [3], [2, 3]), ([2, 1], [1, 3], [2, 3]), ([], [4], [4]), ([1], [0], [0]), ([0], [1], [0]),
      ([3], [0], nil),
      ([2, 3], [2, 4], nil), ([5, 1, 1], [2, 1], [5, 2, 1]),
      ([1, 1, 1, 1, 1, 1, 1, 1, 1, 2], [3, 1], [1, 1, 1, 1, 1, 1, 1, 1, 3, 2]),
    ] as [([Int], [Int], [Int]?)])
  func broadcasts(_ a: [Int], _ b: [Int], _ expected: [Int]?) {
    #expect(Dims.broadcast(Dims(a), Dims(b)).map(Array.init) == expected)
    #expect(Dims.broadcast(Dims(b), Dims(a)).map(Array.init) == expected)
  }
}
