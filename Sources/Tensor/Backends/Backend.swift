package import CTensorKernels

/// What a device does for tensors: a few primitives over strided layouts.
///
/// Callers allocate outputs and check shapes; inputs of elementwise primitives broadcast to the output's shape and are
/// converted as they are read. Every tensor passed lives on the backend's device, but for zero-dim tensors on the CPU,
/// which any backend takes as numbers. Nothing above a backend reads or writes device memory.
package protocol Backend: AnyObject, Sendable {
  var device: Device { get }
  /// Whether reading a value waits for work that goes on beside the program: what is checked by values then costs more than
  /// it is worth.
  var waitsForReads: Bool { get }

  // Memory.
  func allocate(byteCount: Int) throws(TensorError) -> Storage
  func free(_ address: UnsafeMutableRawPointer, byteCount: Int)
  /// Copies bytes of host memory to the storage.
  func copy(from bytes: UnsafeRawBufferPointer, to storage: Storage, byteOffset: Int) throws(TensorError)
  /// Copies bytes of the storage to host memory, after all work on it has finished.
  func copy(from storage: Storage, byteOffset: Int, to bytes: UnsafeMutableRawBufferPointer) throws(TensorError)
  /// Copies from a tensor of this device to one of another or the same, casting and broadcasting.
  func copy(_ source: Tensor, to target: Tensor) throws(TensorError)
  func fill(_ target: Tensor, with number: Number) throws(TensorError)
  func arange(_ target: Tensor, start: Number, step: Number) throws(TensorError)
  func linspace(_ target: Tensor, start: Double, end: Double) throws(TensorError)

  // Elementwise.
  func unary(
    _ formula: st_unary_op, _ x: Tensor, to output: Tensor, compute: DType, parameters: Parameters
  ) throws(TensorError)
  func binary(
    _ formula: st_binary_op, _ a: Tensor, _ b: Tensor, to output: Tensor, compute: DType, parameters: Parameters
  ) throws(TensorError)
  func ternary(
    _ formula: st_ternary_op, _ a: Tensor, _ b: Tensor, _ c: Tensor, to output: Tensor, compute: DType,
    parameters: Parameters
  ) throws(TensorError)

  // Reductions and rows. `output` has the input's rank, with size 1 in the reduced dimensions, or any rank when a
  // reduction leaves a single element.
  func reduce(_ reduction: st_reduce_op, _ x: Tensor, to output: Tensor, parameter: Double) throws(TensorError)
  /// `dim` nil: over all elements in row-major order, outputs of one element.
  func extremum(
    largest: Bool, _ x: Tensor, dim: Int?, values: Tensor?, indices: Tensor
  ) throws(TensorError)
  func softmax(_ x: Tensor, dim: Int, logarithm: Bool, to output: Tensor) throws(TensorError)
  func softmaxBackward(
    gradient: Tensor, result: Tensor, dim: Int, logarithm: Bool, to output: Tensor
  ) throws(TensorError)
  /// Normalises the rows of `x` [rows, columns]. `weight` and `bias` [columns] are of its dtype, or float32 for one of 16
  /// bits; `mean` and `rstd` [rows], float32 (float64 for float64), are filled if given. All are row-major.
  func layerNorm(
    _ x: Tensor, weight: Tensor?, bias: Tensor?, eps: Double, to output: Tensor, mean: Tensor?, rstd: Tensor?
  ) throws(TensorError)
  /// Fills the gradients that are given; those of weight and bias are of the weight's dtype.
  func layerNormBackward(
    gradient: Tensor, _ x: Tensor, mean: Tensor, rstd: Tensor, weight: Tensor?, xGradient: Tensor?,
    weightGradient: Tensor?, biasGradient: Tensor?
  ) throws(TensorError)
  /// The same without centring and bias: divides rows by their root mean square.
  func rmsNorm(_ x: Tensor, weight: Tensor?, eps: Double, to output: Tensor, rstd: Tensor?) throws(TensorError)
  func rmsNormBackward(
    gradient: Tensor, _ x: Tensor, rstd: Tensor, weight: Tensor?, xGradient: Tensor?, weightGradient: Tensor?
  ) throws(TensorError)
  /// Normalises the channels of `x` [N, C, S], row-major. `weight`, `bias` and `running` [C] are of its dtype, or float32
  /// for one of 16 bits; `mean` and `rstd` [C], float32 (float64 for float64), are filled.
  ///
  /// While training they are those of `x`, of which `running` takes a share of `momentum`; else those of `running`.
  func batchNorm(
    _ x: Tensor, weight: Tensor?, bias: Tensor?, running: RunningStatistics?, training: Bool, momentum: Double,
    eps: Double, to output: Tensor, mean: Tensor, rstd: Tensor
  ) throws(TensorError)
  /// Fills the gradients that are given; those of weight and bias are of the weight's dtype.
  func batchNormBackward(
    gradient: Tensor, _ x: Tensor, mean: Tensor, rstd: Tensor, weight: Tensor?, training: Bool, xGradient: Tensor?,
    weightGradient: Tensor?, biasGradient: Tensor?
  ) throws(TensorError)
  /// The same of C / `groups` neighbouring channels of each sample together: `mean` and `rstd` are [N, groups].
  func groupNorm(
    _ x: Tensor, weight: Tensor?, bias: Tensor?, groups: Int, eps: Double, to output: Tensor, mean: Tensor, rstd: Tensor
  ) throws(TensorError)
  func groupNormBackward(
    gradient: Tensor, _ x: Tensor, mean: Tensor, rstd: Tensor, weight: Tensor?, groups: Int, xGradient: Tensor?,
    weightGradient: Tensor?, biasGradient: Tensor?
  ) throws(TensorError)

  /// The cross entropy of `x` [N, C, S], logits or log-probabilities, and int64 classes [N, S], of any strides. `output` has
  /// x's dtype: [N, S], or one element where reduced. `weight` [C], `totalWeight` of one element and `statistics` [N, S, 2],
  /// what the derivative needs, are float32 (float64 for float64).
  func crossEntropy(
    _ x: Tensor, classes: Tensor, weight: Tensor?, options: st_cross_entropy_options, to output: Tensor,
    totalWeight: Tensor?, statistics: Tensor?
  ) throws(TensorError)
  /// `gradient` is of x's dtype and output's shape; `xGradient` row-major.
  func crossEntropyBackward(
    gradient: Tensor, _ x: Tensor, classes: Tensor, weight: Tensor?, options: st_cross_entropy_options,
    totalWeight: Tensor, statistics: Tensor, xGradient: Tensor
  ) throws(TensorError)

  /// Running sums or products along a dimension; both tensors have one dtype, not bool.
  func scan(_ scan: st_scan_op, _ x: Tensor, dim: Int, to output: Tensor) throws(TensorError)
  /// Sorts along a dimension, keeping the order of equal elements; NaN is the largest. `indices` is int64.
  func sort(_ x: Tensor, dim: Int, descending: Bool, values: Tensor, indices: Tensor) throws(TensorError)
  /// The first of what `sort` gives, as many as `values` and `indices` have along the dimension.
  func topk(_ x: Tensor, dim: Int, largest: Bool, values: Tensor, indices: Tensor) throws(TensorError)

  /// `output = a @ b + bias` over the last two dimensions, leading ones broadcast.
  func matmul(_ a: Tensor, _ b: Tensor, bias: Tensor?, to output: Tensor) throws(TensorError)

  /// `output = softmax(scale * q @ k.T + mask) @ v` for q [B, H, T, D] and k, v [B, G, S, D], G dividing H, of contiguous
  /// last dimensions, as `output` and its gradient. `mask` is bool or of q's dtype and broadcasts to [B, H, T, S]; `lse`
  /// [B, H, T], float32 (float64 for float64), receives the logarithms of the weights' sums.
  func attention(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?, isCausal: Bool, scale: Double, to output: Tensor, lse: Tensor
  ) throws(TensorError)
  func attentionBackward(
    gradient: Tensor, output: Tensor, lse: Tensor, _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?,
    isCausal: Bool, scale: Double, queryGradient: Tensor, keyGradient: Tensor, valueGradient: Tensor
  ) throws(TensorError)

  /// Convolution over one to three dimensions: `x` [N, C, space], `weight` [O, C / groups, kernel], `bias` [O], `output`
  /// [N, O, places], all row-major, int64 or floating.
  func convolution(
    _ x: Tensor, weight: Tensor, bias: Tensor?, options: st_convolution, to output: Tensor
  ) throws(TensorError)
  /// From `x` [N, O, places] and the same weight to `output` [N, C, space]: a convolution's gradient to its input's; `bias` [C].
  func convolutionTransposed(
    _ x: Tensor, weight: Tensor, bias: Tensor?, options: st_convolution, to output: Tensor
  ) throws(TensorError)
  /// From a convolution's gradient and its input `x` to its weight's gradient.
  func convolutionWeightGradient(
    _ gradient: Tensor, _ x: Tensor, options: st_convolution, to output: Tensor
  ) throws(TensorError)

  // Pooling over one to three dimensions of space: `x` [planes, space], `output` [planes, places], row-major, int64 or
  // floating.
  /// `indices`, int64, receives where in a plane the largest elements lie.
  func maxPool(_ x: Tensor, options: st_pool, to output: Tensor, indices: Tensor?) throws(TensorError)
  func averagePool(_ x: Tensor, options: st_pool, to output: Tensor) throws(TensorError)
  /// From a mean's gradient [planes, places] to its input's.
  func averagePoolBackward(_ gradient: Tensor, options: st_pool, to output: Tensor) throws(TensorError)

  // Indexing. Index tensors are int64.
  func gather(_ x: Tensor, index: Tensor, dim: Int, to output: Tensor) throws(TensorError)
  func scatter(_ source: Tensor, index: Tensor, dim: Int, adding: Bool, to target: Tensor) throws(TensorError)
  /// The first dimensions of `x` are indexed by tensors of one shape; `dims` are the user's numbers of them, for errors.
  func index(_ x: Tensor, by indices: [Tensor], dims: [Int], to output: Tensor) throws(TensorError)
  func indexPut(
    _ values: Tensor, by indices: [Tensor], dims: [Int], accumulate: Bool, to target: Tensor
  ) throws(TensorError)
  /// The int64 positions [count, rank] of elements that are not zero; waits for the device.
  func nonzero(_ x: Tensor) throws(TensorError) -> Tensor

  // Random fills, from a generator of this device.
  func random(_ distribution: Distribution, _ target: Tensor, generator: Generator) throws(TensorError)
  /// Keeps each element with probability `1 - p`, divided by it, and fills the bool `mask` with whether it was kept.
  func dropout(
    _ x: Tensor, p: Double, generator: Generator, to output: Tensor, mask: Tensor
  ) throws(TensorError)

  // Optimizer steps over many parameters at once; left out when `foundInf` (float32, zero-dim) is not 0.
  func sgd(_ step: SGDStep, options: st_sgd_options, foundInf: Tensor?) throws(TensorError)
  func adam(_ step: AdamStep, options: st_adam_options, foundInf: Tensor?) throws(TensorError)
  /// Multiplies gradients by `1 / scale` in place, and sets `foundInf` to 1 when one was not finite; both float32, zero-dim.
  func unscale(_ gradients: [Tensor], scale: Tensor, foundInf: Tensor) throws(TensorError)
  /// Shrinks the scale (float32) when `foundInf` is not 0, else grows it after `growthInterval` calls, which
  /// `growthTracker` (int32) counts. All zero-dim.
  func updateScale(
    _ scale: Tensor, growthTracker: Tensor, foundInf: Tensor, growthFactor: Double, backoffFactor: Double,
    growthInterval: Int
  ) throws(TensorError)

  /// Waits until all work on the device has finished.
  func synchronize() throws(TensorError)
}

