// Sums, means and variances in other combinations.

extension Tensor {
  /// The smallest and the largest elements over all dimensions or along one; equal ones share the gradient.
  public func aminmax(dim: Int? = nil, keepDim: Bool = false) -> (min: Tensor, max: Tensor) {
    let dims = dim.map { [$0] } ?? []
    return (amin(dims: dims, keepDim: keepDim), amax(dims: dims, keepDim: keepDim))
  }

  /// The variance and the mean over the listed dimensions, all when none is listed; floats only.
  ///
  /// `correction` is taken from the count before dividing, as for `var`.
  public func varMean(
    dims: [Int] = [], correction: Double = 1, keepDim: Bool = false
  ) -> (variance: Tensor, mean: Tensor) {
    (`var`(dims: dims, correction: correction, keepDim: keepDim), mean(dims: dims, keepDim: keepDim))
  }

  /// The standard deviation and the mean over the listed dimensions, all when none is listed; floats only.
  ///
  /// `correction` is taken from the count before dividing, as for `std`.
  public func stdMean(dims: [Int] = [], correction: Double = 1, keepDim: Bool = false) -> (std: Tensor, mean: Tensor) {
    (std(dims: dims, correction: correction, keepDim: keepDim), mean(dims: dims, keepDim: keepDim))
  }

  /// The sum of the elements that are not NaN over the listed dimensions, all when none is listed.
  ///
  /// Bool and integers give int64. Elements are cast to `dtype` before they are added when one is given.
  public func nansum(dims: [Int] = [], keepDim: Bool = false, dtype: DType? = nil) -> Tensor {
    let numbers = self.dtype.isFloatingPoint ? choose(isNaN(), 0, self) : self
    return numbers.sum(dims: dims, keepDim: keepDim, dtype: dtype)
  }

  /// The mean of the elements that are not NaN over the listed dimensions, all when none is listed; floats only.
  public func nanmean(dims: [Int] = [], keepDim: Bool = false, dtype: DType? = nil) -> Tensor {
    checked { () throws(TensorError) in
      try checkFloating(self, operation: "nanmean")
      let counts = isNaN().logicalNot().sum(dims: dims, keepDim: keepDim)
      return nansum(dims: dims, keepDim: keepDim, dtype: dtype) / counts
    }
  }

  /// The covariances of variables, the rows of a matrix, whose columns are observations; a vector is one variable.
  ///
  /// - Parameters:
  ///   - correction: Taken from the number of observations before dividing by it.
  ///   - fweights: How often each observation counts: a vector of whole numbers.
  ///   - aweights: How much each observation counts: a vector.
  /// - Returns: A matrix [variables, variables], or for one variable a zero-dim tensor.
  public func cov(correction: Int = 1, fweights: Tensor? = nil, aweights: Tensor? = nil) -> Tensor {
    checked { () throws(TensorError) in
      let name = "cov"
      if rank > 2 || dtype == .bool {
        throw TensorError(.shape, name, "expects a matrix or a vector of numbers, but got \(dtype) of shape \(shape)")
      }
      let x = rank < 2 ? reshape([1, count]) : self
      let observations = x.layout.shape[1]
      var weights: Tensor?
      if let fweights {
        try checkWeights(fweights, observations, name, isWhole: true)
        weights = fweights
      }
      if let aweights {
        try checkWeights(aweights, observations, name, isWhole: false)
        weights = weights.map { $0 * aweights } ?? aweights
      }
      let total = weights?.sum() ?? Tensor.full([], observations, dtype: .int64, device: device)
      let mean = weights.map { (x * $0).sum(dim: 1) / total } ?? x.to(floatingDType).mean(dim: 1)
      let norm =
        aweights == nil || correction == 0
        ? total - correction : total - (weights! * aweights!).sum() / total * correction
      let centred = x - mean.unsqueeze(dim: 1)
      let right = weights.map { centred * $0 } ?? centred
      return (centred.matmul(right.t().to(centred.dtype)) / norm.clamp(min: 0)).squeeze()
    }
  }

  /// The correlation coefficients of variables, the rows of a matrix, whose columns are observations; within -1 and 1.
  ///
  /// - Returns: A matrix [variables, variables], or for one variable a zero-dim tensor.
  public func corrcoef() -> Tensor {
    checked { () throws(TensorError) in
      let covariance = cov()
      if covariance.rank == 0 { return covariance / covariance }
      let deviations = covariance.diagonal().sqrt()
      return (covariance / deviations.unsqueeze(dim: 1) / deviations.unsqueeze(dim: 0)).clamp(min: -1, max: 1)
    }
  }

  private var floatingDType: DType { dtype.isFloatingPoint ? dtype : Scope.defaultDType }

  private func checkWeights(_ weights: Tensor, _ count: Int, _ name: String, isWhole: Bool) throws(TensorError) {
    if weights.rank > 1 || weights.count != count {
      throw TensorError(
        .shape, name, "expects a weight for each of the \(count) observations, but got shape \(weights.shape)")
    }
    if isWhole ? !weights.dtype.isInteger : !weights.dtype.isFloatingPoint {
      throw TensorError(.dtype, name, "weights are of dtype \(weights.dtype)")
    }
    if weights.count > 0, weights.amin().item() < 0 { throw TensorError(.value, name, "a weight is negative") }
  }
}
