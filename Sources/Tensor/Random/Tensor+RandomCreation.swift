extension Tensor {
  /// What random creation functions share; `distribution` may refuse its arguments.
  private static func random(
    _ operation: String, _ shape: [Int], dtype: DType?, device: Device?, requiresGrad: Bool, generator: Generator?,
    _ distribution: () throws(TensorError) -> Distribution
  ) -> Tensor {
    make(operation, shape, dtype: dtype, device: device, requiresGrad: requiresGrad) { (output) throws(TensorError) in
      try RandomFill(distribution: distribution(), generator: generator, caller: operation).write(to: output)
    }
  }

  /// The same for the `like` forms.
  private func randomLike(
    _ operation: String, dtype: DType?, device: Device?, requiresGrad: Bool, generator: Generator?,
    _ distribution: () throws(TensorError) -> Distribution
  ) -> Tensor {
    makeLike(operation, dtype: dtype, device: device, requiresGrad: requiresGrad) { (output) throws(TensorError) in
      try RandomFill(distribution: distribution(), generator: generator, caller: operation).write(to: output)
    }
  }
}

// MARK: - Uniform

extension Tensor {
  /// A tensor of uniform draws from 0 up to, not including, 1, of a floating dtype.
  public static func rand(
    _ shape: [Int], dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    random("rand", shape, dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator) {
      .uniform(from: 0, to: 1)
    }
  }

  /// A tensor of uniform draws of the sizes given: `Tensor.rand(3, 3)`.
  public static func rand(
    _ shape: Int..., dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    rand(shape, dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator)
  }

  /// A tensor of another's shape, dtype and device of uniform draws from 0 up to, not including, 1.
  public static func randLike(
    _ model: Tensor, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    model.randomLike("randLike", dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator) {
      .uniform(from: 0, to: 1)
    }
  }
}

// MARK: - Normal

extension Tensor {
  /// A tensor of draws from the standard normal distribution, of a floating dtype.
  public static func randn(
    _ shape: [Int], dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    random("randn", shape, dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator) {
      .normal(mean: 0, std: 1)
    }
  }

  /// A tensor of draws from the standard normal distribution of the sizes given: `Tensor.randn(3, 3)`.
  public static func randn(
    _ shape: Int..., dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    randn(shape, dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator)
  }

  /// A tensor of another's shape, dtype and device of draws from the standard normal distribution.
  public static func randnLike(
    _ model: Tensor, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    model.randomLike("randnLike", dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator) {
      .normal(mean: 0, std: 1)
    }
  }

  /// A tensor of draws from the normal distribution of a mean and standard deviation.
  public static func normal(
    mean: Double, std: Double, _ shape: [Int], dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    random("normal", shape, dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator) {
      .normal(mean: mean, std: std)
    }
  }
}

// MARK: - Whole numbers

extension Tensor {
  /// A tensor of whole numbers from `low` up to, not including, `high`; int64 unless a dtype is given.
  public static func randint(
    _ low: Int, _ high: Int, _ shape: [Int], dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    random(
      "randint", shape, dtype: dtype ?? .int64, device: device, requiresGrad: requiresGrad, generator: generator
    ) { () throws(TensorError) in try .integers(from: low, to: high, operation: "randint") }
  }

  /// A tensor of whole numbers from 0 up to, not including, `high`; int64 unless a dtype is given.
  public static func randint(
    _ high: Int, _ shape: [Int], dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    randint(0, high, shape, dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator)
  }

  /// A tensor of another's shape, dtype and device of whole numbers from `low` up to, not including, `high`.
  public static func randintLike(
    _ model: Tensor, _ low: Int, _ high: Int, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    model.randomLike(
      "randintLike", dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator
    ) { () throws(TensorError) in try .integers(from: low, to: high, operation: "randintLike") }
  }

  /// A tensor of another's shape, dtype and device of whole numbers from 0 up to, not including, `high`.
  public static func randintLike(
    _ model: Tensor, _ high: Int, dtype: DType? = nil, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    randintLike(
      model, 0, high, dtype: dtype, device: device, requiresGrad: requiresGrad, generator: generator)
  }

  /// The whole numbers from 0 up to, not including, `count` in random order.
  ///
  /// They are int64 unless a dtype is given, which must hold the largest.
  public static func randperm(
    _ count: Int, dtype: DType = .int64, device: Device? = nil, requiresGrad: Bool = false,
    generator: Generator? = nil
  ) -> Tensor {
    checked { () throws(TensorError) in
      if dtype == .bool { throw TensorError(.dtype, "randperm", "not implemented for .bool") }
      try checkFits(.int(Int64(Swift.max(count - 1, 0))), dtype, operation: "randperm")
      let order = try Tensor(
        uninitialized: Layout(contiguous: [count]), dtype: .int64,
        on: (device ?? Scope.defaultDevice).backend(for: "randperm"), for: "randperm")
      try RandomFill(distribution: .permutation, generator: generator, caller: "randperm").write(to: order)
      let output = dtype == .int64 ? order : try Cast(dtype: dtype).forward(order)
      return requiresGrad ? try output.requireGrad(for: "randperm") : output
    }
  }
}

// MARK: - By tensors of parameters

extension Tensor {
  /// A tensor of 1 and 0, where each element of a floating tensor is the probability of a 1.
  ///
  /// A probability below 0 or above 1 is an error.
  public static func bernoulli(_ probabilities: Tensor, generator: Generator? = nil) -> Tensor {
    probabilities.randomLike(
      "bernoulli", dtype: nil, device: nil, requiresGrad: false, generator: generator
    ) { .bernoulliEach(probabilities) }
  }
}
