import Tensor
import TestSupport
import Testing

@Suite(.everyDevice)
struct SubscriptTests {
  private var x: Tensor { Tensor.arange(24).reshape(2, 3, 4) }
  private var indices: Tensor { Tensor([0, 0]) }

  // MARK: Reading

  @Test func rangesOfEveryKind() {
    let x = Tensor.arange(5)
    let all: [Double] = [0, 1, 2, 3, 4]
    expectEqual(x[1..<3], [1, 2])
    expectEqual(x[1...3], [1, 2, 3])
    expectEqual(x[2...], [2, 3, 4])
    expectEqual(x[(-2)...], [3, 4])
    expectEqual(x[..<2], [0, 1])
    expectEqual(x[..<(-1)], [0, 1, 2, 3])
    expectEqual(x[...2], [0, 1, 2])
    expectEqual(x[...(-2)], [0, 1, 2, 3])
    expectEqual(x[...(-1)], all)
    expectEqual(x[(-3)...(-1)], [2, 3, 4])
    expectEqual(x[0...Int.max], all)
    expectEqual(x[Int.min...], all)
    expectEqual(x[7...], [])
    expectEqual(x[.slice(1, -1, by: 2)], [1, 3])
    expectEqual(x[.slice(by: 2)], [0, 2, 4])
    expectEqual(x[.slice(3, 1)], [])
    expectEqual(x[stride(from: 1, to: 4, by: 2)], [1, 3])
    expectEqual(x[stride(from: 0, through: 4, by: 2)], [0, 2, 4])
    expectEqual(x[stride(from: 3, to: 3, by: 1)], [])
    expectEqual(x[stride(from: 1, to: 9, by: 5)], [1])
    expectError(.value, "step", "-1") { _ = x[stride(from: 3, to: 0, by: -1)] }
    expectError(.value, "step", "0") { _ = x[.slice(by: 0)] }
  }

  @Test func everyKindOfEntryTogether() {
    let x = x
    #expect(x[0..., .newAxis, 1].shape == [2, 1, 4])
    #expect(x[.ellipsis, -1].shape == [2, 3])
    #expect(x[.ellipsis, .newAxis, .ellipsis].shape == [2, 3, 4, 1])
    #expect(x[true, 0].shape == [1, 3, 4] && x[false].shape == [0, 2, 3, 4])
    expectEqual(x[1, [0, 2], ..<2], [12, 13, 20, 21], shape: [2, 2])
    expectEqual(x[[true, false], [0], 3], [3], shape: [1])
    expectEqual(x[[[0, 1], [1, 0]], 2, 3], [11, 23, 23, 11], shape: [2, 2])
    expectEqual(x[Tensor(1), Tensor(-1, dtype: .int32), 0], [20], shape: [])
    #expect(x[[Int]()].shape == [0, 3, 4])
    #expect(x[Tensor(true)].shape == [1, 2, 3, 4] && x[Tensor(0, dtype: .uint8)].shape == [0, 2, 3, 4])
    #expect(x[x[.ellipsis, 0] .> 5, 0..<2].shape == [4, 2])
    #expect(x[x[.ellipsis, 0] .> 5, .newAxis, [0, 1, 2, 3]].shape == [4, 1])
    #expect(x[.ellipsis].isView && x[.ellipsis] !== x)
    let zeroDim = Tensor(5)
    #expect(zeroDim[.ellipsis].shape == [] && zeroDim[.newAxis].shape == [1] && zeroDim[zeroDim .> 1].shape == [1])
  }

  @Test(arguments: LayoutCase.allCases)
  func indexTensorsOfAnyLayout(_ layout: LayoutCase) {
    let values = layout.make(Tensor([[3, -1, 0], [2, -4, 1]]))
    let x = Tensor.arange(4) * 10
    expectEqual(x[values], values.doubles.map { ($0 < 0 ? $0 + 4 : $0) * 10 }, shape: [2, 3])
    let source = layout.make(Tensor.arange(6).reshape(2, 3))
    let plain = source.doubles
    expectEqual(source[[1, 0], [2, -3]], [plain[5], plain[0]])
    expectEqual(source[0..., [2, 0]], [plain[2], plain[0], plain[5], plain[3]])
    expectEqual(source[source .> 1], plain.filter { $0 > 1 })
  }

