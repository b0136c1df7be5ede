import CTensorKernels
import Testing

/// Results of 16 MB or more are written past the caches, by code of their own.
@Suite struct LargeResultTests {
  /// The numbers from 0 in row-major order, as the element rounds or wraps them.
  private func counted(_ element: Element, _ shape: [Int]) -> Memory {
    let memory = Memory(element, shape)
    let line = Memory(element, [0])
    let extents = UnsafeMutablePointer<Int>.allocate(capacity: 2)
    extents[0] = memory.count
    extents[1] = 1
    var view = line.view
    (view.data, view.shape, view.strides) = (memory.bytes, UnsafePointer(extents), UnsafePointer(extents + 1))
    st_arange(view, st_number(kind: .init(1), integer: 0, real: 0), st_number(kind: .init(1), integer: 1, real: 0))
    return memory
  }

  /// Some places of `count`, among them both ends.
  private func places(_ count: Int) -> [Int] {
    Array(0..<200) + stride(from: 200, to: count - 200, by: 10_007) + Array(count - 200..<count)
  }

  /// A view of the same shape from the second element on, where lines of the cache do not begin.
  private func shifted(_ memory: Memory, _ shape: Memory) -> st_view {
    var view = shape.view
    view.data = memory.bytes + memory.element.size
    view.dtype = memory.element.rawValue
    return view
  }

  @Test func operandsThatAreBroadcast() {
    let (rows, columns) = (2051, 2053)
    let x = counted(.float32, [rows, columns])
    let row = counted(.float32, [columns]), column = counted(.float32, [rows, 1])
    let room = Memory(.float32, [rows * columns + 2])
    for (other, part) in [(row, { $0 % columns }), (column, { $0 / columns })] as [(Memory, (Int) -> Int)] {
      let out = shifted(room, x)
      _ = st_binary(ST_SUBTRACT, out, x.view, other.view, Element.float32.rawValue, nil)
      #expect(places(x.count).allSatisfy { room[$0 + 1] == Double($0 - part($0)) })
      #expect(room[0] == 0 && room[x.count + 1] == 0)
    }
  }

  @Test func shortRows() {
    let shape = [70_001, 61]
    let x = counted(.float32, shape), column = counted(.float32, [70_001, 1])
    let out = Memory(.float32, shape)
    _ = st_binary(ST_SUBTRACT, out.view, x.view, column.view, Element.float32.rawValue, nil)
    #expect(places(out.count).allSatisfy { out[$0] == Double($0 - $0 / 61) })
  }

  @Test(arguments: [Element.bfloat16, .float16]) func roundedResults(element: Element) {
    let count = 8_400_011
    let x = counted(.int32, [count]), out = Memory(element, [count]), flag = Memory(.bool, [2 * count])
    _ = st_unary(ST_NEGATIVE, out.view, x.view, Element.float32.rawValue, nil)
    let small = places(count).filter { $0 <= 256 }
    #expect(small.allSatisfy { out[$0] == Double(-$0) })
    let exact = element == .float16 ? Double(-Float(Float16(count - 1))) : -8_388_608
    #expect(out[count - 1] == exact)
    let twice = counted(.int32, [2 * count])
    _ = st_binary(ST_LESS, flag.view, twice.view, counted(.int32, [1]).view, Element.int32.rawValue, nil)
    #expect(places(2 * count).allSatisfy { flag[$0] == 0 })
    _ = st_binary(ST_GREATER, flag.view, twice.view, counted(.int32, [1]).view, Element.int32.rawValue, nil)
    #expect(places(2 * count).allSatisfy { flag[$0] == ($0 > 0 ? 1 : 0) })
  }

  @Test func casts() {
    let count = 2_200_013
    let x = counted(.int32, [2 * count]), out = Memory(.float64, [count])
    st_copy(out.view, Memory.spaced(x, by: 2, count: count))
    #expect(places(count).allSatisfy { out[$0] == Double(2 * $0) })
    let other = counted(.int32, [4 * count]), single = Memory(.float32, [4 * count + 1])
    st_copy(shifted(single, other), other.view)
    #expect(places(4 * count).allSatisfy { single[$0 + 1] == Double($0) })
  }

