import CTensorKernels
import Testing

@Suite struct IndexingKernelTests {
  private func source(_ kind: Kind, _ shape: [Int], _ layout: Block.Layout = .contiguous) -> Block {
    Block(kind.dtype, shape, layout) { kind == .bool ? Double($0 % 3 % 2) : Double($0 % 50) }
  }

  private func indices(_ shape: [Int], _ layout: Block.Layout = .contiguous, _ value: @escaping (Int) -> Int) -> Block {
    Block(Kind.int64.dtype, shape, layout) { Double(value($0)) }
  }

  @Test(arguments: Kind.allCases, Block.Layout.allCases) func gather(kind: Kind, layout: Block.Layout) {
    let input = source(kind, [4, 5, 6], layout)
    let out = Block(kind.dtype, [3, 7, 6], layout)
    let index = indices([3, 7, 6], layout) { $0 * 7 % 5 }
    #expect(st_gather(out.view, input.view, index.view, 1).code == ST_OK)
    for i in 0..<out.count {
      #expect(out[i] == input[i / 42 * 30 + Int(index[i]) * 6 + i % 6])
    }
    #expect(out.isSoundOutside)
  }

  /// Rows of whole lines and a rest, from rows that are shorter and longer; an index outside in any place is refused.
  @Test(arguments: Kind.allCases, [7, 37, 100]) func gatherRows(kind: Kind, columns: Int) {
    let table = source(kind, [5, columns])
    let out = Block(kind.dtype, [5, 37])
    let index = indices([5, 37]) { $0 * 7919 % columns }
    #expect(st_gather(out.view, table.view, index.view, 1).code == ST_OK)
    for i in 0..<out.count { #expect(out[i] == table[i / 37 * columns + Int(index[i])]) }
    for place in [0, 37 + 15, 4 * 37 + 36] {
      for bad in [-1, columns, Int.max, Int.min] {
        let wrong = indices([5, 37]) { $0 % columns }
        wrong.address.storeBytes(of: Int64(bad), toByteOffset: place * 8, as: Int64.self)
        let status = st_gather(out.view, table.view, wrong.view, 1)
        #expect(status.code == ST_INDEX_OUT_OF_RANGE && status.value == bad && status.limit == columns)
      }
    }
    #expect(out.isSoundOutside)
  }

  @Test(arguments: Kind.allCases, Block.Layout.allCases) func scatter(kind: Kind, layout: Block.Layout) {
    let values = source(kind, [3, 7, 6], layout)
    let index = indices([3, 7, 6], layout) { $0 * 7 % 5 }
    for (mode, add) in [(ST_SCATTER_SET, false), (ST_SCATTER_ADD, true)] {
      let out = Block(kind.dtype, [4, 5, 6], layout) { _ in kind == .bool ? 0 : 1 }
      var expected = out.values
      for i in 0..<index.count {
        let place = i / 42 * 30 + Int(index[i]) * 6 + i % 6
        let sum = kind == .bool ? max(expected[place], values[i]) : expected[place] + values[i]
        expected[place] = add ? sum : values[i]
      }
      #expect(st_scatter(out.view, index.view, values.view, 1, Int32(mode)).code == ST_OK)
      #expect(out.values == expected)
      #expect(out.isSoundOutside)
    }
  }

  /// Two indexed dimensions of three, with a broadcast index, negative values and the rest of the dimensions behind.
  @Test(arguments: Kind.allCases, Block.Layout.allCases) func index(kind: Kind, layout: Block.Layout) {
    let input = source(kind, [4, 5, 6], layout)
    let rows = indices([2, 3], layout) { $0 % 8 - 4 }
    let columns = Block(Kind.int64.dtype, [2, 3], expanded: [0]) { Double($0 % 3 + 1) }
    let out = Block(kind.dtype, [2, 3, 6], layout)
    #expect(st_index(out.view, input.view, [rows.view, columns.view], 2).code == ST_OK)
    for i in 0..<out.count {
      let row = (Int(rows[i / 6]) + 4) % 4
      #expect(out[i] == input[row * 30 + Int(columns[i / 6]) * 6 + i % 6])
    }
    let picked = Block(kind.dtype, [2, 3], layout)
    let last = indices([2, 3]) { 5 - $0 }
    #expect(st_index(picked.view, input.view, [rows.view, columns.view, last.view], 3).code == ST_OK)
    for i in 0..<6 {
      let row = (Int(rows[i]) + 4) % 4
      #expect(picked[i] == input[row * 30 + Int(columns[i]) * 6 + 5 - i])
    }
    #expect(out.isSoundOutside && picked.isSoundOutside)
  }

  /// Of equal indices the last wins, or all are added; the values are broadcast.
  @Test(arguments: Kind.allCases, Block.Layout.allCases) func put(kind: Kind, layout: Block.Layout) {
    let rows = indices([5]) { [0, 2, 0, -1, 0][$0] }
    for (shape, value) in [([5, 6], { (i: Int) in i }), ([5, 1], { $0 / 6 }), ([6], { $0 % 6 }), ([], { _ in 0 })] {
      let values = source(kind, shape, layout)
      for accumulate in [false, true] {
        let out = Block(kind.dtype, [4, 6], layout)
        var expected = out.values
        for i in 0..<30 {
          let place = (Int(rows[i / 6]) + 4) % 4 * 6 + i % 6
          let added = values[value(i)]
          let sum = kind == .bool ? max(expected[place], added) : expected[place] + added
          expected[place] = accumulate ? sum : added
        }
        #expect(st_index_put(out.view, values.view, [rows.view], 1, accumulate).code == ST_OK)
        #expect(out.values == expected)
        #expect(out.isSoundOutside)
      }
    }
  }

  /// Sums of many 16-bit floats round at each step, as repeated `+=` does.
  @Test func halfSumsRoundEachTime() {
    let ones = Block(Kind.float16.dtype, [4096]) { _ in 1 }
    let out = Block(Kind.float16.dtype, [1])
    let index = indices([4096]) { _ in 0 }
    #expect(st_index_put(out.view, ones.view, [index.view], 1, true).code == ST_OK)
    #expect(out[0] == 2048)
  }

  @Test(arguments: [-1, 4, Int.max, Int.min]) func gatherAndScatterRefuse(bad: Int) {
    let index = indices([4, 2]) { _ in 0 }
    index.address.storeBytes(of: Int64(bad), toByteOffset: 5 * 8, as: Int64.self)
    let table = source(.float32, [4, 2])
    let out = Block(Kind.float32.dtype, [4, 2]) { _ in 7 }
    let read = Block(Kind.float32.dtype, [4, 2])
    for status in [
      st_gather(read.view, table.view, index.view, 0),
      st_scatter(out.view, index.view, table.view, 0, Int32(ST_SCATTER_SET)),
      st_scatter(out.view, index.view, table.view, 0, Int32(ST_SCATTER_ADD)),
    ] {
      #expect(status.code == ST_INDEX_OUT_OF_RANGE && status.value == bad && status.limit == 4)
    }
    #expect(out.values.allSatisfy { $0 == 7 })
    #expect(out.isSoundOutside && read.isSoundOutside)
  }

  @Test(arguments: [-5, 4, Int.max, Int.min]) func indexRefuses(bad: Int) {
    let good = indices([3]) { $0 }
    let wrong = indices([3]) { $0 }
    wrong.address.storeBytes(of: Int64(bad), toByteOffset: 16, as: Int64.self)
    let table = source(.float32, [3, 4])
    let out = Block(Kind.float32.dtype, [3]) { _ in 7 }
    let read = st_index(out.view, table.view, [good.view, wrong.view], 2)
    #expect(read.code == ST_INDEX_OUT_OF_RANGE && read.operand == 1 && read.value == bad && read.limit == 4)
    #expect(out.values == [7, 7, 7])
    let before = table.values
    let written = st_index_put(table.view, out.view, [good.view, wrong.view], 2, true)
    #expect(written.code == ST_INDEX_OUT_OF_RANGE && written.operand == 1 && written.value == bad)
    #expect(table.values == before)
  }

  @Test func emptyIndicesAndTables() {
    let none = indices([0]) { _ in 0 }
    let table = source(.float32, [0, 4])
    let out = Block(Kind.float32.dtype, [0, 4])
    #expect(st_index(out.view, table.view, [none.view], 1).code == ST_OK)
    let one = indices([1]) { _ in 0 }
    #expect(st_index(Block(Kind.float32.dtype, [1, 4]).view, table.view, [one.view], 1).code == ST_INDEX_OUT_OF_RANGE)
    let scalar = Block(Kind.float32.dtype, []) { _ in 3 }
    let zero = indices([]) { _ in 0 }
    let copy = Block(Kind.float32.dtype, [])
    #expect(st_gather(copy.view, scalar.view, zero.view, 0).code == ST_OK)
    #expect(copy[0] == 3)
  }

  /// NaN counts as nonzero, -0 as zero.
  @Test(arguments: Kind.allCases, Block.Layout.allCases) func nonzero(kind: Kind, layout: Block.Layout) {
    let input = Block(kind.dtype, [3, 4, 2], layout) { Double($0 % 5 % 2) }
    if Kind.floats.contains(kind) { (input[0], input[1]) = (-0.0, .nan) }
    let places = (0..<24).filter { input[$0] != 0 }
    #expect(st_count_nonzero(input.view) == places.count)
    let out = Block(Kind.int64.dtype, [places.count, 3], .strided)
    st_nonzero(out.view, input.view)
    #expect(out.values == places.flatMap { [Double($0 / 8), Double($0 / 2 % 4), Double($0 % 2)] })
    #expect(out.isSoundOutside)
  }
}
