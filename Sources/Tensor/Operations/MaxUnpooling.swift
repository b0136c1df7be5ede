/// Elements of a pooling's result put back where they lay in sequences of zeros, as
/// ``maxPool1dWithIndices(_:kernelSize:stride:padding:dilation:ceilMode:)`` says it.
///
/// - Parameters:
///   - x: Elements [N, C, L], or without N.
///   - indices: Where each lies in its plane, int64, of x's shape.
///   - kernelSize: The pooling's window.
///   - stride: The pooling's stride; nil for the window's size.
///   - padding: The pooling's padding.
///   - outputSize: The result's sizes of space, or nil for the smallest that the pooling may have come from.
public func maxUnpool1d(
  _ x: Tensor, indices: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0,
  outputSize: [Int]? = nil
) -> Tensor {
  maxUnpool(1, x, indices, kernelSize, stride, padding, outputSize)
}

/// Elements of a pooling's result put back where they lay in images of zeros, as
/// ``maxPool2dWithIndices(_:kernelSize:stride:padding:dilation:ceilMode:)`` says it.
///
/// - Parameters:
///   - x: Elements [N, C, H, W], or without N.
///   - indices: Where each lies in its plane, int64, of x's shape.
///   - kernelSize: The pooling's window.
///   - stride: The pooling's stride; nil for the window's size.
///   - padding: The pooling's padding.
///   - outputSize: The result's sizes of space, or nil for the smallest that the pooling may have come from.
public func maxUnpool2d(
  _ x: Tensor, indices: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0,
  outputSize: [Int]? = nil
) -> Tensor {
  maxUnpool(2, x, indices, kernelSize, stride, padding, outputSize)
}

/// Elements of a pooling's result put back where they lay in volumes of zeros, as
/// ``maxPool3dWithIndices(_:kernelSize:stride:padding:dilation:ceilMode:)`` says it.
///
/// - Parameters:
///   - x: Elements [N, C, D, H, W], or without N.
///   - indices: Where each lies in its plane, int64, of x's shape.
///   - kernelSize: The pooling's window.
///   - stride: The pooling's stride; nil for the window's size.
///   - padding: The pooling's padding.
///   - outputSize: The result's sizes of space, or nil for the smallest that the pooling may have come from.
public func maxUnpool3d(
  _ x: Tensor, indices: Tensor, kernelSize: Extents, stride: Extents? = nil, padding: Extents = 0,
  outputSize: [Int]? = nil
) -> Tensor {
  maxUnpool(3, x, indices, kernelSize, stride, padding, outputSize)
}

private func maxUnpool(
  _ rank: Int, _ x: Tensor, _ indices: Tensor, _ kernelSize: Extents, _ stride: Extents?, _ padding: Extents,
  _ outputSize: [Int]?
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "maxUnpool\(rank)d"
    let kernel = try kernelSize.each(rank, least: 1, as: "kernelSize", operation: name)
    let step = try (stride ?? kernelSize).each(rank, least: 1, as: "stride", operation: name)
    let margin = try padding.each(rank, least: 0, as: "padding", operation: name)
    let space = try checkPooled(name, rank, x)
    guard indices.dtype == .int64, indices.layout.shape == x.layout.shape else {
      throw TensorError(
        .shape, name,
        "expected indices of dtype .int64 and shape \(x.shape), but got \(indices.dtype) and \(indices.shape)")
    }
    var size: [Int] = []
    for i in 0..<rank {
      let reach: Int = (space[i] - 1) * step[i]
      size.append(reach - 2 * margin[i] + kernel[i])
    }
    if let outputSize {
      let given = Array(outputSize.suffix(rank))
      guard outputSize.count == rank || outputSize.count == x.rank,
        (0..<rank).allSatisfy({ abs(given[$0] - size[$0]) < step[$0] })
      else {
        throw TensorError(
          .shape, name, "outputSize \(outputSize) is not within a stride \(Array(step)) of \(size)")
      }
      size = given
    }
    let planes = Array(x.shape.prefix(x.rank - rank))
    let count = size.reduce(1, *)
    guard size.allSatisfy({ $0 > 0 }) else {
      throw TensorError(.shape, name, "input \(x.shape) gives a result of sizes \(size)")
    }
    let places = planes + [space.reduce(1, *)]
    let zeros = Tensor.zeros(planes + [count], dtype: x.dtype, device: x.device)
    let filled = try run(
      Scatter(dim: planes.count, adding: false), zeros, indices.reshape(places), x.reshape(places))
    return filled.reshape(planes + size)
  }
}
