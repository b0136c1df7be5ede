import Tensor
import TestSupport
import Testing

struct LayoutTests {
  /// A layout's truth by walking all of its indices.
  static func offsets(_ layout: Layout) -> [Int] {
    var offsets = [0]
    for i in 0..<layout.rank {
      offsets = offsets.flatMap { base in (0..<layout.shape[i]).map { base + $0 * layout.strides[i] } }
    }
    return offsets
  }

  static let layouts: [Layout] = [
    Layout(contiguous: []), Layout(contiguous: [0]), Layout(contiguous: [3]), Layout(contiguous: [2, 0, 3]),
    Layout(contiguous: [2, 3, 4]), Layout(shape: [3, 2], strides: [1, 3]), Layout(shape: [3, 2], strides: [2, 6]),
    Layout(shape: [3, 2], strides: [0, 1]), Layout(shape: [3, 3], strides: [1, 1]),
    Layout(shape: [1, 3], strides: [0, 1]),
    Layout(shape: [2, 3], strides: [4, 1]), Layout(shape: [2, 2, 2], strides: [1, 2, 4]),
    Layout(shape: [2, 1, 2], strides: [2, 77, 1]), Layout(shape: [4, 2], strides: [1, 2]),
    Layout(shape: [1, 1], strides: [0, 0]), Layout(contiguous: [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]),
    Layout(shape: [2, 1, 1, 1, 1, 1, 1, 1, 1, 3], strides: [1, 1, 1, 1, 1, 1, 1, 1, 1, 2]),
  ]

  @Test(arguments: layouts)
  func knowsItsMemory(_ layout: Layout) {
    let offsets = LayoutTests.offsets(layout)
    let isDense = Set(offsets) == Set(0..<offsets.count)
    #expect(layout.elementCount == offsets.count)
    #expect(layout.span == (offsets.max() ?? -1) + 1)
    #expect(layout.isContiguous == (offsets == Array(0..<offsets.count)))
    #expect(layout.isDense == isDense)
    // The test for overlap may be wary, but never miss one; of these layouts it errs for none.
    #expect(layout.mayOverlap == (Set(offsets).count < offsets.count))
    let fresh = layout.fresh
    #expect(fresh.shape == layout.shape && fresh.offset == 0)
    #expect(Set(LayoutTests.offsets(fresh)) == Set(0..<offsets.count))
    if isDense { #expect(LayoutTests.offsets(fresh) == offsets) }
  }

  @Test func wovenStridesMayOverlap() {
    // Distinct elements that no nesting of dimensions shows: the check is allowed to refuse them.
    #expect(Layout(shape: [2, 2], strides: [3, 2]).mayOverlap == false)
    #expect(Layout(shape: [3, 2], strides: [2, 3]).mayOverlap)
  }

  @Test func broadcastsByStridesOfZero() {
    let layout = Layout(shape: [3, 1], strides: [2, 1], offset: 5).broadcast(to: [4, 3, 6])
    #expect(layout == Layout(shape: [4, 3, 6], strides: [0, 2, 0], offset: 5))
    #expect(Layout(contiguous: []).broadcast(to: [2]).strides == [0])
    #expect(Layout(contiguous: [1]).broadcast(to: [0]).strides == [0])
  }

  struct ViewCase: Decodable {
    let shape: [Int]
    let strides: [Int]
    let target: [Int]
    let result: [Int]?
  }

  @Test func viewsHavePyTorchsStrides() throws {
    let cases: [ViewCase] = try Fixture.decode(from: "view_strides.json")
    #expect(cases.count == 400)
    for view in cases {
      let layout = Layout(shape: Dims(view.shape), strides: Dims(view.strides))
      let result = layout.strides(viewedAs: Dims(view.target)).map(Array.init)
      #expect(result == view.result, "shape \(view.shape), strides \(view.strides) as \(view.target)")
    }
  }
}
