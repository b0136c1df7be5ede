import Autograd

/// Operations that layers are made of.
let layerCases: [GradientCase] = [
  GradientCase("embedding", [4, 3]) { embedding(Tensor([[3, 0, 3], [1, 1, 1]]), $0[0]).square() },
  GradientCase("embedding of one index", [4, 3]) { embedding(Tensor(2), $0[0]).square() },
  GradientCase("layerNorm", [2, 5], [5], [5]) {
    layerNorm($0[0], normalizedShape: [5], weight: $0[1], bias: $0[2], eps: 0.1)
  },
  GradientCase("layerNorm of two dims", [2, 2, 3], [2, 3]) {
    layerNorm($0[0], normalizedShape: [2, 3], weight: $0[1], eps: 0.1)
  },
  GradientCase("layerNorm without weight", [2, 4], [4]) { layerNorm($0[0], normalizedShape: [4], bias: $0[1]) },
  GradientCase("rmsNorm", [2, 5], [5]) { rmsNorm($0[0], normalizedShape: [5], weight: $0[1], eps: 0.1) },
  GradientCase("rmsNorm of two dims", [2, 2, 3]) { rmsNorm($0[0], normalizedShape: [2, 3], eps: 0.1) },
  GradientCase("batchNorm", [3, 2, 2], [2], [2]) {
    batchNorm(
      $0[0], runningMean: nil, runningVar: nil, weight: $0[1], bias: $0[2], training: true, eps: 0.1)
  },
  GradientCase("batchNorm of columns", [4, 3], [3]) {
    batchNorm($0[0], runningMean: nil, runningVar: nil, weight: $0[1], training: true, eps: 0.1)
  },
  GradientCase("batchNorm in evaluation", [2, 2, 3], [2], [2]) {
    let (mean, variance) = (Tensor([0.5, -1], dtype: .float64), Tensor([2.0, 0.5], dtype: .float64))
    return batchNorm($0[0], runningMean: mean, runningVar: variance, weight: $0[1], bias: $0[2], eps: 0.1)
  },
  GradientCase("groupNorm", [2, 4, 2], [4], [4]) {
    groupNorm($0[0], numGroups: 2, weight: $0[1], bias: $0[2], eps: 0.1)
  },
  GradientCase("groupNorm of single elements", [3, 4], [4]) { groupNorm($0[0], numGroups: 2, weight: $0[1], eps: 0.1) },
  GradientCase("instanceNorm", [2, 2, 3], [2]) { instanceNorm($0[0], weight: $0[1], eps: 0.1) },
  GradientCase("crossEntropy", [3, 4]) { crossEntropy($0[0], Tensor([1, 3, 0])) },
  GradientCase("crossEntropy with all options", [2, 3, 2]) {
    crossEntropy(
      $0[0], Tensor([[1, 2], [0, 1]]), weight: Tensor([0.5, 1, 2], dtype: .float64), ignoreIndex: 0, labelSmoothing: 0.2
    )
  },
  GradientCase("crossEntropy of each row", [3, 4]) {
    crossEntropy($0[0], Tensor([1, -100, 0]), reduction: .none, labelSmoothing: 0.1).square()
  },
  GradientCase("crossEntropy of one row, summed", [4]) { crossEntropy($0[0], Tensor(2), reduction: .sum) },
  GradientCase("linearCrossEntropy", [3, 2], [4, 2], [4]) {
    linearCrossEntropy($0[0], $0[1], Tensor([1, 3, 0]), linearBias: $0[2], ignoreIndex: 3)
  },
  GradientCase("linearCrossEntropy at two places", [3, 2], [4, 2, 2]) {
    linearCrossEntropy($0[0], $0[1], Tensor([[1, 3], [0, 2], [2, 2]]), reduction: .sum, labelSmoothing: 0.1)
  },
  GradientCase("nllLoss", [3, 4]) {
    nllLoss($0[0], Tensor([1, 3, -100]), weight: Tensor([0.5, 1, 2, 3], dtype: .float64)).square()
  },
  GradientCase("nllLoss of each place", [2, 3, 2]) {
    nllLoss($0[0], Tensor([[1, 2], [0, 1]]), reduction: .none).square()
  },
  .unary("cumsum") { $0.cumsum(dim: -1) },
  GradientCase("cumsum of dim 0", [3, 2]) { $0[0].cumsum(dim: 0).square() },
  .unary("cumprod", in: 0.5...2) { $0.cumprod(dim: -1) },
  GradientCase("cumprod of dim 0", [3, 2, 2]) { $0[0].cumprod(dim: 0) },
  GradientCase("cumprod with a zero", [2, 4]) {
    ($0[0] * Tensor([[1.0, 0, 1, 1], [0, 1, 1, 1]], dtype: .float64)).cumprod(dim: 1)
  },
  GradientCase("cumprod with zeros", [4, 2]) {
    let zeros = Tensor([[1.0, 1], [0, 1], [1, 1], [0, 0]], dtype: .float64)
    return ($0[0] * zeros).cumprod(dim: 0)
  },
  .unary("sort") { $0.sort().values.square() },
  GradientCase("sort of dim 0, falling", [4, 2]) { $0[0].sort(dim: 0, descending: true).values.square() },
  GradientCase("topk", [2, 5]) { $0[0].topk(3).values.square() },
  GradientCase("the smallest of dim 0", [4, 2]) { $0[0].topk(2, dim: 0, largest: false).values.square() },
  GradientCase("conv2d", [2, 1, 3, 3], [2, 1, 2, 2], [2]) { conv2d($0[0], $0[1], $0[2]) },
  GradientCase("conv2d with options", [1, 2, 4, 3], [2, 1, 2, 2]) {
    conv2d($0[0], $0[1], stride: [2, 1], padding: 1, dilation: [1, 2], groups: 2)
  },
  GradientCase("conv2d of one image", [2, 2, 2], [1, 2, 1, 1]) { conv2d($0[0], $0[1]).square() },
  GradientCase("conv1d", [2, 2, 6], [3, 2, 3], [3]) { conv1d($0[0], $0[1], $0[2], stride: 2, padding: .valid) },
  GradientCase("conv1d of the same size", [1, 2, 5], [2, 1, 2]) { conv1d($0[0], $0[1], padding: .same, groups: 2) },
  GradientCase("conv3d", [1, 2, 3, 2, 3], [2, 2, 2, 1, 2], [2]) { conv3d($0[0], $0[1], $0[2], padding: [1, 0, 1]) },
  GradientCase("convTranspose1d", [2, 2, 3], [2, 2, 3], [2]) {
    convTranspose1d($0[0], $0[1], $0[2], stride: 3, padding: 1, outputPadding: 1)
  },
  GradientCase("convTranspose2d", [2, 3, 3], [2, 1, 2, 2], [2]) {
    convTranspose2d($0[0], $0[1], $0[2], groups: 2, dilation: 2).square()
  },
  GradientCase("convTranspose3d", [1, 1, 2, 2, 2], [1, 2, 2, 1, 2]) { convTranspose3d($0[0], $0[1], stride: 2) },
  GradientCase("maxPool2d", [1, 2, 4, 5]) { maxPool2d($0[0], kernelSize: 3, stride: 2, padding: 1).square() },
  GradientCase("maxPool1d", [2, 7]) { maxPool1d($0[0], kernelSize: 3, stride: 1, dilation: 2).square() },
  GradientCase("adaptiveMaxPool3d", [1, 3, 4, 3]) { adaptiveMaxPool3d($0[0], outputSize: 2).square() },
  GradientCase("avgPool2d", [1, 2, 4, 5]) { avgPool2d($0[0], kernelSize: 3, stride: 2, padding: 1).square() },
  GradientCase("avgPool3d", [1, 3, 4, 3]) {
    avgPool3d($0[0], kernelSize: [2, 3, 2], stride: 1, ceilMode: true).square()
  },
  GradientCase("adaptiveAvgPool2d", [2, 5, 4]) { adaptiveAvgPool2d($0[0], outputSize: [3, 3]).square() },
  GradientCase("maxUnpool1d", [1, 2, 6]) {
    let (values, indices) = maxPool1dWithIndices($0[0], kernelSize: 2)
    return maxUnpool1d(values, indices: indices, kernelSize: 2).square()
  },
  GradientCase("lpPool2d", [1, 4, 4], in: 0.5...2) { lpPool2d($0[0], normType: 3, kernelSize: 2) },
  GradientCase("unfold", [1, 2, 4, 3]) { unfold($0[0], kernelSize: 2, padding: 1, stride: 2).square() },
  GradientCase("fold", [1, 8, 4]) { fold($0[0], outputSize: [3, 3], kernelSize: 2).square() },
  GradientCase("localResponseNorm", [1, 4, 3]) { localResponseNorm($0[0], size: 3, alpha: 0.5) },
  GradientCase("bilinear interpolation", [1, 1, 3, 4]) { interpolate($0[0], size: [5, 3], mode: .bilinear).square() },
  GradientCase("bicubic interpolation", [1, 1, 3, 4]) {
    interpolate($0[0], scaleFactor: 1.5, mode: .bicubic, alignCorners: true).square()
  },
  GradientCase("gridSample", [1, 2, 3, 4], [1, 2, 2, 2], in: -0.8...0.8) { gridSample($0[0], $0[1]) },
  GradientCase("affineGrid", [1, 2, 3]) { affineGrid($0[0], size: [1, 1, 2, 3]).square() },
  GradientCase("attention", [1, 2, 3, 2], [1, 2, 4, 2], [1, 2, 4, 2]) { attended($0) },
  GradientCase("causal attention of one tensor", [2, 3, 2]) { attended([$0[0], $0[0], $0[0]], isCausal: true) },
  GradientCase("attention of broadcast heads", [2, 1, 2, 2], [3, 2, 2], [2, 3, 2, 2]) { attended($0) },
  GradientCase("attention of grouped heads", [1, 4, 2, 2], [1, 2, 3, 2], [1, 2, 3, 2]) {
    attended($0, mask: Tensor([[true, false, true], [true, true, true]]), enableGQA: true)
  },
  GradientCase("attention with an empty row", [1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 2, 2]) {
    attended($0, mask: Tensor([[true, false], [false, false]]))
  },
  GradientCase("attention with a mask", [1, 2, 2, 2], [1, 2, 3, 2], [1, 2, 3, 2]) {
    attended($0, mask: Tensor([[0.5, -1, 0], [-.infinity, 0.25, 1]], dtype: .float64))
  },
  GradientCase("attention of a mask's gradient", [2, 2, 2], [2, 3, 2], [2, 3, 2], [2, 3]) {
    attended(Array($0[0..<3]), mask: $0[3])
  },
  GradientCase("attention with longer values", [2, 2, 2], [2, 3, 2], [2, 3, 3]) { attended($0) },
]

private func attended(
  _ inputs: [Tensor], mask: Tensor? = nil, isCausal: Bool = false, enableGQA: Bool = false
) -> Tensor {
  checked { () throws(TensorError) in
    try attention(
      inputs[0], inputs[1], inputs[2], mask: mask, isCausal: isCausal, scale: 0.7, enableGQA: enableGQA)
  }
}