  @Test(arguments: DType.allCases)
  func everyDType(_ dtype: DType) {
    let x = Tensor([[0, 1, 1], [1, 0, 1]]).to(dtype)
    expectEqual(x[1, [0, 1]], [1, 0], dtype: dtype)
    expectEqual(x[0..., 1], [1, 0], dtype: dtype)
    x[x .== 1] = 0
    expectEqual(x, [0, 0, 0, 0, 0, 0], dtype: dtype)
    x[0..., [2]] = Tensor([1.9])
    expectEqual(x[0..., 2], dtype.isFloatingPoint ? [1.9, 1.9].map { Tensor([$0]).to(dtype).doubles[0] } : [1, 1])
  }

  @Test func readsNumbersOnlyWhenAskedTo() {
    let x = Tensor([[1.5, 2], [3, 4]])
    let number: any Scalar = x[0, 0]
    #expect(number.number == .float(1.5))
    let count: any Scalar = Tensor([7])[0]
    #expect(count.number == .int(7))
    expectError(.shape, "item", "[2]") { let _: any Scalar = x[0] }
    let (two, part) = (2, x[0])
    let product = x[0] * two
    #expect(type(of: part) == Tensor.self)
    expectEqual(product, [3, 4])
  }

  @Test func refusesWrongIndices() {
    let x = x
    expectError(.index, "index 2 is out of bounds for dimension 0 with size 2") { _ = x[2] }
    expectError(.index, "index -4 is out of bounds for dimension 1 with size 3") { _ = x[0..., -4] }
    expectError(.index, "index 3 is out of bounds for dimension 0 with size 2") { _ = x[Tensor([0, 3])] }
    expectError(.index, "index -5 is out of bounds for dimension 2 with size 4") { _ = x[.ellipsis, [0, -5]] }
    expectError(.index, "index 3 is out of bounds for dimension 1 with size 3") { x[0..., [3]] = 0 }
    expectError(.index, "too many indices (4)", "[2, 3, 4]") { _ = x[0, 0, 0, 0] }
    expectError(.index, "too many indices (4)") { _ = x[x .> 1, 0] }
    expectError(.index, "item()") { _ = Tensor(5)[0] }
    expectError(.index, "zero-dim") { _ = Tensor(5)[0...] }
    expectError(.index, "[3, 4] at dimension 0", "[2, 3, 4]") { _ = x[x[0] .> 5] }
    expectError(.index, "[2] at dimension 1", "[2, 3, 4]") { _ = x[0..., [true, false]] }
    expectError(.shape, "[2], [3]") { _ = x[[0, 1], [0, 1, 2]] }
    expectError(.dtype, ".float32") { _ = x[Tensor([0.5])] }
    expectError(.dtype, ".int16") { _ = x[Tensor([1], dtype: .int16)] }
    expectError(.index, "size 0") { _ = Tensor.zeros(0, 3)[[0]] }
    #expect(Tensor.zeros(0, 3)[[Int]()].shape == [0, 3])
  }

  // MARK: Writing

  @Test func compoundAssignmentThroughEveryPlace() {
    let x = Tensor.zeros(2, 3)
    x[0] += 1
    x[0][1] += 1
    x[0, 1] += 0.5
    x[1, 1...] -= Tensor([1.0, 2])
    expectEqual(x, [1, 2.5, 1, 0, -1, -2])
    x[x .< 0] *= -10
    x[[0, 0], [0, 0]] += 1
    x[1, [2, 1]] /= Tensor([2.0, 1])
    expectEqual(x, [2, 2.5, 1, 0, 10, 10])
    x[.ellipsis, 0..<1] **= 2
    x[1] %= 4
    x += x
    x -= 1
    expectEqual(x, [7, 4, 1, -1, 3, 3])
    var variable = x
    variable += 1
    variable[0] += variable[1]
    #expect(variable === x)
    expectEqual(x, [8, 9, 6, 0, 4, 4])
  }

