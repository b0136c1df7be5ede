// What the arguments of pooling mean, and which are refused.

/// The windows on x [N, C, space] or [C, space].
func poolOptions(
  _ name: String, _ rank: Int, _ x: Tensor, _ kernelSize: Extents, _ stride: Extents?, _ padding: Extents,
  _ dilation: Extents, _ ceilMode: Bool
) throws(TensorError) -> PoolOptions {
  let kernel = try kernelSize.each(rank, least: 1, as: "kernelSize", operation: name)
  let step = try (stride ?? kernelSize).each(rank, least: 1, as: "stride", operation: name)
  let margin = try padding.each(rank, least: 0, as: "padding", operation: name)
  let dilation = try dilation.each(rank, least: 1, as: "dilation", operation: name)
  let space = try checkPooled(name, rank, x)
  var places = Dims()
  for i in 0..<rank {
    let reach = dilation[i] * (kernel[i] - 1) + 1
    guard margin[i] <= reach / 2 else {
      throw TensorError(
        .value, name, "padding \(padding) must be at most half of the window's reach \(reach) at dimension \(i)")
    }
    let room = space[i] + 2 * margin[i] - reach + (ceilMode ? step[i] - 1 : 0)
    var count = room < 0 ? 0 : room / step[i] + 1
    // A window beyond the end of the input sees nothing.
    if ceilMode, (count - 1) * step[i] >= space[i] + margin[i] { count -= 1 }
    guard count > 0 else {
      throw TensorError(
        .shape, name,
        "a window of size \(kernelSize) with padding \(padding) does not fit into an input of shape \(x.shape)")
    }
    places.append(count)
  }
  return PoolOptions(kernel: kernel, stride: step, padding: margin, dilation: dilation, places: places)
}

/// Windows that cover x [N, C, space] or [C, space].
func adaptiveOptions(
  _ name: String, _ rank: Int, _ x: Tensor, _ size: AdaptiveSize
) throws(TensorError) -> PoolOptions {
  let space = try checkPooled(name, rank, x)
  guard size.sizes.count == 1 || size.sizes.count == rank else {
    throw TensorError(.value, name, "expected one number or \(rank) for outputSize, but got \(size.sizes.count)")
  }
  var places = Dims()
  for i in 0..<rank {
    let count = size.sizes[size.sizes.count == 1 ? 0 : i] ?? space[i]
    if count < 0 { throw TensorError(.value, name, "outputSize must not be negative, but got \(count)") }
    places.append(count)
  }
  return PoolOptions(adaptive: places)
}

/// The sizes of space of [N, C, space] or [C, space], of which only N may be 0.
func checkPooled(_ name: String, _ rank: Int, _ x: Tensor) throws(TensorError) -> [Int] {
  if x.dtype == .bool { throw TensorError(.dtype, name, "not implemented for .bool") }
  let shape = x.shape
  guard shape.count == rank + 1 || shape.count == rank + 2, !shape.suffix(rank + 1).contains(0) else {
    throw TensorError(
      .shape, name,
      "expected an input of rank \(rank + 2), or \(rank + 1) without the batch, of which only the batch may be empty, "
        + "but got shape \(shape)")
  }
  return Array(shape.suffix(rank))
}
