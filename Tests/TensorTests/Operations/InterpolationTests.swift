import Tensor
import TestSupport
import Testing

/// Resizing of bytes, whose weights are whole numbers; the figures are PyTorch's.
@Suite(.everyDevice) struct InterpolationTests {
  /// Neighbours that are one element at the edge share a weight, which is rounded once.
  @Test func sizesThatStay() {
    let x = Tensor([[[1.0, 2, 3]]])
    for isAligned in [false, true] {
      let y = interpolate(x, scaleFactor: 1.3, mode: .linear, alignCorners: isAligned)
      expectEqual(y, [1, 2, 3], shape: [1, 1, 3])
      #expect(y !== x && y.storage !== x.storage)
    }
  }

  @Test func bicubicOfBytes() {
    let x = Tensor([[7, 6, 9, 3], [3, 9, 0, 1], [2, 9, 7, 8], [6, 3, 4, 8]], dtype: .uint8).reshape(1, 1, 4, 4)
    let expected: [Double] = [7, 7, 3, 3, 7, 4, 6, 4, 7]
    expectEqual(interpolate(x, size: [3, 3], mode: .bicubic), expected, shape: [1, 1, 3, 3], dtype: .uint8)
  }
}