  /// What stands on the right must not change which subscript and operator are chosen.
  @Test func compoundAssignmentOfEveryKindOfNumber() {
    let (whole, real, single, tensor) = (1, 1.0, Float(1), Tensor([1.0]))
    let zero = 0
    let x = Tensor.zeros(4)
    x[zero] += whole
    x[zero] += real
    x[0] += single
    x[0] += tensor[0]
    x[[1]] += whole
    x[[1]] += real
    x[[1, 1]] += single
    x[[1]] += tensor
    x[x .== 0] += whole
    x[2...] += real
    x[Tensor([2, 3])] += single * 1
    x[.ellipsis, 2..<4] += tensor * whole
    expectEqual(x, [4, 4, 4, 4])
    struct Holder { let fixed = Tensor.zeros(2) }
    let holder = Holder()
    holder.fixed += whole
    holder.fixed[[0]] -= real
    expectEqual(holder.fixed, [0, 1])
  }

  @Test func compoundAssignmentToAViewWritesOnce() {
    let x = Tensor.zeros(3)
    x[0] += 1
    #expect(x.version == 1)
    x[0..<2] += 1
    #expect(x.version == 2)
    x[0] = x[0]
    #expect(x.version == 2)
  }

  @Test func assignsNumbers() {
    let x = x
    x[0] = -1
    x[1, 0, 0] = 3.9
    x[1, [1, 2], 3] = Int8(7)
    x[1, .ellipsis, 0..<1] = true
    expectEqual(x[0], Array(repeating: -1, count: 12))
    expectEqual(x[1], [1, 13, 14, 15, 1, 17, 18, 7, 1, 21, 22, 7])
    let bytes = Tensor.zeros(3, dtype: .uint8)
    expectError(.value, "300", ".uint8") { bytes[0] = 300 }
    expectError(.value, "300", ".uint8") { bytes[bytes .== 0] = 300 }
    expectError(.value, "300", ".uint8") { bytes[[0]] = 300 }
    x[false] = 3
    x[5...] = 1
    #expect(x[1, 0, 0].item(as: Int.self) == 1)
  }

  @Test func assignsTensors() {
    let x = Tensor.zeros(2, 3)
    x[0] = Tensor([[[1.0, 2, 3]]])
    x[[1, 1]] = Tensor([[4, 5, 6], [7, 8, 9]])
    expectEqual(x, [1, 2, 3, 7, 8, 9])
    x[0..., [2, 0]] = Tensor([[0.0], [1]])
    expectEqual(x, [0, 2, 0, 1, 8, 1])
    x[x .> 1] = Tensor([10.0, 20])
    expectEqual(x, [0, 10, 0, 1, 20, 1])
    x[[[true, false, true], [false, false, true]]] = Tensor([[5.0]])
    expectEqual(x, [5, 10, 5, 1, 20, 5])
    x.t()[1] = Tensor([-1, -2])
    expectEqual(x, [5, -1, 5, 1, -2, 5])
    expectError(.shape, "[5]", "[3]") { x[0] = Tensor.ones(5) }
    expectError(.shape, "[3, 1, 1]", "[2, 3]") { x[[0, 1]] = Tensor.ones(3, 1, 1) }
    expectError(.shape, "[5]", "[6]") { x[x .> -9] = Tensor.ones(5) }
  }

  @Test func assignsFromTheSameMemory() {
    let x = Tensor.arange(6)
    x[..<3] = x[3...]
    expectEqual(x, [3, 4, 5, 3, 4, 5])
    x[0] = x[1]
    x[[0, 1, 2, 3, 4, 5]] = x
    x[[5, 4, 3, 2, 1, 0]] = x
    expectEqual(x, [5, 4, 3, 5, 4, 4])
    expectError(.value, "clone()") { x[1...] = x[..<5] }
    expectError(.value, "clone()") { x[[0, 1]] = x[1..<3].expand(2) }
    let square = Tensor.arange(4).reshape(2, 2)
    expectError(.value, "clone()") { square[.ellipsis] = square.t() }
    square[.ellipsis] = square.t().clone()
    expectEqual(square, [0, 2, 1, 3])
    expectError(.value, "single memory location") { Tensor.arange(4).expand(2, 4)[0..., [0]] = 1 }
  }

  @Test func errorsLeaveTheTensorAlone() {
    let x = x
    expectError(.index, "index 9") { x[[0, 9]] = 1 }
    expectError(.index, "index 9") { x[9] += 1 }
    expectError(.index, "index 9") { x[[9]] += 1 }
    // A GPU meets the bad entry when the good ones are written.
    if x.device == .cpu { expectEqual(x, Array(stride(from: 0, to: 24, by: 1))) }
  }
}
