import Tensor
import TestSupport
import Testing

@Suite(.everyDevice)
struct ViewTests {
  private var x: Tensor { Tensor.arange(24).reshape(2, 3, 4) }

  private func expectView(_ view: Tensor, of x: Tensor, shape: [Int], strides: [Int], offset: Int = 0) {
    #expect(view.shape == shape)
    #expect(view.strides == strides)
    #expect(view.layout.offset == offset)
    #expect(view.storage === x.storage && view.isView)
  }

  @Test func infersOneSize() {
    #expect(x.reshape(-1).shape == [24])
    #expect(x.view(4, -1, 3).shape == [4, 2, 3])
    #expect(Tensor.zeros(0, 3).view(-1).shape == [0])
    #expect(Tensor.zeros(0, 3).reshape(0, 5).shape == [0, 5])
    #expect(Tensor(5).reshape(1, -1).shape == [1, 1])
    #expect(Tensor.zeros(1, 1).reshape([]).shape == [])
    expectError(.shape, "view", "[5, 5]", "[2, 3, 4]") { _ = x.view(5, 5) }
    expectError(.shape, "reshape", "[-1, 5]", "[2, 3, 4]") { _ = x.reshape(-1, 5) }
    expectError(.shape, "only one", "[-1, -1]") { _ = x.view(-1, -1) }
    expectError(.shape, "-2") { _ = x.view(-2, 12) }
    expectError(.shape, "[-1, 0]") { _ = Tensor.zeros(0, 3).view(-1, 0) }
    expectError(.shape, "view", "invalid") { _ = x.view(.max, 2) }
  }

  @Test func copiesOnlyWhereStridesDemandIt() {
    let x = x
    let turned = x.transpose(0, 1)
    expectError(.shape, "[24]", "strides [4, 12, 1]") { _ = turned.view(24) }
    #expect(turned.reshape(24).storage !== x.storage)
    #expect(turned.reshape(3, 2, 2, 2).storage === x.storage)
    #expect(turned.contiguous().storage !== x.storage)
    #expect(x.contiguous() === x)
    expectEqual(
      turned.flatten(), [0, 1, 2, 3, 12, 13, 14, 15, 4, 5, 6, 7, 16, 17, 18, 19, 8, 9, 10, 11, 20, 21, 22, 23])
    #expect(turned.clone().strides == [4, 12, 1])
  }

  /// Whole tiles, parts of them, and sizes and addresses that wide accesses do not divide.
  @Test(
    arguments: [[64, 64], [72, 200], [136, 40], [17, 33], [3, 64, 72], [2, 40, 3, 24]],
    [DType.uint8, .float16, .int32, .float64])
  func copiesTransposed(shape: [Int], dtype: DType) {
    let count = shape.reduce(1, *)
    let values = (0..<count + 1).map { Double($0 * 37 % 251) }
    for first in [0, 1] {
      let x = Tensor.make(values, [count + 1], dtype: dtype)[first..<count + first].view(shape)
      let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
      let copy = x.transpose(-1, -2).contiguous()
      let expected = (0..<count).map { place in
        let (plane, within) = place.quotientAndRemainder(dividingBy: rows * columns)
        return values[first + plane * rows * columns + within % rows * columns + within / rows]
      }
      expectEqual(copy.flatten(), expected)
      let twice = x.transpose(0, -1).contiguous().transpose(0, -1).contiguous()
      expectEqual(twice.flatten(), Array(values[first..<count + first]))
    }
  }

