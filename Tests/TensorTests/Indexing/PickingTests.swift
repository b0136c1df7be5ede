import Tensor
import TestSupport
import Testing

/// Named indexing: expected values follow the formulas in the methods' documentation, worked out by plain loops.
@Suite(.everyDevice)
struct PickingTests {
  private static let dims = [-2, 0, 1]

  /// Calls `body` with the row, the column, and the place that the index names.
  private func each(_ index: [[Int]], dim: Int, _ body: (Int, Int, (Int, Int)) -> Void) {
    for (i, row) in index.enumerated() {
      for (j, value) in row.enumerated() { body(i, j, dim == 1 ? (i, value) : (value, j)) }
    }
  }

  @Test(arguments: LayoutCase.allCases, dims)
  func gathersAndScatters(_ layout: LayoutCase, _ dim: Int) {
    let x = layout.make(Tensor.arange(12).reshape(3, 4).to(.float64))
    let plain = x.doubles
    let index = [[2, 0, 1], [0, 0, 2]]
    let source = layout.make((Tensor.arange(6) + 100).reshape(2, 3).to(.float64))
    var (gathered, set, added) = ([Double](), plain, plain)
    each(index, dim: dim) { i, j, place in
      gathered.append(plain[place.0 * 4 + place.1])
      set[place.0 * 4 + place.1] = source.doubles[i * 3 + j]
      added[place.0 * 4 + place.1] += source.doubles[i * 3 + j]
    }
    for dtype in [DType.int64, .int32] {
      let index = layout == .expanded ? Tensor(index, dtype: dtype) : layout.make(Tensor(index, dtype: dtype))
      expectEqual(x.gather(dim: dim, index: index), gathered, shape: [2, 3])
      expectEqual(x.scatter(dim: dim, index: index, source: source), set, shape: [3, 4])
      expectEqual(x.scatterAdd(dim: dim, index: index, source: source), added)
    }
    expectEqual(x, plain)
  }

  @Test func numbersThatIntegersCannotHold() {
    let (x, mask) = (Tensor([1, 2], dtype: .int8), Tensor([true, false]))
    expectError(.value, "where", "300", ".int8") { `where`(mask, x, 300) }
    expectError(.value, "where", "-129", ".int8") { `where`(mask, -129, x) }
    expectEqual(`where`(mask, x, 1.5), [1, 1.5], dtype: .float32)
    let sums = Tensor([1, 2]).indexAdd(dim: 0, index: Tensor([0]), source: Tensor([3]), alpha: -2.5)
    expectEqual(sums, [-5, 2], dtype: .int64)
  }

  @Test func gatherRefuses() {
    let x = Tensor.arange(12).reshape(3, 4)
    expectError(.index, "gather", "index 7", "dimension 1 with size 4") { _ = x.gather(dim: 1, index: Tensor([[7]])) }
    expectError(.index, "gather", "index -1") { _ = x.gather(dim: 0, index: Tensor([[-1]])) }
    expectError(.index, "scatterAdd", "index 3", "dimension 0") {
      _ = x.scatterAdd(dim: 0, index: Tensor([[3]]), source: x)
    }
    expectError(.shape, "gather", "[1]", "[3, 4]") { _ = x.gather(dim: 0, index: Tensor([0])) }
    expectError(.shape, "gather", "[1, 5]", "apart from dimension 0") {
      _ = x.gather(dim: 0, index: Tensor.zeros(1, 5, dtype: .int64))
    }
    expectError(.shape, "scatter", "[1, 2]", "[1, 1]") {
      _ = x.scatter(dim: 0, index: Tensor([[0, 0]]), source: Tensor([[1]]))
    }
    expectError(.dtype, "gather", ".float32") { _ = x.gather(dim: 0, index: Tensor([[0.0]])) }
    expectError(.dtype, "scatter", ".int64", ".float32") {
      _ = x.scatter(dim: 0, index: Tensor([[0]]), source: Tensor([[1.0]]))
    }
    #expect(Tensor(7).gather(dim: 0, index: Tensor(0)).shape == [])
    #expect(x.gather(dim: 1, index: Tensor.zeros(3, 0, dtype: .int64)).shape == [3, 0])
    expectEqual(Tensor.zeros(2, 2).scatter(dim: 1, index: Tensor([[1], [0]]), value: 5), [0, 5, 5, 0])
  }

