internal import CTensorCUDA
package import CTensorKernels

extension CUDABackend {
  // MARK: Elementwise

  package func unary(
    _ formula: st_unary_op, _ x: Tensor, to output: Tensor, compute: DType, parameters: Parameters
  ) throws(TensorError) {
    let status = withParameters(parameters) { parameters in
      withElementwiseViews(output, x) {
        st_cuda_unary(handle, formula, $0, $1, st_dtype(compute.rawValue), parameters, onHost(x, 0))
      }
    }
    try check(status, formula.name, compute)
  }

  package func binary(
    _ formula: st_binary_op, _ a: Tensor, _ b: Tensor, to output: Tensor, compute: DType, parameters: Parameters
  ) throws(TensorError) {
    if !compute.isFloatingPoint { beginDivision(formula) }
    let host = onHost(a, 0) | onHost(b, 1)
    let status = withParameters(parameters) { parameters in
      withElementwiseViews(output, a, b) {
        st_cuda_binary(handle, formula, $0, $1, $2, st_dtype(compute.rawValue), parameters, host)
      }
    }
    // A divisor in main memory is looked at here, those on the GPU by the kernels.
    if status.code == Int32(ST_DIVISION_BY_ZERO) {
      throw TensorError(.value, formula.name, "integer division by zero")
    }
    try check(status, formula.name, compute)
  }

  package func ternary(
    _ formula: st_ternary_op, _ a: Tensor, _ b: Tensor, _ c: Tensor, to output: Tensor, compute: DType,
    parameters: Parameters
  ) throws(TensorError) {
    let host = onHost(a, 0) | onHost(b, 1) | onHost(c, 2)
    let status = withParameters(parameters) { parameters in
      withViews(output, a) { output, a in
        withViews(b, c) {
          st_cuda_ternary(handle, formula, output, a, $0, $1, st_dtype(compute.rawValue), parameters, host)
        }
      }
    }
    try check(status, formula.name, compute)
  }

  /// The bit of an operand that is a number in main memory.
  @inline(__always)
  private func onHost(_ x: Tensor, _ operand: UInt32) -> UInt32 { x.backend === self ? 0 : 1 << operand }

  /// Names whole-number divisions, whose divisors the kernels look at.
  private func beginDivision(_ formula: st_binary_op) {
    switch formula {
    case ST_DIVIDE: begin("/")
    case ST_REMAINDER: begin("%")
    case ST_FLOOR_DIVIDE: begin("floorDivide")
    case ST_TRUNC_DIVIDE: begin("divide")
    case ST_FMOD: begin("fmod")
    default: break
    }
  }

  // MARK: Reductions and rows

  package func reduce(
    _ reduction: st_reduce_op, _ x: Tensor, to output: Tensor, parameter: Double
  ) throws(TensorError) {
    let status =
      output.count == 1
      ? withReductionViews(output, x) { st_cuda_reduce(handle, reduction, $0, $1, parameter) }
      : withViews(output, x) { st_cuda_reduce(handle, reduction, $0, $1, parameter) }
    try check(status, "reduce", x.dtype)
  }

  package func extremum(
    largest: Bool, _ x: Tensor, dim: Int?, values: Tensor?, indices: Tensor
  ) throws(TensorError) {
    let status = withView(values) { values in
      withViews(indices, x) { st_cuda_extremum(handle, largest, values, $0, $1, Int32(dim ?? -1)) }
    }
    try check(status, "extremum", x.dtype)
  }

  package func softmax(_ x: Tensor, dim: Int, logarithm: Bool, to output: Tensor) throws(TensorError) {
    try check(withViews(output, x) { st_cuda_softmax(handle, logarithm, $0, $1, Int32(dim)) }, "softmax", x.dtype)
  }

  package func softmaxBackward(
    gradient: Tensor, result: Tensor, dim: Int, logarithm: Bool, to output: Tensor
  ) throws(TensorError) {
    let status = withViews(output, gradient, result) {
      st_cuda_softmax_backward(handle, logarithm, $0, $1, $2, Int32(dim))
    }
    try check(status, "softmaxBackward", result.dtype)
  }