  @Test func reordersDimensions() {
    let x = x
    expectView(x.permute(2, 0, -2), of: x, shape: [4, 2, 3], strides: [1, 12, 4])
    expectView(x.movedim([0, 1], [-1, 0]), of: x, shape: [3, 4, 2], strides: [4, 1, 12])
    expectView(x.movedim(2, 0), of: x, shape: [4, 2, 3], strides: [1, 12, 4])
    expectView(x.T, of: x, shape: [4, 3, 2], strides: [1, 4, 12])
    #expect(Tensor(1).T.shape == [] && Tensor(1).transpose(0, -1).shape == [] && Tensor(1).movedim(0, 0).shape == [])
    #expect(Tensor.zeros(3).t().shape == [3])
    expectError(.index, "permute", "[0, 1]", "[2, 3, 4]") { _ = x.permute(0, 1) }
    expectError(.index, "permute", "twice") { _ = x.permute(0, 0, 1) }
    expectError(.index, "transpose", "[-3, 2]", "5") { _ = x.transpose(0, 5) }
    expectError(.shape, "t:", "[2, 3, 4]") { _ = x.t() }
    expectError(.shape, "mT", "[3]") { _ = Tensor.zeros(3).mT }
    expectError(.index, "movedim", "[0, 1]", "[1]") { _ = x.movedim([0, 1], [1]) }
    expectError(.index, "movedim", "twice") { _ = x.movedim([0, -3], [1, 2]) }
  }

  @Test func squeezesAndExpands() {
    let x = x
    expectView(x.unsqueeze(dim: -1), of: x, shape: [2, 3, 4, 1], strides: [12, 4, 1, 1])
    expectView(x.unsqueeze(dim: -4), of: x, shape: [1, 2, 3, 4], strides: [24, 12, 4, 1])
    expectView(x.squeeze(dim: 0), of: x, shape: [2, 3, 4], strides: [12, 4, 1])
    expectView(
      x.unsqueeze(dim: 0).unsqueeze(dim: 0).squeeze(dims: [0, -1]), of: x, shape: [1, 2, 3, 4], strides: [24, 12, 4, 1])
    #expect(Tensor(1).squeeze(dim: 0).shape == [] && Tensor.zeros(1, 1).squeeze().shape == [])
    expectError(.index, "[-4, 3]", "-5") { _ = x.unsqueeze(dim: -5) }
    expectError(.index, "squeeze", "[-3, 2]") { _ = x.squeeze(dim: 5) }

    let row = x[0, 0]
    expectView(row.expand(2, -1), of: x, shape: [2, 4], strides: [0, 1])
    #expect(Tensor(1).expand(2, 0).shape == [2, 0])
    #expect(row.expand(as: x).shape == x.shape && row.broadcast(to: [5, 4]).shape == [5, 4])
    expectError(.shape, "expand", "[2, 3, 5]", "size 4 at dimension 2") { _ = x.expand(2, 3, 5) }
    expectError(.shape, "expand", "fewer") { _ = x.expand(3, 4) }
    expectError(.shape, "expand", "size -1 at dimension 0") { _ = x.expand(-1, 2, 3, 4) }
    expectError(.shape, "expand", "too large") { _ = row.expand(.max, .max, 4) }
    expectError(.value, "fill", "single memory location", "strides [0, 1]") { row.expand(2, 4).fill(1) }
  }

  @Test func flattensAndUnflattens() {
    #expect(x.flatten(startDim: 1).shape == [2, 12] && x.flatten(endDim: 1).shape == [6, 4])
    #expect(Tensor(3).flatten().shape == [1])
    #expect(x.unflatten(dim: -1, sizes: [-1, 2]).shape == [2, 3, 2, 2])
    #expect(Tensor.zeros(2, 0, 3).flatten().shape == [0])
    expectError(.index, "flatten", "startDim 2", "endDim 1") { _ = x.flatten(startDim: 2, endDim: 1) }
    expectError(.shape, "unflatten", "[3, 2]", "[4]") { _ = x.unflatten(dim: 2, sizes: [3, 2]) }
  }