  /// A zero-dim tensor and a vector of one entry stand for each other.
  @Test func zeroDimIndices() {
    let (x, zero, first) = (Tensor([1.0, 2, 3]), Tensor(0), Tensor([0]))
    expectEqual(Tensor(5.0).gather(dim: 0, index: Tensor([0, 0])), [5, 5], shape: [2])
    expectEqual(x.gather(dim: 0, index: Tensor(2)), [3], shape: [])
    expectEqual(x.scatter(dim: 0, index: zero, source: Tensor(9.0)), [9, 2, 3], shape: [3])
    expectEqual(x.scatter(dim: 0, index: zero, value: 9), [9, 2, 3], shape: [3])
    expectEqual(Tensor(5.0).scatterAdd(dim: 0, index: Tensor([0, 0]), source: Tensor([9.0, 8])), [22], shape: [])
    expectEqual(x.scatterAdd(dim: -1, index: zero, source: Tensor([9.0])), [10, 2, 3], shape: [3])
    expectEqual(Tensor(5.0).scatterReduce(dim: 0, index: first, source: Tensor([9.0]), reduce: .sum), [14], shape: [])
    expectEqual(x.scatterReduce(dim: 0, index: zero, source: Tensor(9.0), reduce: .amax), [9, 2, 3], shape: [3])
    expectError(.index, "gather", "index 1", "dimension 0 with size 1") {
      Tensor(5.0).gather(dim: 0, index: Tensor([1]))
    }
    expectError(.index, "roll") { Tensor(5.0).roll(1, dim: 0) }
    expectEqual(Tensor(5.0).roll(1), [5], shape: [])
  }

  @Test func placesOfBytes() {
    let places = Tensor([0, 3, 255], dtype: .uint8).unravelIndex([6, 7, 8, 9])
    for (place, expected) in zip(places, [[0.0, 0, 0], [0, 0, 3], [0, 0, 4], [0, 3, 3]]) {
      expectEqual(place, expected, dtype: .int64)
    }
  }

  @Test func takesAlongDimensions() {
    let x = Tensor([[10, 30, 20], [60, 40, 50]])
    expectEqual(x.takeAlongDim(x.argmax(dim: 1, keepDim: true), dim: 1), [30, 60], shape: [2, 1])
    expectEqual(x.takeAlongDim(Tensor([[1, 0]]), dim: -1), [30, 10, 40, 60], shape: [2, 2])
    expectEqual(x.take(Tensor([[0, -1], [4, 4]])), [10, 50, 40, 40], shape: [2, 2])
    expectError(.index, "take", "index 6", "6") { _ = x.take(Tensor([6])) }
    expectError(.shape, "takeAlongDim", "[1]") { _ = x.takeAlongDim(Tensor([0]), dim: 0) }
  }

  @Test func entriesByIndex() {
    let x = Tensor([[0.0, 1, 2], [3, 4, 5]])
    let index = Tensor([2, 0, 2])
    expectEqual(x.indexSelect(dim: -1, index: index), [2, 0, 2, 5, 3, 5], shape: [2, 3])
    expectEqual(x.indexSelect(dim: 0, index: Tensor(1)), [3, 4, 5], shape: [1, 3])
    expectEqual(x.indexAdd(dim: 1, index: index, source: Tensor([[1.0, 2, 4], [1, 2, 4]])), [2, 1, 7, 5, 4, 10])
    expectEqual(x.indexAdd(dim: 0, index: Tensor([0]), source: x[0..<1], alpha: 2), [0, 3, 6, 3, 4, 5])
    expectEqual(x.indexCopy(dim: 1, index: index, source: Tensor([[1.0, 2, 4], [1, 2, 4]])), [2, 1, 4, 2, 4, 4])
    expectEqual(x.indexFill(dim: 1, index: index, value: -1), [-1, 1, -1, -1, 4, -1])
    expectEqual(x, [0, 1, 2, 3, 4, 5])
    expectError(.index, "indexSelect", "index 5 is out of bounds for dimension 0 with size 2") {
      _ = x.indexSelect(dim: 0, index: Tensor([5]))
    }
    expectError(.index, "indexAdd", "index 2") { _ = x.indexAdd(dim: 0, index: Tensor([2]), source: x[0..<1]) }
    expectError(.shape, "indexSelect", "[1, 1]") { _ = x.indexSelect(dim: 0, index: Tensor([[0]])) }
    expectError(.shape, "indexCopy", "[2, 3]", "[1, 3]") {
      _ = x.indexCopy(dim: 0, index: Tensor([0, 1]), source: x[..<1])
    }
    expectError(.dtype, "indexAdd", ".int64") {
      _ = x.indexAdd(dim: 0, index: Tensor([0]), source: Tensor([[1, 2, 3]]))
    }
    expectError(.dtype, "indexSelect", ".float32") { _ = x.indexSelect(dim: 0, index: Tensor([0.0])) }
    // A zero-dim tensor has one entry, as in PyTorch.
    expectEqual(Tensor(1).indexSelect(dim: 0, index: Tensor([0])), [1], dtype: .int64)
  }

