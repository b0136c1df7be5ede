import NN

// What results are compared with: the same computed in doubles, at places spread over a result so that the largest take
// no longer than the smallest.

/// Throws unless a result has these values.
///
/// - Parameter tolerance: The greatest difference, in units of the largest value.
func expect(_ result: [Double], _ reference: [Double], tolerance: Double) throws {
  let largest = reference.lazy.map(abs).max() ?? 0
  let fits =
    result.count == reference.count
    && zip(result, reference).allSatisfy { abs($0 - $1) <= tolerance * largest || $0 == $1 }
  if !fits {
    let worst = zip(result, reference).max { abs($0.0 - $0.1) < abs($1.0 - $1.1) }
    throw TensorError(
      .value, "Benchmark",
      "wrong result: \(worst?.0 ?? .nan) instead of \(worst?.1 ?? .nan), \(result.count) values for \(reference.count)")
  }
}

/// Throws unless a tensor has these values.
func expect(_ result: Tensor, _ reference: [Double], tolerance: Double = 0) throws {
  try expect(result.detach().array(as: Double.self), reference, tolerance: tolerance)
}

/// Throws unless a tensor has this shape and dtype.
func expect(_ result: Tensor, shape: [Int], dtype: DType = .float32) throws {
  if result.shape != shape || result.dtype != dtype {
    throw TensorError(
      .shape, "Benchmark", "wrong result: \(result.dtype) of shape \(result.shape) instead of \(dtype) of \(shape)")
  }
}

/// The sum of products.
func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// Up to `most` numbers from 0 to `count - 1`, with the first and the last.
func places(_ count: Int, _ most: Int) -> [Int] {
  count <= most ? Array(0..<count) : (0..<most).map { $0 * (count - 1) / (most - 1) }
}

/// The elements of a tensor at places of its row-major order.
func values(_ x: Tensor, at places: [Int]) -> [Double] {
  x.detach().reshape(-1).indexSelect(dim: 0, index: Tensor(places)).array()
}

/// Throws unless each element of a result is a formula of the inputs' at its place.
func expectEach(
  _ result: Tensor, tolerance: Double, _ inputs: Tensor..., formula: ([Double]) -> Double
) throws {
  let places = places(result.count, 1000)
  let columns = inputs.map { values($0.broadcast(to: result.shape), at: places) }
  try expect(
    values(result, at: places), places.indices.map { i in formula(columns.map { $0[i] }) }, tolerance: tolerance)
}

/// Throws unless each row of a result, a matrix, is a function of the input's row.
func expectRows(_ result: Tensor, tolerance: Double, _ x: Tensor, _ function: (Int, [Double]) -> [Double]) throws {
  for row in places(x.shape[0], 5) {
    try expect(result[row], function(row, x[row].array()), tolerance: tolerance)
  }
}

/// Throws unless a tensor is the gradient of a sum weighted by `weights` of a function, by differences at some places.
///
/// - Parameter function: In doubles.
func expectGradient(
  _ gradient: Tensor, tolerance: Double, _ x: Tensor, _ function: (Tensor) -> Tensor
) throws {
  let places = places(x.count, 8)
  let (x, step) = (x.detach().double(), 1e-5)
  func moved(_ place: Int, by step: Double) -> Double {
    let copy = x.clone()
    copy.reshape(-1)[place] += step
    return function(copy).item()
  }
  try expect(
    values(gradient, at: places), places.map { (moved($0, by: step) - moved($0, by: -step)) / (2 * step) },
    tolerance: tolerance)
}
