import Tensor
import TestSupport
import Testing

/// The layouts that other tests rely on hold the values they promise.
@Suite(.everyDevice)
struct LayoutCaseTests {
  @Test(arguments: LayoutCase.allCases, [[], [3], [2, 3], [2, 3, 4], [2, 0]])
  func layoutsKeepValues(layout: LayoutCase, shape: [Int]) {
    let values = (0..<shape.reduce(1, *)).map(Double.init)
    let row = values.count / Swift.max(shape.first ?? 1, 1)
    let expected = layout == .expanded && row > 0 ? values.indices.map { Double($0 % row) } : values
    let x = layout.make(.make(values, shape))
    #expect(x.shape == shape)
    #expect(x.isContiguous || layout != .contiguous)
    expectEqual(x, expected)
  }
}
