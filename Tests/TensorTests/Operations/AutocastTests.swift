import Tensor
import TestSupport
import Testing

/// What autocast does with each operation: result dtypes on the CPU as PyTorch gives them, and the GPU's list.
struct AutocastTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    /// The result's dtype with bfloat16 inputs and no autocast, float32 inputs under autocast, bfloat16 inputs under it.
    let expected: [DType]
    let body: @Sendable (DType) -> Tensor
    var testDescription: String { name }

    init(_ name: String, _ expected: [DType], _ body: @escaping @Sendable (DType) -> Tensor) {
      self.name = name
      self.expected = expected
      self.body = body
    }
  }

  static func ones(_ shape: [Int], _ dtype: DType) -> Tensor {
    .make(Array(repeating: 1, count: shape.reduce(1, *)), shape, dtype: dtype)
  }
  static func matrix(_ dtype: DType) -> Tensor { ones([2, 2], dtype) }
  static func vector(_ dtype: DType) -> Tensor { ones([2], dtype) }
  static let wide = matrix(.float32)
  static let low = matrix(.bfloat16)
  static let classes = Tensor.make([0, 1], [2], dtype: .int64)

  static let lower: [DType] = [.bfloat16, .bfloat16, .bfloat16]
  static let untouched: [DType] = [.bfloat16, .float32, .bfloat16]
  static let full: [DType] = [.bfloat16, .float32, .float32]
  static let mixed: [DType] = [.float32, .float32, .float32]

  static let rows: [Row] = [
    Row("matmul", lower) { matrix($0).matmul(matrix($0)) }, Row("mm", lower) { matrix($0).mm(matrix($0)) },
    Row("matmul of vectors", lower) { vector($0).matmul(vector($0)) },
    Row("bmm", lower) { ones([1, 2, 2], $0).bmm(ones([1, 2, 2], $0)) },
    Row("addmm", lower) { matrix($0).addmm(matrix($0), matrix($0)) },
    Row("linear", lower) { linear(matrix($0), matrix($0), vector($0)) },
    Row("mv", untouched) { matrix($0).mv(vector($0)) }, Row("dot", untouched) { vector($0).dot(vector($0)) },
    Row("outer", untouched) { vector($0).outer(vector($0)) },
    Row("+", untouched) { matrix($0) + matrix($0) }, Row("* number", untouched) { matrix($0) * 2.5 },
    Row("exp", untouched) { matrix($0).exp() }, Row("log", untouched) { matrix($0).log() },
    Row("**", untouched) { matrix($0) ** matrix($0) }, Row("square", untouched) { matrix($0) ** 2 },
    Row("tanh", untouched) { matrix($0).tanh() }, Row("gelu", untouched) { matrix($0).gelu() },
    Row("softplus", untouched) { matrix($0).softplus() }, Row("softmax", untouched) { matrix($0).softmax(dim: 0) },
    Row("logSoftmax", untouched) { matrix($0).logSoftmax(dim: 0) }, Row("sum", untouched) { matrix($0).sum() },
    Row("mean", untouched) { matrix($0).mean() }, Row("norm", untouched) { matrix($0).norm() },
    Row("var", untouched) { matrix($0).var() }, Row("amax", untouched) { matrix($0).amax() },
    Row("logSumExp", untouched) { matrix($0).logSumExp(dim: 0) },
    Row("cumsum", untouched) { matrix($0).cumsum(dim: 0) }, Row("cumprod", untouched) { matrix($0).cumprod(dim: 0) },
    Row("sort", untouched) { matrix($0).sort().values },
    Row("layerNorm", untouched) { layerNorm(matrix($0), normalizedShape: [2], weight: vector($0)) },
    Row("lerp", untouched) { matrix($0).lerp(matrix($0), weight: 0.5) },
    Row("cat of one dtype", untouched) { cat([matrix($0), matrix($0)]) },
    Row("prod", full) { matrix($0).prod() }, Row("mseLoss", full) { mseLoss(matrix($0), matrix($0)) },
    Row("l1Loss", full) { l1Loss(matrix($0), matrix($0)) },
    Row("smoothL1Loss", full) { smoothL1Loss(matrix($0), matrix($0)) },
    Row("crossEntropy", full) { crossEntropy(matrix($0), classes) },
    Row("nllLoss", full) { nllLoss(matrix($0), classes) },
    Row("binaryCrossEntropyWithLogits", full) { binaryCrossEntropyWithLogits(matrix($0), matrix($0)) },
    Row("mixed +", mixed) { _ in wide + low }, Row("mixed cat", mixed) { _ in cat([low, wide]) },
    Row("mixed stack", mixed) { _ in stack([wide, low]) }, Row("mixed where", mixed) { _ in wide.where(low .> 0, low) },
    Row("mixed addcmul", mixed) { _ in wide.addcmul(low, low) }, Row("mixed atan2", mixed) { _ in wide.atan2(low) },
    Row("in place", mixed) { _ in
      let x = matrix(.float32)
      x += low
      return x
    },
    Row("float64 product", [.float64, .float64, .float64]) { _ in matrix(.float64).mm(matrix(.float64)) },
    Row("integer product", [.int64, .int64, .int64]) { _ in matrix(.int64).mm(matrix(.int64)) },
    Row("softmax to float64", [.float64, .float64, .float64]) { matrix($0).softmax(dim: 0, dtype: .float64) },
    Row("argmax", [.int64, .int64, .int64]) { matrix($0).argmax() },
  ]

  static func withAutocast<Result>(_ dtype: DType, _ body: () throws -> Result) rethrows -> Result {
    try Scope.$current.withValue(Scope.with(autocast: AutocastState(cpu: dtype)), operation: body)
  }

  @Test(arguments: rows)
  func resultDTypes(row: Row) {
    #expect(row.body(.bfloat16).dtype == row.expected[0])
    Self.withAutocast(.bfloat16) {
      #expect(row.body(.float32).dtype == row.expected[1])
      #expect(row.body(.bfloat16).dtype == row.expected[2])
    }
    let half = row.expected[1] == .bfloat16 ? .float16 : row.expected[1]
    Self.withAutocast(.float16) { #expect(row.body(.float32).dtype == half) }
  }

  @Test func mixedProductsMeetUnderAutocastOnly() {
    expectError(.dtype, "mm", ".float32", ".bfloat16") { Self.wide.mm(Self.low) }
    Self.withAutocast(.bfloat16) {
      #expect(Self.wide.mm(Self.low).dtype == .bfloat16)
      expectError(.dtype, "mm", ".float64", ".bfloat16") { Self.matrix(.float64).mm(Self.wide) }
    }
  }

  /// Values round to the lower dtype before the product, not after only.
  @Test func inputsRoundBeforeTheProduct() {
    let x = Tensor.make([1 + 0x1p-9], [1, 1], dtype: .float32)
    Self.withAutocast(.bfloat16) { expectEqual(x.mm(Tensor.make([256], [1, 1], dtype: .float32)), [256]) }
    expectEqual(x.mm(Tensor.make([256], [1, 1], dtype: .float32)), [256.5])
  }

  @Test func gpuList() {
    let full: [any Operation] = [
      Unary<Exp>(), Unary<Expm1>(), Unary<Log>(), Unary<Log2>(), Unary<Log10>(), Unary<Log1p>(), Unary<Reciprocal>(),
      Unary<Rsqrt>(), Unary<Sinh>(), Unary<Cosh>(), Unary<Tan>(), Unary<Asin>(), Unary<Acos>(), Unary<Softplus>(),
      Unary<Square>(), Binary<Power>(), Sum(dims: [], keepDim: false), Product(dims: [], keepDim: false),
      Norm(p: 2, dims: [], keepDim: false), Softmax(dim: 0), LogSoftmax(dim: 0), MSELoss(reduction: .mean),
      CrossEntropy(reduction: .mean), LayerNorm(dims: 1, eps: 1e-5), Cumsum(dim: 0), Cumprod(dim: 0),
    ]
    for operation in full { #expect(operation.precision(on: .cuda) == .full, "\(operation.name)") }
    let lower: [any Operation] = [
      Matmul(), Matmul(form: .mv), LinearProduct(), Attention(isCausal: true, scale: 1, lse: Tensor.zeros(1)),
      Convolution(ConvolutionOptions(stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1)),
    ]
    for operation in lower { #expect(operation.precision(on: .cuda) == .lower, "\(operation.name)") }
    let promote: [any Operation] = [
      Binary<Atan2>(), Ternary<Addcmul>(), Ternary<Addcdiv>(), Matmul(form: .dot),
    ]
    for operation in promote { #expect(operation.precision(on: .cuda) == .promote, "\(operation.name)") }
    let untouched: [any Operation] = [
      Unary<Sqrt>(), Unary<Tanh>(), Unary<Sigmoid>(), Unary<Relu>(), Unary<Gelu>(), Binary<Add>(), Binary<Multiply>(),
      Mean(dims: [], keepDim: false), Concatenate(dim: 0), Sum(dims: [], keepDim: false, dtype: .float16),
      Softmax(dim: 0, dtype: .float16),
    ]
    for operation in untouched { #expect(operation.precision(on: .cuda) == .untouched, "\(operation.name)") }
  }
}
