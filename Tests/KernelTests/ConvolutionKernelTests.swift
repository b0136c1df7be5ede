import CTensorKernels
import Testing

/// What the layer's tests cannot see of convolutions.
@Suite struct ConvolutionKernelTests {
  private let options = st_convolution(
    stride: (1, 2, 1), padding: (1, 1, 0), dilation: (1, 1, 1), groups: 2)

  @Test(arguments: Kind.floats) func nothingElseIsWritten(kind: Kind) {
    let (x, weight) = (
      Block(kind.dtype, [3, 4, 5, 6]) { Double($0 % 5) }, Block(kind.dtype, [6, 2, 3, 3]) { Double($0 % 3) }
    )
    let out = Block(kind.dtype, [3, 6, 5, 3])
    #expect(st_convolution_forward(out.view, x.view, weight.view, Block.none, options).code == ST_OK)
    let (ofX, ofWeight) = (Block(kind.dtype, x.shape), Block(kind.dtype, weight.shape))
    #expect(st_convolution_transposed(ofX.view, out.view, weight.view, Block.none, options).code == ST_OK)
    #expect(st_convolution_weight(ofWeight.view, out.view, x.view, options).code == ST_OK)
    for block in [out, ofX, ofWeight] { #expect(block.isSoundOutside) }
  }

  @Test func otherIntegersAreRefused() {
    let x = Block(Kind.int32.dtype, [1, 1, 1, 1])
    #expect(st_convolution_forward(x.view, x.view, x.view, Block.none, options).code == ST_UNSUPPORTED_DTYPE)
  }

  @Test func threadsDoNotChangeBits() {
    let before = st_threads()
    defer { st_set_threads(before) }
    var numbers = Numbers(1)
    let dtype = Kind.float32.dtype
    let x = Block(dtype, [11, 8, 30, 30]) { _ in numbers.real() }
    let weight = Block(dtype, [16, 4, 3, 3]) { _ in numbers.real() }
    let results = [Int32(1), 2].map { threads in
      st_set_threads(threads)
      let outputs = [Block(dtype, [11, 16, 30, 15]), Block(dtype, x.shape), Block(dtype, weight.shape)]
      _ = st_convolution_forward(outputs[0].view, x.view, weight.view, Block.none, options)
      _ = st_convolution_transposed(outputs[1].view, outputs[0].view, weight.view, Block.none, options)
      _ = st_convolution_weight(outputs[2].view, outputs[0].view, x.view, options)
      return outputs.map(\.bytes)
    }
    #expect(results[0] == results[1])
  }
}