  @Test func selectsAndSlices() {
    let x = x
    expectView(x.select(dim: 1, index: -1), of: x, shape: [2, 4], strides: [12, 1], offset: 8)
    expectView(x.narrow(dim: 0, start: -1, length: 1), of: x, shape: [1, 3, 4], strides: [12, 4, 1], offset: 12)
    expectView(x.narrow(dim: 0, start: 2, length: 0), of: x, shape: [0, 3, 4], strides: [12, 4, 1], offset: 24)
    expectView(x.slice(dim: 2, 1, -1, by: 2), of: x, shape: [2, 3, 1], strides: [12, 4, 2], offset: 1)
    expectView(x.slice(dim: 1, -100, 100, by: .max), of: x, shape: [2, 1, 4], strides: [12, 4, 1])
    #expect(x.slice(dim: 0, 2, 1).shape == [0, 3, 4])
    expectError(.index, "select", "index 2", "dimension 0 with size 2") { _ = x.select(dim: 0, index: 2) }
    expectError(.index, "select", "zero-dim") { _ = Tensor(1).select(dim: 0, index: 0) }
    expectError(.index, "narrow", "start 1", "length 2", "size 2") { _ = x.narrow(dim: 0, start: 1, length: 2) }
    expectError(.index, "narrow") { _ = x.narrow(dim: 0, start: 3, length: 0) }
    expectError(.index, "narrow") { _ = x.narrow(dim: 0, start: 0, length: -1) }
    expectError(.index, "narrow") { _ = x.narrow(dim: 0, start: 1, length: .max) }
    expectError(.value, "slice", "0") { _ = x.slice(dim: 0, by: 0) }
  }

  @Test func takesDiagonals() {
    let x = x
    expectView(x.diagonal(offset: -1), of: x, shape: [4, 1], strides: [1, 16], offset: 12)
    expectView(x.diagonal(offset: 1, dim1: 2, dim2: 0), of: x, shape: [3, 1], strides: [4, 13], offset: 12)
    #expect(x.diagonal(offset: 5).shape == [4, 0] && x.diagonal(offset: .min).shape == [4, 0])
    #expect(Tensor.zeros(0, 3).diagonal().shape == [0])
    expectError(.index, "diagonal", "0 and 0") { _ = x.diagonal(dim1: 0, dim2: 0) }
    expectError(.index, "diagonal", "[-1, 0]") { _ = Tensor.zeros(3).diagonal() }
  }

  @Test func splits() {
    let x = Tensor.arange(10)
    #expect(x.split(4).map(\.count) == [4, 4, 2] && x.split([1, 0, 9]).map(\.count) == [1, 0, 9])
    #expect(x.chunk(4).map(\.count) == [3, 3, 3, 1] && x.chunk(6).map(\.count) == [2, 2, 2, 2, 2])
    #expect(x.tensorSplit(4).map(\.count) == [3, 3, 2, 2] && x.tensorSplit(12).map(\.count).suffix(3) == [1, 0, 0])
    #expect(x.tensorSplit(at: [1, -2, 4]).map(\.count) == [1, 7, 0, 6])
    #expect(x.split(3).map { $0.layout.offset } == [0, 3, 6, 9])
    #expect(Tensor.zeros(2, 0).chunk(3, dim: 1).map(\.shape) == [[2, 0], [2, 0], [2, 0]])
    #expect(Tensor.zeros(0).split(0).map(\.shape) == [[0]] && Tensor.zeros(0, 2).unbind().isEmpty)
    expectEqual(x.reshape(5, 2).unbind(dim: -1)[1], [1, 3, 5, 7, 9])
    expectError(.value, "split", "0", "10") { _ = x.split(0) }
    expectError(.value, "split") { _ = x.split(-1) }
    expectError(.shape, "split", "[1, 2]", "10") { _ = x.split([1, 2]) }
    expectError(.shape, "split") { _ = x.split([-1, 11]) }
    expectError(.shape, "split") { _ = x.split([.max, .max]) }
    expectError(.value, "chunk", "0") { _ = x.chunk(0) }
    expectError(.value, "tensorSplit", "0") { _ = x.tensorSplit(0) }
  }