  @Test func indexPutWritesInPlace() {
    let x = Tensor.zeros(2, 3)
    x.indexPut([Tensor([0, 0]), Tensor([1, 1])], Tensor([2.0, 3]), accumulate: true)
    expectEqual(x, [0, 5, 0, 0, 0, 0])
    x.indexPut([nil, Tensor([true, false, true])], Tensor(1.0))
    expectEqual(x, [1, 5, 1, 1, 0, 1])
    x.indexPut([x .> 1], Tensor([0.5]), accumulate: true)
    expectEqual(x, [1, 5.5, 1, 1, 0, 1])
    expectError(.dtype, "indexPut", ".int64") { x.indexPut([Tensor([0])], Tensor([1])) }
    expectError(.index, "indexPut", "too many") { x.indexPut([nil, nil, nil], Tensor(1.0)) }
  }

  @Test(arguments: [DType.float16, .bfloat16, .float32, .float64, .uint8, .int8, .int16, .int32, .int64])
  func sumsRepeatedIndices(_ dtype: DType) {
    let source = Tensor.ones(9, dtype: dtype)
    let x = Tensor.zeros(2, dtype: dtype)
    expectEqual(x.indexAdd(dim: 0, index: Tensor([0, 1, 1, 1, 0, 0, 1, 1, 1]), source: source), [3, 6], dtype: dtype)
  }

  @Test func masks() {
    let x = Tensor([[0, 1, 2], [3, 4, 5]])
    expectEqual(x.maskedFill(x .> 3, -1), [0, 1, 2, 3, -1, -1], dtype: .int64)
    expectEqual(x.maskedFill(x .> 3, 0.5), [0, 1, 2, 3, 0, 0], dtype: .int64)
    expectEqual(x.maskedFill(Tensor([true, false, false]), Tensor(9.0)), [9, 1, 2, 9, 4, 5], dtype: .int64)
    #expect(x.maskedFill(Tensor.ones(4, 1, 1, dtype: .bool), 0).shape == [4, 2, 3])
    expectEqual(
      Tensor([1.0, 2]).half().maskedFill(Tensor([true, false]), -Double.infinity), [-.infinity, 2], dtype: .float16)
    expectEqual(x.maskedSelect(Tensor([[true], [false]])), [0, 1, 2], shape: [3])
    expectEqual(Tensor(3).maskedSelect(Tensor(true)), [3], shape: [1])
    expectEqual(x.maskedScatter(x .> 3, source: Tensor([7.9, 8, 9])), [0, 1, 2, 3, 7, 8], dtype: .int64)
    expectEqual(Tensor(3).maskedScatter(Tensor(true), source: Tensor([7])), [7], shape: [])
    expectError(.dtype, "maskedFill", ".int64") { _ = x.maskedFill(x, 0) }
    expectError(.dtype, "maskedSelect", ".int64") { _ = x.maskedSelect(x) }
    expectError(.shape, "maskedFill", "[2]", "[2, 3]") { _ = x.maskedFill(Tensor([true, false]), 0) }
    expectError(.shape, "maskedFill", "[2]") { _ = x.maskedFill(x .> 1, Tensor([0, 0])) }
    expectError(.shape, "maskedScatter", "2 true", "[1]") { _ = x.maskedScatter(x .> 3, source: Tensor([1])) }
    expectError(.value, "maskedFill", "300") { _ = x.byte().maskedFill(x .> 3, 300) }
  }

  @Test(arguments: DType.allCases)
  func findsWhatIsNotZero(_ dtype: DType) {
    let x = Tensor([[0, 1, 0], [1, 0, 1]]).to(dtype)
    expectEqual(x.nonzero(), [0, 1, 1, 0, 1, 2], shape: [3, 2], dtype: .int64)
    expectEqual(x.t().nonzero(), [0, 1, 1, 0, 2, 1], shape: [3, 2])
    #expect(Tensor(1).to(dtype).nonzero().shape == [1, 0] && Tensor(0).to(dtype).argwhere().shape == [0, 0])
    #expect(Tensor.zeros(0, 3).to(dtype).nonzero().shape == [0, 2])
  }

