// The public reductions. Each comes over all dimensions or a list (`dims:`, empty for all) and over one (`dim:`).

extension Tensor {
  /// The sum over the listed dimensions, all when none is listed; bool and integers give int64.
  ///
  /// Elements are cast to `dtype` before they are added when one is given.
  public func sum(dims: [Int] = [], keepDim: Bool = false, dtype: DType? = nil) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(
        Sum(dims: resolve(dims: dims, rank: rank, operation: "sum"), keepDim: keepDim, dtype: dtype), self, in: scope)
    }
  }
  /// The sum along one dimension.
  public func sum(dim: Int, keepDim: Bool = false, dtype: DType? = nil) -> Tensor {
    sum(dims: [dim], keepDim: keepDim, dtype: dtype)
  }

  /// The mean over the listed dimensions, all when none is listed; floats only, NaN for no elements.
  ///
  /// Elements are cast to `dtype` first when one is given; integers need a floating one.
  public func mean(dims: [Int] = [], keepDim: Bool = false, dtype: DType? = nil) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(
        Mean(dims: resolve(dims: dims, rank: rank, operation: "mean"), keepDim: keepDim, dtype: dtype), self, in: scope)
    }
  }
  /// The mean along one dimension; floats only.
  public func mean(dim: Int, keepDim: Bool = false, dtype: DType? = nil) -> Tensor {
    mean(dims: [dim], keepDim: keepDim, dtype: dtype)
  }

  /// The product of all elements; bool and integers give int64.
  public func prod(dtype: DType? = nil) -> Tensor {
    apply(Product(dims: Dims(0..<rank), keepDim: false, dtype: dtype), self)
  }
  /// The product along one dimension.
  public func prod(dim: Int, keepDim: Bool = false, dtype: DType? = nil) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(
        Product(dims: resolve(dims: [dim], rank: rank, operation: "prod"), keepDim: keepDim, dtype: dtype), self,
        in: scope)
    }
  }

  /// The variance over the listed dimensions, all when none is listed; floats only.
  ///
  /// `correction` is taken from the count before dividing: 1 for a sample's unbiased estimate, 0 for the variance of a whole
  /// population.
  public func `var`(dims: [Int] = [], correction: Double = 1, keepDim: Bool = false) -> Tensor {
    checked { (scope) throws(TensorError) in
      let dims = try resolve(dims: dims, rank: rank, operation: "var")
      return try run(Variance(dims: dims, correction: correction, keepDim: keepDim), self, in: scope)
    }
  }
  /// The variance along one dimension; floats only.
  public func `var`(dim: Int, correction: Double = 1, keepDim: Bool = false) -> Tensor {
    `var`(dims: [dim], correction: correction, keepDim: keepDim)
  }
  /// The variance of all elements, with a correction of 1 or none.
  public func `var`(unbiased: Bool) -> Tensor { `var`(correction: unbiased ? 1 : 0) }

  /// The standard deviation over the listed dimensions, all when none is listed; floats only.
  ///
  /// `correction` is taken from the count before dividing, as for `var`.
  public func std(dims: [Int] = [], correction: Double = 1, keepDim: Bool = false) -> Tensor {
    checked { (scope) throws(TensorError) in
      let dims = try resolve(dims: dims, rank: rank, operation: "std")
      return try run(StandardDeviation(dims: dims, correction: correction, keepDim: keepDim), self, in: scope)
    }
  }
  /// The standard deviation along one dimension; floats only.
  public func std(dim: Int, correction: Double = 1, keepDim: Bool = false) -> Tensor {
    std(dims: [dim], correction: correction, keepDim: keepDim)
  }
  /// The standard deviation of all elements, with a correction of 1 or none.
  public func std(unbiased: Bool) -> Tensor { std(correction: unbiased ? 1 : 0) }

  /// The p-norm over the listed dimensions, all when none is listed; floats only.
  ///
  /// `p` is 2 for the length, 1 for the sum of absolute values, `.infinity` for their maximum, 0 to count the elements that
  /// are not zero.
  public func norm(p: Double = 2, dims: [Int] = [], keepDim: Bool = false, dtype: DType? = nil) -> Tensor {
    checked { (scope) throws(TensorError) in
      let dims = try resolve(dims: dims, rank: rank, operation: "norm")
      return try run(Norm(p: p, dims: dims, keepDim: keepDim, dtype: dtype), self, in: scope)
    }
  }
  /// The p-norm along one dimension; floats only.
  public func norm(p: Double = 2, dim: Int, keepDim: Bool = false, dtype: DType? = nil) -> Tensor {
    norm(p: p, dims: [dim], keepDim: keepDim, dtype: dtype)
  }

  /// Whether all elements are not zero over the listed dimensions, all when none is listed; uint8 gives uint8, else bool.
  public func all(dims: [Int] = [], keepDim: Bool = false) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(
        Predicate(all: true, dims: resolve(dims: dims, rank: rank, operation: "all"), keepDim: keepDim), self, in: scope
      )
    }
  }
  /// Whether all elements along one dimension are not zero.
  public func all(dim: Int, keepDim: Bool = false) -> Tensor { all(dims: [dim], keepDim: keepDim) }

  /// Whether any element is not zero over the listed dimensions, all when none is listed; uint8 gives uint8, else bool.
  public func any(dims: [Int] = [], keepDim: Bool = false) -> Tensor {
    checked { (scope) throws(TensorError) in
      try run(
        Predicate(all: false, dims: resolve(dims: dims, rank: rank, operation: "any"), keepDim: keepDim), self,
        in: scope)
    }
  }
  /// Whether any element along one dimension is not zero.
  public func any(dim: Int, keepDim: Bool = false) -> Tensor { any(dims: [dim], keepDim: keepDim) }

  /// The number of elements that are not zero over the listed dimensions, all when none is listed; int64.
  public func countNonzero(dims: [Int] = []) -> Tensor { (self .!= 0).sum(dims: dims) }
  /// The number of elements along one dimension that are not zero; int64.
  public func countNonzero(dim: Int) -> Tensor { countNonzero(dims: [dim]) }

  /// The logarithm of the sum of exponentials over the listed dimensions, computed without overflow.
  public func logSumExp(dims: [Int] = [], keepDim: Bool = false) -> Tensor {
    checked { () throws(TensorError) in
      let operation = "logSumExp"
      let dims = try resolve(dims: dims, rank: rank, operation: operation)
      let x = dtype.isFloatingPoint ? self : try run(Cast(dtype: Scope.defaultDType), self)
      if x.layout.shape.elementCount == 0 {
        return try run(Unary<Log>(), run(Sum(dims: dims, keepDim: keepDim), run(Unary<Exp>(), x)))
      }
      // The shift by the maximum cancels, so it needs no gradient; an infinite one would give NaN.
      let shift = try Scope.with(isGradEnabled: false).run { () throws(TensorError) in
        let largest = try run(Extremes(largest: true, dims: dims, keepDim: true), x)
        return try run(
          Ternary<Where>(), run(Unary<IsFinite>(), largest), largest, Tensor(number: .float(0)))
      }
      let sum = try run(Sum(dims: dims, keepDim: keepDim), run(Unary<Exp>(), run(Binary<Subtract>(), x, shift)))
      let shape = x.layout.shape.reduced(over: dims, keepDim: keepDim)
      return try run(Binary<Add>(), run(Unary<Log>(), sum), shift.viewed(as: shape))
    }
  }
  /// The logarithm of the sum of exponentials along one dimension, computed without overflow.
  public func logSumExp(dim: Int, keepDim: Bool = false) -> Tensor { logSumExp(dims: [dim], keepDim: keepDim) }
}