  @Test(arguments: [Element.uint8, .int16, .float32, .float64]) func transposes(element: Element) {
    let (rows, columns) = element.size == 1 ? (4099, 4160) : element.size == 2 ? (2913, 2944) : (2053, 2064)
    let x = counted(element, [rows, columns])
    let out = Memory(element, [columns, rows])
    st_copy(out.view, Memory.transposed(x))
    #expect(places(out.count).allSatisfy { out[$0] == x[$0 % rows * columns + $0 / rows] })
    // With rows of whole lines.
    let back = Memory(element, [rows, columns])
    st_copy(back.view, Memory.transposed(out))
    #expect(places(back.count).allSatisfy { back[$0] == x[$0] })
  }

  @Test func rowsAndPlanes() {
    // The middle dimensions exchanged, and a part of each row.
    let x = counted(.float32, [40, 70, 30, 61])
    let out = Memory(.float32, [40, 30, 70, 57])
    let extents = UnsafeMutablePointer<Int>.allocate(capacity: 8)
    for (d, value) in [40, 30, 70, 57, 70 * 30 * 61, 61, 30 * 61, 1].enumerated() { extents[d] = value }
    let view = st_view(
      data: x.bytes + 4, shape: extents, strides: extents + 4, rank: 4, dtype: Element.float32.rawValue)
    st_copy(out.view, view)
    #expect(
      places(out.count).allSatisfy { place in
        let (l, k, j, i) = (place % 57, place / 57 % 70, place / 57 / 70 % 30, place / 57 / 70 / 30)
        return out[place] == Double(((i * 70 + k) * 30 + j) * 61 + l + 1)
      })
  }

  @Test func gathers() {
    let (rows, columns) = (2051, 2053)
    let x = counted(.float32, [rows, columns]), index = counted(.int64, [rows, columns])
    let reversed = Memory(.float32, [rows, columns])
    // Each row backwards.
    let numbers = index.bytes.assumingMemoryBound(to: Int64.self)
    for i in 0..<rows * columns { numbers[i] = Int64(columns - 1 - i % columns) }
    #expect(st_gather(reversed.view, x.view, index.view, 1).code == 0)
    #expect(
      places(x.count).allSatisfy { reversed[$0] == Double($0 / columns * columns + columns - 1 - $0 % columns) })
    numbers[rows * columns / 2] = Int64(columns)
    let status = st_gather(reversed.view, x.view, index.view, 1)
    #expect(Int(status.code) == ST_INDEX_OUT_OF_RANGE && status.value == columns && status.limit == columns)
  }

  @Test(arguments: [(Element.bool, 1.0), (.int16, -77), (.bfloat16, 2.5), (.int64, 1e12)])
  func fills(element: Element, value: Double) {
    let memory = Memory(element, [100_003])
    for count in [0, 1, 7, 63, 64, 65, 100_001] {
      var view = Memory(element, [count]).view
      view.data = memory.bytes + element.size
      st_fill(memory.view, st_number(kind: .init(1), integer: 0, real: 0))
      st_fill(view, st_number(kind: .init(2), integer: 0, real: value))
      #expect(memory[0] == 0 && memory[count + 1] == 0)
      #expect((0..<min(count, 200)).allSatisfy { memory[$0 + 1] == value })
      #expect(count == 0 || memory[count] == value)
    }
  }
}

extension Memory {
  /// Every so manieth element of a vector.
  static func spaced(_ vector: Memory, by step: Int, count: Int) -> st_view {
    let extents = UnsafeMutablePointer<Int>.allocate(capacity: 2)
    extents[0] = count
    extents[1] = step
    return st_view(data: vector.bytes, shape: extents, strides: extents + 1, rank: 1, dtype: vector.element.rawValue)
  }
}
