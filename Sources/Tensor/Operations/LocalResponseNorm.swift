/// Elements divided by the mean of squares over neighbouring channels (Krizhevsky, Sutskever and Hinton, 2012):
/// `x / (k + alpha * mean) ** beta`, the mean taken over `size` channels of which those outside count as 0.
///
/// - Parameters:
///   - x: [N, C, ...], at least three dimensions.
///   - size: How many channels, the element's own in their middle.
///   - alpha: The mean's factor.
///   - beta: The exponent.
///   - k: What is added to the mean.
public func localResponseNorm(
  _ x: Tensor, size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "localResponseNorm"
    guard x.rank >= 3, size > 0 else {
      throw TensorError(.shape, name, "expected [N, C, ...] and a size above 0, but got \(x.shape) and \(size)")
    }
    if x.count == 0 { return x }
    let (n, c) = (x.shape[0], x.shape[1])
    let squares = (x * x).reshape([n, 1, c, x.count / (n * c)])
    let margins = [size / 2, (size - 1) / 2].map { x.zeros([n, 1, $0, squares.shape[3]]) }
    let means = avgPool2d(cat([margins[0], squares, margins[1]], dim: 2), kernelSize: [size, 1], stride: 1)
    let base: Tensor = means.reshape(x.shape) * alpha + k
    return x / (base ** beta)
  }
}
