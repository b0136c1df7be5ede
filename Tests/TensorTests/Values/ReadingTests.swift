import Tensor
import TestSupport
import Testing

/// Values out of tensors.
@Suite(.everyDevice)
struct ReadingTests {
  @Test(arguments: DType.allCases) func itemOfEveryDType(dtype: DType) {
    let value = dtype == .bool ? 1.0 : dtype == .uint8 ? 200 : dtype.isInteger ? -100 : -0.09375
    let x = Tensor.make([7, value], [2], dtype: dtype)
    let one = Tensor(viewOf: x, layout: Layout(shape: [1, 1], strides: [1, 1], offset: 1))
    #expect(one.item() == value)
    #expect(one.item(as: Double.self) == value && one.item(as: Float.self) == Float(value))
    #expect(one.item(as: Int.self) == Int(value) && one.item(as: Bool.self))
    let inferred: Float = one.item()
    #expect(inferred == Float(value))
  }

  @Test func itemIsExact() {
    #expect(Tensor(Int64.max).item(as: Int64.self) == .max)
    #expect(Tensor(Int64.min).item(as: Int.self) == .min)
    #expect(Tensor(0.1, dtype: .float64).item(as: Double.self) == 0.1)
    for bits in stride(from: UInt16.min, through: .max - 1, by: 1) {
      let item = Tensor(bytes: [UInt8(bits & 0xff), UInt8(bits >> 8)], shape: [], dtype: .float16).item(as: Double.self)
      #if !(os(macOS) && arch(x86_64))
        let expected = Double(Float16(bitPattern: bits))
        if item != expected && !(item.isNaN && expected.isNaN) || item.sign != expected.sign {
          Issue.record("\(bits): \(item)")
        }
      #endif
    }
  }

  @Test(arguments: [-1.0, 300, 3e9, -3e9, 1e20, .nan, .infinity, -.infinity, 2.9, -2.9])
  func itemsConvertAsArraysDo(value: Double) {
    let x = Tensor.make([value], [1], dtype: .float64)
    #expect([x.item(as: Int8.self)] == x.array(as: Int8.self))
    #expect([x.item(as: UInt8.self)] == x.array(as: UInt8.self))
    #expect([x.item(as: Int16.self)] == x.array(as: Int16.self))
    #expect([x.item(as: UInt16.self)] == x.array(as: UInt16.self))
    #expect([x.item(as: Int32.self)] == x.array(as: Int32.self))
    #expect([x.item(as: UInt32.self)] == x.array(as: UInt32.self))
    #expect([x.item(as: Int64.self)] == x.array(as: Int64.self))
    #expect([x.item(as: UInt64.self)] == x.array(as: UInt64.self))
    #expect([x.item(as: Bool.self)] == x.array(as: Bool.self))
  }

  @Test func itemOfOtherCountsIsAnError() {
    expectError(.shape, "item", "[2]", "2") { _ = Tensor([5, 3]).item(as: Int.self) }
    expectError(.shape, "item", "[0]") { _ = Tensor([] as [Float]).item(as: Float.self) }
    expectError(.shape, "item") { #expect(Tensor([5, 3]).item() == 0) }
  }

  @Test(arguments: LayoutCase.allCases) func arraysComeInRowMajorOrder(layout: LayoutCase) {
    let x = layout.make(.make([1, 2, 3, 4, 5, 6], [2, 3], dtype: .int32))
    let expected = layout == .expanded ? [1, 2, 3, 1, 2, 3] : [1, 2, 3, 4, 5, 6]
    #expect(x.array(as: Int.self) == expected)
    #expect(x.array() == expected.map { Int32($0) })
    #expect(x.array(as: UInt16.self) == expected.map { UInt16($0) })
    #expect(x.array() == expected.map { Float($0) })
    #expect(x.array(as: Bool.self) == expected.map { _ in true })
    let bytes = x.withUnsafeBytes { Array($0) }
    #expect(bytes == expected.flatMap { [UInt8($0), 0, 0, 0] })
  }

  @Test func bytesOfContiguousTensorsAreTheirOwn() {
    let x = Tensor([1.0, 2])
    let addresses = (0..<2).map { _ in x.withUnsafeBytes { $0.baseAddress } }
    if x.device == .cpu {
      #expect(addresses[0] == addresses[1] && addresses[0] == UnsafeRawPointer(x.storage.address))
    }
    #expect(Tensor([] as [Float]).withUnsafeBytes { $0.count } == 0)
    #expect(Tensor([] as [Float]).array(as: Float.self) == [])
  }

  @Test func readsAfterAnErrorGiveZero() throws {
    #expect(throws: TensorError.self) {
      try withThrowingErrors {
        let poisoned = Tensor.zeros(-1)
        #expect(poisoned.item() == 0 && poisoned.array(as: Int.self) == [] && poisoned.shape == [])
      }
    }
  }
}
