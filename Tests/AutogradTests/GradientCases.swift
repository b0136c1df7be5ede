import Autograd

/// A differentiable operation with arguments to check its derivatives at.
struct GradientCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// The shapes of the arguments.
  let shapes: [[Int]]
  /// The values of the arguments lie in it.
  let range: ClosedRange<Double>
  /// Whether any shape will do: zero-dim and empty arguments are checked too.
  let isElementwise: Bool
  let function: @Sendable ([Tensor]) -> Tensor

  init(
    _ name: String, _ shapes: [Int]..., in range: ClosedRange<Double> = -1.5...1.5, elementwise: Bool = false,
    _ function: @escaping @Sendable ([Tensor]) -> Tensor
  ) {
    self.name = name
    self.shapes = shapes
    self.range = range
    isElementwise = elementwise
    self.function = function
  }

  var testDescription: String { name }

  /// A formula of one value.
  static func unary(
    _ name: String, in range: ClosedRange<Double> = -1.5...1.5, _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> GradientCase {
    GradientCase(name, [2, 3], in: range, elementwise: true) { function($0[0]) }
  }

  /// A formula of two values.
  static func binary(
    _ name: String, in range: ClosedRange<Double> = -1.5...1.5,
    _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> GradientCase {
    GradientCase(name, [2, 3], [2, 3], in: range, elementwise: true) { function($0[0], $0[1]) }
  }
}

import protocol Testing.CustomTestStringConvertible

/// How an argument lies in memory: a view of a leaf, whose derivative is checked along.
enum Arrangement: String, CaseIterable, Sendable {
  case contiguous, transposed, strided, expanded, zeroDim, empty

  /// The leaf's shape.
  func leaf(_ shape: [Int]) -> [Int] {
    var shape = shape
    let last = shape.count - 1
    switch self {
    case .contiguous: break
    case .transposed: if shape.count > 1 { shape.swapAt(last - 1, last) }
    case .strided: if shape.count > 0 { shape[last] *= 2 }
    case .expanded: if shape.count > 0 { shape[0] = 1 }
    case .zeroDim: shape = []
    case .empty: shape = [0, 3]
    }
    return shape
  }

  /// The argument of a shape.
  func view(_ leaf: Tensor, _ shape: [Int]) -> Tensor {
    switch self {
    case .contiguous, .zeroDim, .empty: leaf
    case .transposed: shape.count > 1 ? leaf.transpose(-1, -2) : leaf
    case .strided: shape.count > 0 ? leaf.slice(dim: -1, by: 2) : leaf
    case .expanded: shape.count > 0 ? leaf.expand(shape) : leaf
    }
  }
}

/// Numbers spread over a range without ties, the same on every run.
func spreadValues(_ count: Int, in range: ClosedRange<Double>, seed: Int) -> [Double] {
  (0..<count).map { i in
    // Multiples of the golden section fill an interval evenly and never repeat.
    let x = (Double(i) + 0.37 + 0.211 * Double(seed)) * 0.618033988749895
    return range.lowerBound + (x - x.rounded(.down)) * (range.upperBound - range.lowerBound)
  }
}

let gradientCases: [GradientCase] =
  unaryCases + binaryCases + reductionCases + productCases + viewCases + otherCases + subscriptCases + layerCases

private let unaryCases: [GradientCase] = [
  .unary("negative") { -$0 },
  .unary("abs") { $0.abs() },
  .unary("sign") { $0.sign() },
  .unary("square") { $0.square() },
  .unary("reciprocal", in: 0.5...2) { $0.reciprocal() },
  .unary("exp") { $0.exp() },
  .unary("exp2") { $0.exp2() },
  .unary("expm1") { $0.expm1() },
  .unary("log", in: 0.5...2) { $0.log() },
  .unary("log2", in: 0.5...2) { $0.log2() },
  .unary("log10", in: 0.5...2) { $0.log10() },
  .unary("log1p", in: -0.5...2) { $0.log1p() },
  .unary("sqrt", in: 0.5...2) { $0.sqrt() },
  .unary("rsqrt", in: 0.5...2) { $0.rsqrt() },
  .unary("sin") { $0.sin() },
  .unary("cos") { $0.cos() },
  .unary("tan", in: -1...1) { $0.tan() },
  .unary("asin", in: -0.8...0.8) { $0.asin() },
  .unary("acos", in: -0.8...0.8) { $0.acos() },
  .unary("atan") { $0.atan() },
  .unary("sinh") { $0.sinh() },
  .unary("cosh") { $0.cosh() },
  .unary("tanh") { $0.tanh() },
  .unary("erf") { $0.erf() },
  .unary("sigmoid") { $0.sigmoid() },
  .unary("relu") { $0.relu() },
  .unary("gelu") { $0.gelu() },
  .unary("gelu tanh") { $0.gelu(approximate: .tanh) },
  .unary("silu") { $0.silu() },
  .unary("softplus") { $0.softplus() },
  .unary("softplus with a threshold") { $0.softplus(beta: 2, threshold: 1) },
  .unary("leakyRelu") { $0.leakyRelu(negativeSlope: 0.1) },
  .unary("clamp") { $0.clamp(min: -0.7, max: 0.8) },
  .unary("clamp min") { $0.clamp(min: -0.7) },
  .unary("clamp max") { $0.clamp(max: 0.8) },
  .unary("floor") { ($0 * 2).floor() },
  .unary("ceil") { ($0 * 2).ceil() },
  .unary("round") { ($0 * 2 + 0.1).round() },
  .unary("trunc") { ($0 * 2).trunc() },
  .unary("frac") { ($0 * 2 + 0.1).frac() },
  .unary("round to decimals") { ($0 + 0.01).round(decimals: 1) },
  .unary("frexp") { ($0 * 3).frexp().mantissa },
  .unary("asinh") { $0.asinh() },
  .unary("acosh", in: 1.5...3) { $0.acosh() },
  .unary("atanh", in: -0.8...0.8) { $0.atanh() },
  .unary("sinc") { $0.sinc() },
  .unary("erfc") { $0.erfc() },
  .unary("erfinv", in: -0.8...0.8) { $0.erfinv() },
  .unary("erfcx") { $0.erfcx() },
  .unary("ndtr") { $0.ndtr() },
  .unary("logNdtr") { $0.logNdtr() },
  .unary("ndtri", in: 0.1...0.9) { $0.ndtri() },
  .unary("lgamma", in: 0.5...3) { $0.lgamma() },
  .unary("digamma", in: 0.5...3) { $0.digamma() },
  .unary("polygamma", in: 0.5...3) { $0.polygamma(2) },
  .unary("mvlgamma", in: 2...3) { $0.mvlgamma(3) },
  .unary("i0") { $0.i0() },
  .unary("i0e") { $0.i0e() },
  .unary("i1") { $0.i1() },
  .unary("i1e") { $0.i1e() },
  .unary("igamma", in: 0.5...2) { Tensor(1.3, dtype: .float64).igamma($0) },
  .unary("igammac", in: 0.5...2) { Tensor(1.3, dtype: .float64).igammac($0) },
  .unary("zeta", in: 1.5...3) { Tensor(2.5, dtype: .float64).zeta($0) },
  .unary("entr", in: 0.1...2) { $0.entr() },
  .unary("logit", in: 0.1...0.9) { $0.logit() },
  .unary("logit with bounds", in: 0.1...0.9) { $0.logit(eps: 0.3) },
  .unary("nanToNum") { $0.nanToNum() },
  .unary("rad2deg") { $0.rad2deg() },
  .unary("elu") { $0.elu(alpha: 1.3) },
  .unary("celu") { $0.celu(alpha: 1.3) },
  .unary("selu") { $0.selu() },
  .unary("mish") { $0.mish() },
  .unary("logSigmoid") { $0.logSigmoid() },
  .unary("hardsigmoid") { ($0 * 3).hardsigmoid() },
  .unary("hardswish") { ($0 * 3).hardswish() },
  .unary("hardshrink") { $0.hardshrink() },
  .unary("softshrink") { $0.softshrink() },
  .unary("hardtanh") { $0.hardtanh() },
  .unary("relu6") { ($0 * 5).relu6() },
  .unary("softsign") { $0.softsign() },
  .unary("tanhshrink") { $0.tanhshrink() },
  .unary("threshold") { $0.threshold(0.3, 2) },
  .unary("number power") { $0 ** 3 },
  .unary("fractional power", in: 0.5...2) { $0 ** 1.5 },
  .unary("power of a number") { 2 ** $0 },
  .unary("number arithmetic") { (2 - $0 * 3) / 4 + 1 / ($0 + 4) },
  .unary("clone") { $0.clone() },
  .unary("contiguous") { $0.contiguous() },
  .unary("cast and back") { ($0 * 2).to(.float64) },
]

private let binaryCases: [GradientCase] = [
  .binary("+") { $0 + $1 },
  .binary("-") { $0 - $1 },
  .binary("*") { $0 * $1 },
  .binary("/", in: 0.5...2) { $0 / $1 },
  .binary("**", in: 0.5...2) { $0 ** $1 },
  .binary("%", in: 0.5...2) { $0 % $1 },
  .binary("fmod", in: 0.5...2) { $0.fmod($1) },
  .binary("floorDivide", in: 0.5...2) { $0.floorDivide($1) },
  .binary("minimum") { $0.minimum($1) },
  .binary("maximum") { $0.maximum($1) },
  .binary("atan2", in: 0.5...2) { $0.atan2($1) },
  .binary("divide and truncate", in: 0.5...2) { $0.divide($1, rounding: .trunc) },
  .binary("fmin") { $0.fmin($1) },
  .binary("fmax") { $0.fmax($1) },
  .binary("hypot", in: 0.5...2) { $0.hypot($1) },
  .binary("copysign", in: 0.5...2) { $0.copysign($1 - 1.2) },
  .binary("xlogy", in: 0.5...2) { $0.xlogy($1) },
  .binary("xlog1py", in: 0.5...2) { $0.xlog1py($1) },
  .binary("logAddExp") { $0.logAddExp($1) },
  .binary("logAddExp2") { $0.logAddExp2($1) },
  .binary("ldexp") { $0.ldexp($1) },
  .binary("the same operand twice") { $0 * $0 + $1 * $0 },
  GradientCase("broadcast *", [2, 3], [3]) { $0[0] * $0[1] },
  GradientCase("broadcast /", [2, 1], [1, 3], in: 0.5...2) { $0[0] / $0[1] },
  GradientCase("broadcast **", [2, 3], [2, 1], in: 0.5...2) { $0[0] ** $0[1] },
  GradientCase("where", [2, 3], [2, 3]) { `where`($0[0].detach() .> 0, $0[0], $0[1]) },
  GradientCase("where with a number", [2, 3]) { `where`($0[0].detach() .> 0, $0[0], 2) },
  GradientCase("where broadcast", [2, 3], [3]) { `where`($0[0].detach() .> 0, $0[0], $0[1]) },
  GradientCase("clamp by tensors", [2, 3], [3], [3]) { $0[0].clamp(min: $0[1] - 1, max: $0[2] + 1) },
  GradientCase("lerp", [2, 3], [2, 3], [2, 3]) { $0[0].lerp($0[1], weight: $0[2]) },
  GradientCase("lerp by a number", [2, 3], [2, 3]) { $0[0].lerp($0[1], weight: 0.3) },
  GradientCase("addcmul", [2, 3], [2, 3], [3]) { $0[0].addcmul($0[1], $0[2], value: 0.5) },
  GradientCase("addcdiv", [2, 3], [2, 3], [3], in: 0.5...2) { $0[0].addcdiv($0[1], $0[2], value: 0.5) },
]

private let reductionCases: [GradientCase] = [
  .unary("sum") { $0.sum() },
  GradientCase("sum of a dim", [2, 3]) { $0[0].sum(dim: 0) },
  GradientCase("sum of dims", [2, 3, 2]) { $0[0].sum(dims: [0, -1], keepDim: true) },
  GradientCase("mean", [2, 3]) { $0[0].mean() },
  GradientCase("mean of a dim", [2, 3, 2]) { $0[0].mean(dims: [1], keepDim: false) },
  GradientCase("prod", [2, 3]) { $0[0].prod() },
  GradientCase("prod of a dim", [2, 3]) { $0[0].prod(dim: 1) },
  GradientCase("prod with a zero", [2, 3]) {
    ($0[0] * Tensor([[1.0, 1, 1], [1, 0, 1]], dtype: .float64)).prod(dim: 1, keepDim: true)
  },
  GradientCase("amax", [2, 3]) { $0[0].amax(dims: [1]) },
  GradientCase("amin", [2, 3]) { $0[0].amin(dim: 0, keepDim: true) },
  GradientCase("max of all", [2, 3]) { $0[0].max() },
  GradientCase("norm", [2, 3]) { $0[0].norm() },
  GradientCase("norm of a dim", [2, 3]) { $0[0].norm(p: 2, dim: 1, keepDim: true) },
  GradientCase("1-norm", [2, 3]) { $0[0].norm(p: 1, dim: 0) },
  GradientCase("3-norm", [2, 3]) { $0[0].norm(p: 3, dim: 1) },
  GradientCase("1.5-norm", [2, 3], in: 0.5...2) { $0[0].norm(p: 1.5, dim: 1) },
  GradientCase("0.5-norm", [2, 3], in: 0.5...2) { $0[0].norm(p: 0.5) },
  GradientCase("infinity norm", [2, 3]) { $0[0].norm(p: .infinity, dim: 1) },
  GradientCase("var", [3, 3]) { $0[0].var() },
  GradientCase("var of a dim", [3, 3]) { $0[0].var(dims: [0], correction: 0, keepDim: true) },
  GradientCase("std", [3, 4]) { $0[0].std(dim: 1) },
  GradientCase("logSumExp", [2, 3]) { $0[0].logSumExp(dim: 1) },
  GradientCase("softmax", [2, 3]) { $0[0].softmax(dim: 1) },
  GradientCase("softmax of dim 0", [2, 3]) { $0[0].softmax(dim: 0) },
  GradientCase("logSoftmax", [2, 3]) { $0[0].logSoftmax(dim: -1) },
]

private let productCases: [GradientCase] = [
  GradientCase("vector by vector", [3], [3]) { $0[0].matmul($0[1]) },
  GradientCase("matrix by vector", [2, 3], [3]) { $0[0].matmul($0[1]) },
  GradientCase("vector by matrix", [2], [2, 3]) { $0[0].matmul($0[1]) },
  GradientCase("matrix by matrix", [2, 3], [3, 2]) { $0[0].matmul($0[1]) },
  GradientCase("stack by stack", [2, 2, 3], [2, 3, 2]) { $0[0].matmul($0[1]) },
  GradientCase("stack by matrix", [2, 2, 3], [3, 2]) { $0[0].matmul($0[1]) },
  GradientCase("matrix by stack", [2, 3], [2, 3, 2]) { $0[0].matmul($0[1]) },
  GradientCase("stack by vector", [2, 2, 3], [3]) { $0[0].matmul($0[1]) },
  GradientCase("vector by stack", [3], [2, 3, 2]) { $0[0].matmul($0[1]) },
  GradientCase("broadcast stacks", [2, 1, 2, 2], [2, 2, 1]) { $0[0].matmul($0[1]) },
  GradientCase("bmm", [2, 2, 3], [2, 3, 1]) { $0[0].bmm($0[1]) },
  GradientCase("addmm", [2, 2], [2, 3], [3, 2]) { $0[0].addmm($0[1], $0[2], beta: 0.5, alpha: 2) },
  GradientCase("linear", [2, 3], [2, 3], [2]) { linear($0[0], $0[1], $0[2]) },
  GradientCase("linear without bias", [2, 2, 3], [2, 3]) { linear($0[0], $0[1]) },
  GradientCase("linear of a vector", [3], [2, 3], [2]) { linear($0[0], $0[1], $0[2]) },
]

private let viewCases: [GradientCase] = [
  GradientCase("reshape", [2, 3]) { $0[0].reshape(3, 2) * 2 },
  GradientCase("permute", [2, 3, 2]) { $0[0].permute(2, 0, 1).square() },
  GradientCase("expand", [2, 1, 3]) { $0[0].expand(2, 2, 3).square() },
  GradientCase("slice", [2, 3]) { $0[0].slice(dim: 1, 0, 3, by: 2).square() },
  GradientCase("narrow", [4, 3]) { $0[0].narrow(dim: 0, start: 1, length: 2).square() },
  GradientCase("select", [2, 3]) { $0[0].select(dim: 1, index: -1).square() },
  GradientCase("squeeze and unsqueeze", [2, 3]) { $0[0].unsqueeze(dim: 1).square().squeeze() },
  GradientCase("diagonal", [3, 3]) { $0[0].diagonal(offset: 1).square() },
  GradientCase("flatten", [2, 3]) { $0[0].flatten().square() },
  GradientCase("transposed back", [2, 3]) { $0[0].t().square() },
  GradientCase("asStrided", [2, 3]) { $0[0].contiguous().asStrided([2, 2], strides: [2, 1]).square() },
  GradientCase("asStrided with overlap", [2, 3]) { $0[0].contiguous().asStrided([4, 2], strides: [1, 1]).square() },
  GradientCase("split", [4, 3]) { x in x[0].split(3).map { $0.sum(dim: 0) }.reduce(Tensor(1.0)) { $0 * $1 } },
  GradientCase("unbind", [2, 3]) { x in x[0].unbind().reduce(Tensor(1.0)) { $0 * $1 } },
]

private let otherCases: [GradientCase] = [
  GradientCase("cat", [2, 3], [1, 3]) { cat([$0[0], $0[1], $0[0]]) },
  GradientCase("cat of dim 1", [2, 1], [2, 3]) { cat([$0[0], $0[1]], dim: 1) },
  GradientCase("cat with an empty one", [2, 3]) { cat([$0[0], Tensor.empty([0], dtype: .float64)]) },
  GradientCase("gather", [2, 3]) { $0[0].gather(dim: 1, index: Tensor([[0, 2, 0], [1, 1, 1]])) },
  GradientCase("scatter", [2, 3], [2, 2]) { $0[0].scatter(dim: 1, index: Tensor([[0, 2], [1, 0]]), source: $0[1]) },
  GradientCase("scatterAdd", [2, 3], [2, 3]) {
    $0[0].scatterAdd(dim: 1, index: Tensor([[0, 0], [1, 0]]), source: $0[1])
  },
  GradientCase("indexSelect", [3, 2]) { $0[0].indexSelect(dim: 0, index: Tensor([2, 0, 2, -1])) },
  GradientCase("index by two tensors", [3, 2, 2]) { x in
    checked { () throws(TensorError) in
      try run(Index(positions: [0, 2]), [x[0], Tensor([[2], [0]]), Tensor([0, 1])])
    }
  },
  GradientCase("indexPut", [3, 2], [2]) { $0[0].clone().indexPut([Tensor([2, 0, 1])], $0[1]) },
  GradientCase("indexPut, adding", [3, 2], [3, 2]) {
    $0[0].clone().indexPut([Tensor([2, 0, 2])], $0[1], accumulate: true)
  },
  GradientCase("maskedFill", [2, 3]) { $0[0].maskedFill($0[0].detach() .> 0, 3) },
  GradientCase("maskedFill by a tensor", [2, 3]) { $0[0].maskedFill($0[0].detach() .> 0, $0[0].sum()) },
  GradientCase("flip, repeat and tril", [2, 3]) { $0[0].flip(dims: 1).repeat(2, 1).tril().square() },
  GradientCase("mseLoss", [2, 3], [2, 3]) { mseLoss($0[0], $0[1]) },
  GradientCase("mseLoss of sums", [2, 3], [3]) { mseLoss($0[0], $0[1], reduction: .sum) },
  GradientCase("mseLoss without reduction", [2, 3], [2, 3]) { mseLoss($0[0], $0[1], reduction: .none) },
  GradientCase("l1Loss", [2, 3], [2, 3]) { l1Loss($0[0], $0[1]) },
  GradientCase("smoothL1Loss", [2, 3], [2, 3]) { smoothL1Loss($0[0], $0[1], beta: 0.5) },
  GradientCase("binaryCrossEntropyWithLogits", [2, 3], [2, 3], in: 0.1...0.9) {
    binaryCrossEntropyWithLogits($0[0], $0[1])
  },
  GradientCase("huberLoss", [2, 3], [2, 3]) { huberLoss($0[0], $0[1], delta: 0.7) },
  GradientCase("binaryCrossEntropy", [2, 3], [2, 3], in: 0.1...0.9) { binaryCrossEntropy($0[0], $0[1]) },
  GradientCase("klDiv", [2, 3], [2, 3], in: 0.1...0.9) { klDiv($0[0], $0[1], reduction: .batchMean) },
  GradientCase("klDiv of logarithms", [2, 3], [2, 3]) { klDiv($0[0], $0[1], logTarget: true) },
  GradientCase("poissonNLLLoss", [2, 3], [2, 3], in: 0.5...2.5) { poissonNLLLoss($0[0], $0[1], full: true) },
  GradientCase("gaussianNLLLoss", [2, 3], [2, 3], [2, 1], in: 0.5...2) {
    gaussianNLLLoss($0[0], $0[1], variance: $0[2], full: true)
  },
  GradientCase("softMarginLoss", [2, 3], [2, 3]) { softMarginLoss($0[0], $0[1]) },
  GradientCase("hingeEmbeddingLoss", [2, 2]) { hingeEmbeddingLoss($0[0], Tensor([[1, -1], [-1, 1]])) },
  GradientCase("marginRankingLoss", [3], [3]) { marginRankingLoss($0[0], $0[1], Tensor([1, -1, 1]), margin: 0.3) },
  GradientCase("cosineEmbeddingLoss", [2, 3], [2, 3]) {
    cosineEmbeddingLoss($0[0], $0[1], Tensor([1, -1]), margin: -0.9)
  },
  GradientCase("multiMarginLoss", [2, 3]) { multiMarginLoss($0[0], Tensor([2, 0]), p: 2) },
  GradientCase("multilabelMarginLoss", [2, 3]) { multilabelMarginLoss($0[0], Tensor([[2, 0, -1], [1, -1, 0]])) },
  GradientCase("multilabelSoftMarginLoss", [2, 3], [2, 3]) { multilabelSoftMarginLoss($0[0], $0[1]) },
  GradientCase("tripletMarginLoss", [2, 3], [2, 3], [2, 3]) { tripletMarginLoss($0[0], $0[1], $0[2], swap: true) },
  GradientCase("cosineSimilarity", [2, 3], [2, 3]) { cosineSimilarity($0[0], $0[1]) },
  GradientCase("pairwiseDistance", [2, 3], [2, 3]) { pairwiseDistance($0[0], $0[1]) },
  GradientCase("pdist", [3, 2]) { ($0[0] + Tensor([[0.0], [1], [3]], dtype: .float64)).pdist() },
  GradientCase("normalize", [2, 3]) { $0[0].normalize() },
  GradientCase("bilinear", [2, 3], [2, 2], [2, 3, 2], [2]) { bilinear($0[0], $0[1], $0[2], $0[3]) },
  GradientCase("glu", [2, 4]) { $0[0].glu() },
  GradientCase("prelu", [2, 3], [3]) { $0[0].prelu($0[1]) },
  GradientCase("softmin", [2, 3]) { $0[0].softmin(dim: 1) },
  GradientCase("embeddingBag", [4, 2], [5]) {
    embeddingBag(
      Tensor([1, 0, 3, 3, 1]), $0[0], offsets: Tensor([0, 2, 2]), mode: .sum, perSampleWeights: $0[1], paddingIndex: 0)
  },
  GradientCase("embeddingBag, the largest", [4, 2]) {
    embeddingBag(Tensor([1, 0, 3, 2, 1]), $0[0], offsets: Tensor([0, 2, 2]), mode: .max)
  },
  GradientCase("embeddingBag, the mean", [4, 2]) { embeddingBag(Tensor([[1, 0], [3, 3]]), $0[0], paddingIndex: 0) },
  GradientCase("ctcLoss", [4, 2, 3]) {
    ctcLoss($0[0].logSoftmax(dim: 2), Tensor([[1, 1], [2, 0]]), inputLengths: [4, 3], targetLengths: [2, 1])
  },
  GradientCase("nllLoss", [3, 4]) { nllLoss($0[0], Tensor([1, 3, 0])) },
  GradientCase("nllLoss with weights", [3, 4]) {
    nllLoss($0[0], Tensor([1, -100, 0]), weight: Tensor([1.0, 2, 3, 4], dtype: .float64))
  },
  GradientCase("nllLoss of images", [2, 3, 2]) { nllLoss($0[0], Tensor([[1, 2], [0, 1]]), reduction: .none) },
  GradientCase("crossEntropy", [3, 4]) { crossEntropy($0[0], Tensor([1, 3, 0])) },
  GradientCase("crossEntropy, smoothed", [3, 4]) {
    crossEntropy($0[0], Tensor([1, 3, 0]), reduction: .sum, labelSmoothing: 0.1)
  },
  GradientCase("crossEntropy of probabilities", [2, 3], [2, 3], in: 0.1...0.9) { crossEntropy($0[0], $0[1]) },
]
