import Tensor
import TestSupport
import Testing

/// Tensors of numbers, nested arrays and bytes.
@Suite(.everyDevice)
struct ValuesTests {
  @Test func literalsInferShapeAndDType() {
    expectEqual(Tensor(3), [3], shape: [], dtype: .int64)
    expectEqual(Tensor(-1.5), [-1.5], shape: [], dtype: .float32)
    expectEqual(Tensor(true), [1], shape: [], dtype: .bool)
    expectEqual(Tensor([1, 2, 3]), [1, 2, 3], shape: [3], dtype: .int64)
    expectEqual(Tensor([[1.0, 2], [3, -4]]), [1, 2, 3, -4], shape: [2, 2], dtype: .float32)
    expectEqual(Tensor([[[1, 2.5]], [[3, 4]]]), [1, 2.5, 3, 4], shape: [2, 1, 2], dtype: .float32)
    expectEqual(Tensor([true, false]), [1, 0], shape: [2], dtype: .bool)
    expectEqual(Tensor([.infinity, 1]), [.infinity, 1], shape: [2], dtype: .float32)
  }

  @Test func swiftTypesInferByKind() {
    expectEqual(Tensor([1, 2] as [Float]), [1, 2], dtype: .float32)
    expectEqual(Tensor([1, 2] as [Double]), [1, 2], dtype: .float32)
    expectEqual(Tensor([-1, 2] as [Int8]), [-1, 2], dtype: .int64)
    expectEqual(Tensor([-1, 2] as [Int32]), [-1, 2], dtype: .int64)
    expectEqual(Tensor([1, 255] as [UInt8]), [1, 255], dtype: .int64)
    expectEqual(Tensor([1, 65535] as [UInt16]), [1, 65535], dtype: .int64)
    expectEqual(Tensor([[1], [4_294_967_295]] as [[UInt32]]), [1, 4_294_967_295], shape: [2, 1], dtype: .int64)
    #expect(Tensor([UInt64(Int64.max)]).array(as: Int64.self) == [.max])
    #if !(os(macOS) && arch(x86_64))
      expectEqual(Tensor([0.1, 2] as [Float16]), [0.0999755859375, 2], dtype: .float32)
    #endif
  }

  @Test func defaultDTypeIsThatOfTheScope() {
    withDefaultDType(.float64) { #expect(Tensor([0.1]).dtype == .float64 && Tensor([1]).dtype == .int64) }
    // A double keeps all its digits.
    expectEqual(Tensor([0.1], dtype: .float64), [0.1], dtype: .float64)
  }

  @Test func emptyArrays() {
    expectEqual(Tensor([] as [Float]), [], shape: [0], dtype: .float32)
    expectEqual(Tensor([[], []] as [[Int]]), [], shape: [2, 0], dtype: .int64)
    expectEqual(Tensor([] as [[Int]]), [], shape: [0], dtype: .int64)
  }

  @Test func raggedNestingNamesThePlace() {
    expectError(.shape, "ragged", "expected 2 elements at [1], but got 1") { _ = Tensor([[1, 2], [3]]) }
    expectError(.shape, "expected 0 elements at [1], but got 1") { _ = Tensor([[], [1]]) }
    expectError(.shape, "expected 2 elements at [1, 1], but got 3") {
      _ = Tensor([[[1, 2], [3, 4]], [[1, 2], [3, 4, 5]]])
    }
  }

  @Test func constructorsRefuseWhatIntegersCannotHold() {
    expectError(.value, "300", "uint8", "overflow") { _ = Tensor([1, 300], dtype: .uint8) }
    expectError(.value, "-256") { _ = Tensor([-256], dtype: .uint8) }
    expectError(.value, "256.0") { _ = Tensor([256.0], dtype: .uint8) }
    expectError(.value, "-0.5") { _ = Tensor([-0.5], dtype: .uint8) }
    expectError(.value, "-1.0") { _ = Tensor([-1.0], dtype: .uint8) }
    expectError(.value, "-128.5") { _ = Tensor([-128.5], dtype: .int8) }
    expectError(.value, "nan", "int32") { _ = Tensor([Double.nan], dtype: .int32) }
    expectError(.value, "inf", "int64") { _ = Tensor([Float.infinity], dtype: .int64) }
    expectError(.value, "2147483648", "int32") { _ = Tensor([2_147_483_648], dtype: .int32) }
    expectError(.value, "int64") { _ = Tensor([9.223372036854775807e18], dtype: .int64) }
    expectError(.value, "9223372036854775808", "int64") { _ = Tensor([UInt64(1) << 63]) }
    expectEqual(Tensor([-1, -255], dtype: .uint8), [255, 1])
    expectEqual(Tensor([255.5, -0.0], dtype: .uint8), [255, 0])
    expectEqual(Tensor([127.5], dtype: .int8), [127])
    expectEqual(Tensor([1.7, -1.7], dtype: .int32), [1, -1])
    expectEqual(Tensor([9.2e18], dtype: .int64), [9.2e18])
    expectEqual(Tensor([Double.nan, 0.5, 0], dtype: .bool), [1, 1, 0])
    expectEqual(Tensor([1e40], dtype: .float32), [.infinity])
    expectEqual(Tensor([70000], dtype: .float16), [.infinity])
    expectEqual(Tensor([true, false], dtype: .int8), [1, 0], dtype: .int8)
  }

  @Test(arguments: DType.allCases) func bytesKeepTheirBits(dtype: DType) {
    let bytes = (0..<(6 * dtype.itemSize)).map { dtype == .bool ? UInt8($0 % 2) : UInt8($0 * 37 % 251) }
    let x = Tensor(bytes: bytes, shape: [2, 3], dtype: dtype)
    #expect(x.shape == [2, 3] && x.dtype == dtype && x.elementBytes == bytes)
  }

  @Test func bytesAreChecked() {
    expectError(.shape, "[2, 3]", "24 bytes", "23") {
      _ = Tensor(bytes: [UInt8](repeating: 0, count: 23), shape: [2, 3], dtype: .float32)
    }
    expectError(.shape, "negative") { _ = Tensor(bytes: [], shape: [-1], dtype: .float32) }
    #expect(Tensor(bytes: [0, 1, 2, 255], shape: [4], dtype: .bool).array(as: Bool.self) == [false, true, true, true])
    #expect(Tensor(bytes: [], shape: [0, 2], dtype: .float32).count == 0)
  }

  @Test func missingDevicesAreErrors() {
    expectError(.device, ".cuda(31)", "not available") { _ = Tensor([1], device: .cuda(31)) }
    expectError(.device, "zeros", ".cuda(31)") { _ = Tensor.zeros(2, device: .cuda(31)) }
  }

  @Test func outsideAScopeTheProgramEndsWithTheMessage() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { _ = Tensor([[1, 2], [3]]) }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("Tensor: ragged nesting: expected 2 elements at [1], but got 1"))
  }

  @Test func onlyFloatsRequireGrad() {
    expectError(.dtype, "zeros", "floating", "int32") { _ = Tensor.zeros(2, dtype: .int32, requiresGrad: true) }
    expectError(.dtype, "Tensor", "int64") { _ = Tensor([1], requiresGrad: true) }
  }
}