  package func matmul(_ a: Tensor, _ b: Tensor, bias: Tensor?, to output: Tensor) throws(TensorError) {
    let status = withView(bias) { bias in withViews(output, a, b) { st_cuda_matmul(handle, $0, $1, $2, bias) } }
    try check(status, "matmul", a.dtype)
  }

  // MARK: Indexing

  package func gather(_ x: Tensor, index: Tensor, dim: Int, to output: Tensor) throws(TensorError) {
    begin("gather", dims: [dim])
    try check(withViews(output, x, index) { st_cuda_gather(handle, $0, $1, $2, Int32(dim)) }, "gather", x.dtype)
  }

  package func scatter(
    _ source: Tensor, index: Tensor, dim: Int, adding: Bool, to target: Tensor
  ) throws(TensorError) {
    begin(adding ? "scatterAdd" : "scatter", dims: [dim])
    let mode = Int32(adding ? ST_SCATTER_ADD : ST_SCATTER_SET)
    let status = withViews(target, index, source) { st_cuda_scatter(handle, $0, $1, $2, Int32(dim), mode) }
    try check(status, adding ? "scatterAdd" : "scatter", target.dtype)
  }

  package func index(
    _ x: Tensor, by indices: [Tensor], dims: [Int], to output: Tensor
  ) throws(TensorError) {
    begin("subscript", dims: dims)
    let status = withViews(output, x) { output, x in
      withViews(indices) { st_cuda_index(handle, output, x, $0, $1) }
    }
    try check(status, "subscript", x.dtype)
  }

  package func indexPut(
    _ values: Tensor, by indices: [Tensor], dims: [Int], accumulate: Bool, to target: Tensor
  ) throws(TensorError) {
    begin("subscript", dims: dims)
    let status = withViews(target, values) { target, values in
      withViews(indices) { st_cuda_index_put(handle, target, values, $0, $1, accumulate) }
    }
    try check(status, "subscript", target.dtype)
  }

  package func nonzero(_ x: Tensor) throws(TensorError) -> Tensor {
    var count = 0
    try check(withView(x) { st_cuda_count_nonzero(handle, $0, &count) }, "nonzero", x.dtype)
    // Column by column, so that the index tensors of the dimensions are contiguous.
    let layout = Layout(shape: [count, x.layout.rank], strides: [1, Swift.max(count, 1)])
    let output = try Tensor(uninitialized: layout, dtype: .int64, on: self, for: "nonzero")
    try check(withViews(output, x) { st_cuda_nonzero(handle, $0, $1) }, "nonzero", x.dtype)
    return output
  }

  // MARK: Random

  package func random(
    _ distribution: Distribution, _ target: Tensor, generator: Generator
  ) throws(TensorError) {
    begin("bernoulli")
    noteDraw(generator)
    let status = generator.withPhilox { state in
      withView(target) { target in
        switch distribution {
        case .uniform(let from, let to): st_cuda_random_uniform(handle, state, target, from, to)
        case .normal(let mean, let std): st_cuda_random_normal(handle, state, target, mean, std)
        case .integers(let from, let range): st_cuda_random_integers(handle, state, target, from, range)
        case .raw: st_cuda_random_raw(handle, state, target)
        case .bernoulli(let probability): st_cuda_random_bernoulli(handle, state, target, probability)
        case .bernoulliEach(let probabilities):
          withView(probabilities) { st_cuda_random_bernoulli_each(handle, state, target, $0) }
        case .exponential(let rate): st_cuda_random_exponential(handle, state, target, rate)
        case .permutation: st_cuda_random_permutation(handle, state, target)
        }
      }
    }
    try check(status, distribution.name, target.dtype)
  }

  package func dropout(
    _ x: Tensor, p: Double, generator: Generator, to output: Tensor, mask: Tensor
  ) throws(TensorError) {
    noteDraw(generator)
    let status = generator.withPhilox { state in
      withViews(output, mask, x) { st_cuda_dropout(handle, state, $0, $1, $2, p) }
    }
    try check(status, "dropout", x.dtype)
  }
}
