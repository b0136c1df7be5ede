// What the norms share.

/// A tensor's elements as a matrix whose columns are the last dimensions.
struct NormRows {
  let shape: Dims

  init(_ x: Tensor, dims: Int) {
    let shape = x.layout.shape
    let columns = shape.suffix(dims).reduce(1, *)
    self.shape = Dims(shape.dropLast(dims).reduce(1, *), columns)
  }

  func of(_ x: Tensor, operation: String) throws(TensorError) -> Tensor {
    try (x.isContiguous ? x : Contiguous().forward(x)).viewed(as: shape)
  }

  func vector(_ x: Tensor, operation: String) throws(TensorError) -> Tensor {
    try (x.isContiguous ? x : Contiguous().forward(x)).viewed(as: [shape[1]])
  }
}

/// Checks that a norm's parameters are of the input's dtype and on its device; floats only.
func checkNormParameters(
  _ weight: Tensor?, _ bias: Tensor?, of x: Tensor, operation: String
) throws(TensorError) {
  try checkFloating(x, operation: operation)
  for parameter in [weight, bias] {
    guard let parameter else { continue }
    try checkSameDevice(x, parameter, operation: operation)
    // Weights of float32 stay so beside inputs of 16 bits, as under autocast.
    if parameter.dtype != x.dtype, !(x.dtype.itemSize == 2 && parameter.dtype == .float32) {
      throw TensorError(
        .dtype, operation, "expected a weight and a bias of the input's dtype \(x.dtype), but got \(parameter.dtype)")
    }
  }
}

/// Checks that an input ends with the dimensions that are normalised.
func checkNormalized(_ x: Tensor, _ shape: Dims, operation: String) throws(TensorError) {
  if shape.isEmpty { throw TensorError(.shape, operation, "expected a normalizedShape of at least one dimension") }
  guard x.rank >= shape.count, Dims(x.layout.shape.suffix(shape.count)) == shape else {
    throw TensorError(
      .shape, operation, "expected an input of shape [..., \(shape.description.dropFirst()), but got shape \(x.shape)")
  }
  try checkFloating(x, operation: operation)
}

func checkShape(of parameter: Tensor, _ role: String, _ shape: Dims, operation: String) throws(TensorError) {
  if parameter.layout.shape != shape {
    throw TensorError(
      .shape, operation, "expected a \(role) of shape \(shape), normalizedShape, but got \(parameter.shape)")
  }
}

/// Checks that a parameter holds a number for each channel.
func checkChannels(
  _ parameter: Tensor?, _ role: String, count: Int, operation: String
) throws(TensorError) {
  if let parameter, parameter.layout.shape != [count] {
    throw TensorError(
      .shape, operation, "expected a \(role) of shape [\(count)], a number for each channel, but got \(parameter.shape)"
    )
  }
}

/// The weight of a norm; ones for one that has none.
func normWeight(
  _ weight: Tensor?, _ shape: Dims, dtype: DType?, of x: Tensor, operation: String
) throws(TensorError) -> Tensor {
  if let weight { return weight }
  let ones = try Tensor(
    uninitialized: Layout(contiguous: shape), dtype: dtype ?? x.dtype, on: x.backend, for: operation)
  try x.backend.fill(ones, with: .int(1))
  return ones
}

/// Room for means or reciprocal deviations, in the dtype that norms of `x` are computed in.
func normStatistics(_ shape: Dims, of x: Tensor, operation: String) throws(TensorError) -> Tensor {
  try Tensor(
    uninitialized: Layout(contiguous: shape), dtype: x.dtype == .float64 ? .float64 : .float32, on: x.backend,
    for: operation)
}

/// A tensor [N, C, ...] as [N, C, S], row-major.
func channelPlanes(_ x: Tensor) throws(TensorError) -> Tensor {
  try (x.isContiguous ? x : Contiguous().forward(x)).viewed(as: channelShape(x))
}

func channelShape(_ x: Tensor) -> Dims {
  [x.layout.shape[0], x.layout.shape[1], x.layout.shape.dropFirst(2).reduce(1, *)]
}

func dense(_ vector: Tensor?) throws(TensorError) -> Tensor? {
  guard let vector, !vector.isContiguous else { return vector }
  return try Contiguous().forward(vector)
}
