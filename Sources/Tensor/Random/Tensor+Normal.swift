extension Tensor {
  /// A tensor of draws from normal distributions, each element with a mean and standard deviation of its own.
  ///
  /// The tensors broadcast to one shape; the result has the means' dtype. A standard deviation below 0 is an error.
  public static func normal(mean: Tensor, std: Tensor, generator: Generator? = nil) -> Tensor {
    checked { () throws(TensorError) in
      let backend = try commonBackend(mean, std, operation: "normal")
      guard let shape = Dims.broadcast(mean.layout.shape, std.layout.shape) else {
        throw shapeMismatch(mean.layout.shape, std.layout.shape, operation: "normal")
      }
      if std.count > 0 {
        let least = try Extremes(largest: false, dims: Dims(0..<std.rank), keepDim: false).forward(std)
        let number = try least.number(for: "normal")
        if !(number.double >= 0) {
          throw TensorError(.value, "normal", "expected every std >= 0, but the least is \(number)")
        }
      }
      let output = try Tensor(
        uninitialized: Layout(contiguous: shape), dtype: mean.dtype, on: backend, for: "normal")
      // PyTorch's two roundings: times std, then plus mean.
      try RandomFill(distribution: .normal(mean: 0, std: 1), generator: generator).write(to: output)
      try Binary<Multiply>().write(to: output, std)
      try Binary<Add>().write(to: output, mean)
      return output
    }
  }

  /// A tensor of draws from normal distributions of one standard deviation, each element with a mean of its own.
  public static func normal(mean: Tensor, std: Double = 1, generator: Generator? = nil) -> Tensor {
    checked { () throws(TensorError) in
      let output = try Tensor(uninitialized: mean.layout.fresh, dtype: mean.dtype, on: mean.backend, for: "normal")
      try RandomFill(distribution: .normal(mean: 0, std: std), generator: generator).write(to: output)
      try Binary<Add>().write(to: output, mean)
      return output
    }
  }

  /// A tensor of draws from normal distributions of one mean, each element with a standard deviation of its own.
  public static func normal(mean: Double, std: Tensor, generator: Generator? = nil) -> Tensor {
    normal(mean: .full([], mean, dtype: std.dtype, device: std.device), std: std, generator: generator)
  }
}