  @Test func stridesAnywhereInsideTheStorage() {
    let x = x
    expectView(x[1].asStrided([2, 2], strides: [1, 2], offset: 1), of: x, shape: [2, 2], strides: [1, 2], offset: 1)
    #expect(x[1].asStrided([2], strides: [1]).layout.offset == 12)
    #expect(x.asStrided([0, 9], strides: [99, 1]).shape == [0, 9])
    for (shape, strides, offset) in [
      ([25], [1], 0), ([3], [-1], 5), ([2], [1], 23), ([2], [.max], 0), ([.max, .max], [0, 0], 0), ([1], [1], -1),
      ([1], [1], 24), ([2, 2], [1], 0), ([-1], [1], 0),
    ] as [([Int], [Int], Int)] {
      expectError(.index, "asStrided", "24 elements") { _ = x.asStrided(shape, strides: strides, offset: offset) }
    }
  }

  @Test func unfoldsWindows() {
    let x = x
    expectView(x.unfold(dim: 2, size: 2, step: 2), of: x, shape: [2, 3, 2, 2], strides: [12, 4, 2, 1])
    #expect(Tensor(1).unfold(dim: 0, size: 1, step: 1).shape == [1])
    expectError(.value, "unfold", "size 5", "4") { _ = x.unfold(dim: 2, size: 5, step: 1) }
    expectError(.value, "unfold") { _ = x.unfold(dim: 2, size: 2, step: 0) }
  }

  @Test func reinterpretsBytes() {
    let x = Tensor([1.0, -2])
    expectEqual(x.view(dtype: .int32), [0x3f80_0000, -0x4000_0000], dtype: .int32)
    #expect(x.view(dtype: .uint8).shape == [8] && x.view(dtype: .float64).shape == [1])
    expectEqual(x.view(dtype: .uint8).view(dtype: .float32), [1, -2], dtype: .float32)
    expectError(.dtype, "view", ".float32", "[3]") { _ = Tensor.zeros(3).view(dtype: .float64) }
    expectError(.dtype, "offset 1") { _ = Tensor.zeros(3)[1...].view(dtype: .float64) }
    expectError(.dtype, "strides [1, 2]") { _ = Tensor.zeros(2, 2).t().view(dtype: .int16) }
    expectError(.dtype, ".bool") { _ = Tensor([2], dtype: .uint8).view(dtype: .bool) }
    expectError(.dtype, "[]") { _ = Tensor(1.0).view(dtype: .int16) }
  }

  @Test func worksBeyondEightDimensions() {
    let shape = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]
    let x = Tensor.arange(32).reshape(shape)
    // Reversing five dimensions of size 2 reverses the bits of an element's place.
    let reversed = (0..<32).map { i in Double((0..<5).reduce(0) { $0 | ((i >> $1) & 1) << (4 - $1) }) }
    expectEqual(x.permute(Array((0..<10).reversed()))[.ellipsis, 0].flatten(), reversed)
    #expect(x.unsqueeze(dim: 3).squeeze().shape == [2, 2, 2, 2, 2])
    #expect(x.squeeze(dims: [0, 2]).shape == [2, 2, 1, 2, 1, 2, 1, 2])
    #expect(x[0, 1].shape == [1, 2, 1, 2, 1, 2, 1, 2])
    expectEqual(x[0, 1, 0, 1, 0, 1, 0, 1, 0, 1], [31], shape: [])
    expectEqual(x[.ellipsis, Tensor([1, 0])].flatten()[..<4], [1, 0, 3, 2])
  }

  @Test func sharesMemoryAndVersion() {
    let x = Tensor.zeros(2, 3, 4)
    let view = x.transpose(0, 2)[1]
    view.fill(-1)
    #expect(x.version == 1 && view.version == 1)
    expectEqual(x[.ellipsis, 1].flatten(), [-1, -1, -1, -1, -1, -1])
    #expect(view.base === x && !x.isView)
  }
}