/// Numbers that belong to a formula, such as the bounds of a clamp.
package struct Parameters: Sendable, Equatable {
  package var first: Double
  package var second: Double
  package init(_ first: Double = 0, _ second: Double = 0) {
    self.first = first
    self.second = second
  }
  package static let none = Parameters()
}

/// What batch norm remembers of its batches, a number for each channel.
package struct RunningStatistics: Sendable {
  package let mean: Tensor
  package let variance: Tensor
  package init(mean: Tensor, variance: Tensor) {
    self.mean = mean
    self.variance = variance
  }
}

/// What a random fill draws.
package enum Distribution: Sendable {
  case uniform(from: Double, to: Double)
  case normal(mean: Double, std: Double)
  case integers(from: Int64, range: UInt64)
  /// The whole range of the dtype, PyTorch's `random_()`.
  case raw
  case bernoulli(Double)
  /// One probability per element.
  case bernoulliEach(Tensor)
  case exponential(rate: Double)
  case permutation
}

/// The tensors of a stochastic gradient descent step, entry i of each belonging to parameter i.
package struct SGDStep: Sendable {
  package var parameters: [Tensor]
  package var gradients: [Tensor]
  /// Empty without momentum.
  package var momenta: [Tensor]
  /// How many steps were made, float32 and zero-dim; empty without momentum.
  ///
  /// The step raises them, and the first one sets the momentum.
  package var steps: [Tensor]
  package init(parameters: [Tensor], gradients: [Tensor], momenta: [Tensor], steps: [Tensor]) {
    self.parameters = parameters
    self.gradients = gradients
    self.momenta = momenta
    self.steps = steps
  }
}

/// The tensors of an Adam or AdamW step, entry i of each belonging to parameter i.
package struct AdamStep: Sendable {
  package var parameters: [Tensor]
  package var gradients: [Tensor]
  package var averages: [Tensor]
  package var squares: [Tensor]
  /// Empty without amsgrad.
  package var maxSquares: [Tensor]
  /// How many steps were made, float32 and zero-dim; raised by the step.
  package var steps: [Tensor]
  package init(
    parameters: [Tensor], gradients: [Tensor], averages: [Tensor], squares: [Tensor], maxSquares: [Tensor],
    steps: [Tensor]
  ) {
    self.parameters = parameters
    self.gradients = gradients
    self.averages = averages
    self.squares = squares
    self.maxSquares = maxSquares
    self.steps = steps
  }
}

extension Device {
  /// The backend of the device, for an operation that needs it.
  package func backend(for operation: String) throws(TensorError) -> any Backend {
    if kind == .cpu { return CPUBackend.shared }
    return try CUDABackend.of(self, for: operation)
  }
}