  @Test func specialFloatsAreNotZero() {
    expectEqual(Tensor([0.0, -0.0, .nan, .infinity, 1e-45]).nonzero(), [2, 3, 4])
  }

  @Test func repeats() {
    let x = Tensor([[1, 2], [3, 4]])
    expectEqual(x.repeat(1, 2), [1, 2, 1, 2, 3, 4, 3, 4], shape: [2, 4])
    expectEqual(x.repeat(2, 1, 1), [1, 2, 3, 4, 1, 2, 3, 4], shape: [2, 2, 2])
    expectEqual(x.t().repeat(1, 1), [1, 3, 2, 4])
    #expect(x.repeat(0, 1).shape == [0, 2] && Tensor(5).repeat(3).shape == [3] && Tensor(5).repeat([]).shape == [])
    #expect(x.repeat(1, 1).storage !== x.storage && x.repeatInterleave(1, dim: 0).storage !== x.storage)
    expectEqual(x.tile(2), [1, 2, 1, 2, 3, 4, 3, 4])
    expectEqual(x.repeatInterleave(2), [1, 1, 2, 2, 3, 3, 4, 4], shape: [8])
    expectEqual(x.repeatInterleave(2, dim: -1), [1, 1, 2, 2, 3, 3, 4, 4], shape: [2, 4])
    expectEqual(x.repeatInterleave(Tensor([2, 0]), dim: 0), [1, 2, 1, 2], shape: [2, 2])
    #expect(Tensor(5).repeatInterleave(3).shape == [3])
    expectError(.shape, "repeat", "[2]", "[2, 2]") { _ = x.repeat(2) }
    expectError(.memory, "repeat", "too large") { _ = x.repeat(.max, 1) }
    expectError(.value, "repeatInterleave", "[1]") { _ = x.repeatInterleave(Tensor([1]), dim: 0) }
  }

  @Test func reorders() {
    let x = Tensor([[0, 1, 2], [3, 4, 5]])
    expectEqual(x.flip(dims: 1), [2, 1, 0, 5, 4, 3])
    expectEqual(x.flip(dims: 0, -1), [5, 4, 3, 2, 1, 0])
    #expect(Tensor(3).flip(dims: 0).shape == [] && Tensor.zeros(0, 2).flip(dims: 0).shape == [0, 2])
    expectEqual(x.roll(1), [5, 0, 1, 2, 3, 4], shape: [2, 3])
    expectEqual(x.roll(-1, dim: 1), [1, 2, 0, 4, 5, 3])
    expectEqual(x.roll([1, 4], dims: [0, 1]), [5, 3, 4, 2, 0, 1])
    expectEqual(x.rot90(), [2, 5, 1, 4, 0, 3], shape: [3, 2])
    expectEqual(x.rot90(2), [5, 4, 3, 2, 1, 0], shape: [2, 3])
    expectEqual(x.rot90(-1), [3, 0, 4, 1, 5, 2], shape: [3, 2])
    expectEqual(Tensor([1, 2]).diag(offset: -1), [0, 0, 0, 1, 0, 0, 0, 2, 0], shape: [3, 3])
    expectEqual(x.diag(offset: 1), [1, 5])
    expectError(.index, "flip", "[-2, 1]") { _ = x.flip(dims: 2) }
    expectError(.value, "roll", "[1]", "[]") { _ = x.roll([1], dims: []) }
    expectError(.value, "diag", "too large") { _ = Tensor([1]).diag(offset: .min) }
  }

  @Test(arguments: -3...3)
  func keepsTriangles(_ diagonal: Int) {
    let x = Tensor.arange(1, 13).reshape(1, 3, 4)
    let places = (0..<12).map { (row: $0 / 4, column: $0 % 4, value: Double($0 + 1)) }
    expectEqual(
      x.tril(diagonal: diagonal), places.map { $0.column - $0.row <= diagonal ? $0.value : 0 }, shape: [1, 3, 4],
      dtype: .int64)
    expectEqual(x.triu(diagonal: diagonal), places.map { $0.column - $0.row >= diagonal ? $0.value : 0 })
  }

  @Test func trianglesOfEveryDType() {
    for dtype in DType.allCases {
      expectEqual(Tensor.ones(2, 2, dtype: dtype).tril(), [1, 0, 1, 1], dtype: dtype)
    }
    expectEqual(Tensor.full([2, 2], Double.nan).triu(diagonal: 1), [0, .nan, 0, 0])
    expectError(.shape, "tril", "[3]") { _ = Tensor.zeros(3).tril() }
  }
}
