package import CTensorKernels

extension CPUBackend {
  // MARK: Elementwise

  package func unary(
    _ formula: st_unary_op, _ x: Tensor, to output: Tensor, compute: DType, parameters: Parameters
  ) throws(TensorError) {
    let status = withParameters(parameters) { parameters in
      withElementwiseViews(output, x) { st_unary(formula, $0, $1, st_dtype(compute.rawValue), parameters) }
    }
    try check(status, formula.name, compute)
  }

  package func binary(
    _ formula: st_binary_op, _ a: Tensor, _ b: Tensor, to output: Tensor, compute: DType, parameters: Parameters
  ) throws(TensorError) {
    let status = withParameters(parameters) { parameters in
      withElementwiseViews(output, a, b) { st_binary(formula, $0, $1, $2, st_dtype(compute.rawValue), parameters) }
    }
    try check(status, formula.name, compute)
  }

  package func ternary(
    _ formula: st_ternary_op, _ a: Tensor, _ b: Tensor, _ c: Tensor, to output: Tensor, compute: DType,
    parameters: Parameters
  ) throws(TensorError) {
    let status = withParameters(parameters) { parameters in
      withViews(output, a) { output, a in
        withViews(b, c) { st_ternary(formula, output, a, $0, $1, st_dtype(compute.rawValue), parameters) }
      }
    }
    try check(status, formula.name, compute)
  }

  // MARK: Reductions and rows

  package func reduce(
    _ reduction: st_reduce_op, _ x: Tensor, to output: Tensor, parameter: Double
  ) throws(TensorError) {
    let status =
      output.count == 1
      ? withReductionViews(output, x) { st_reduce(reduction, $0, $1, parameter) }
      : withViews(output, x) { st_reduce(reduction, $0, $1, parameter) }
    try check(status, "reduce", x.dtype)
  }

  package func extremum(
    largest: Bool, _ x: Tensor, dim: Int?, values: Tensor?, indices: Tensor
  ) throws(TensorError) {
    let status = withView(values) { values in
      withViews(indices, x) { st_extremum(largest, values, $0, $1, Int32(dim ?? -1)) }
    }
    try check(status, "extremum", x.dtype)
  }

  package func softmax(_ x: Tensor, dim: Int, logarithm: Bool, to output: Tensor) throws(TensorError) {
    try check(withViews(output, x) { st_softmax(logarithm, $0, $1, Int32(dim)) }, "softmax", x.dtype)
  }

  package func softmaxBackward(
    gradient: Tensor, result: Tensor, dim: Int, logarithm: Bool, to output: Tensor
  ) throws(TensorError) {
    let status = withViews(output, gradient, result) { st_softmax_backward(logarithm, $0, $1, $2, Int32(dim)) }
    try check(status, "softmaxBackward", result.dtype)
  }

  package func matmul(_ a: Tensor, _ b: Tensor, bias: Tensor?, to output: Tensor) throws(TensorError) {
    let status = withView(bias) { bias in withViews(output, a, b) { st_matmul($0, $1, $2, bias) } }
    try check(status, "matmul", a.dtype)
  }

  // MARK: Indexing

  package func gather(_ x: Tensor, index: Tensor, dim: Int, to output: Tensor) throws(TensorError) {
    let status = withViews(output, x, index) { st_gather($0, $1, $2, Int32(dim)) }
    try check(status.naming([dim]), "gather", x.dtype)
  }

  package func scatter(
    _ source: Tensor, index: Tensor, dim: Int, adding: Bool, to target: Tensor
  ) throws(TensorError) {
    let mode = Int32(adding ? ST_SCATTER_ADD : ST_SCATTER_SET)
    let status = withViews(target, index, source) { st_scatter($0, $1, $2, Int32(dim), mode) }
    try check(status.naming([dim]), adding ? "scatterAdd" : "scatter", target.dtype)
  }

  package func index(
    _ x: Tensor, by indices: [Tensor], dims: [Int], to output: Tensor
  ) throws(TensorError) {
    let status = withViews(output, x) { output, x in withViews(indices) { st_index(output, x, $0, $1) } }
    try check(status.naming(dims), "subscript", x.dtype)
  }

  package func indexPut(
    _ values: Tensor, by indices: [Tensor], dims: [Int], accumulate: Bool, to target: Tensor
  ) throws(TensorError) {
    let status = withViews(target, values) { target, values in
      withViews(indices) { st_index_put(target, values, $0, $1, accumulate) }
    }
    try check(status.naming(dims), "subscript", target.dtype)
  }

  package func nonzero(_ x: Tensor) throws(TensorError) -> Tensor {
    let count = withView(x) { st_count_nonzero($0) }
    // Column by column, so that the index tensors of the dimensions are contiguous.
    let layout = Layout(shape: [count, x.layout.rank], strides: [1, Swift.max(count, 1)])
    let output = try Tensor(uninitialized: layout, dtype: .int64, on: self, for: "nonzero")
    withViews(output, x) { st_nonzero($0, $1) }
    return output
  }

  // MARK: Random

  package func random(
    _ distribution: Distribution, _ target: Tensor, generator: Generator
  ) throws(TensorError) {
    let status = generator.withState { state in
      withView(target) { target -> st_status in
        switch distribution {
        case .uniform(let from, let to): st_random_uniform(state, target, from, to)
        case .normal(let mean, let std): st_random_normal(state, target, mean, std)
        case .integers(let from, let range): st_random_integers(state, target, from, range)
        case .raw: st_random_raw(state, target)
        case .bernoulli(let probability): st_random_bernoulli(state, target, probability)
        case .bernoulliEach(let probabilities):
          return withView(probabilities) { st_random_bernoulli_each(state, target, $0) }
        case .exponential(let rate): st_random_exponential(state, target, rate)
        case .permutation: st_random_permutation(state, target)
        }
        return st_status(code: Int32(ST_OK), operand: 0, value: 0, limit: 0)
      }
    }
    if status.code == Int32(ST_INDEX_OUT_OF_RANGE) {
      throw TensorError(
        .value, distribution.name, "expected probabilities from 0 to 1, but that of element \(status.value) is not")
    }
    try check(status, distribution.name, target.dtype)
  }

  package func dropout(
    _ x: Tensor, p: Double, generator: Generator, to output: Tensor, mask: Tensor
  ) throws(TensorError) {
    try random(.bernoulli(1 - p), mask, generator: generator)
    try binary(ST_MULTIPLY, x, mask, to: output, compute: x.dtype, parameters: .none)
    // The divisor's inverse is rounded to the dtype, as PyTorch rounds its mask.
    let inverse = try Tensor(uninitialized: Layout(contiguous: []), dtype: x.dtype, on: self, for: "dropout")
    try fill(inverse, with: .float(1))
    try binary(
      ST_DIVIDE, inverse, Tensor(number: .float(1 - p)), to: inverse, compute: x.dtype, parameters: .none)
    try binary(ST_MULTIPLY, output, inverse, to: output, compute: x.dtype, parameters: .none)
  }
}

extension st_status {
  /// The status with the dimension that the user indexed in place of the number of the index operand.
  fileprivate func naming(_ dims: [Int]) -> st_status {
    var status = self
    if dims.indices.contains(Int(operand)) { status.operand = Int32(truncatingIfNeeded: dims[Int(operand)]) }
    return status
  }
}
