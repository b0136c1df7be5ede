/// The patches under a window that moves over images, each in a column: what a convolution multiplies with its filters.
///
/// - Parameters:
///   - x: Images [N, C, H, W] or one image [C, H, W], of any dtype.
///   - kernelSize: The size of a window.
///   - dilation: The step between the elements of a window.
///   - padding: The rows and columns of zeros around an image.
///   - stride: The step from one window to the next.
/// - Returns: A tensor of shape [N, C * KH * KW, places], or without N. It takes the memory of all patches.
public func unfold(
  _ x: Tensor, kernelSize: Extents, dilation: Extents = 1, padding: Extents = 0, stride: Extents = 1
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "unfold"
    guard x.rank == 3 || x.rank == 4, !x.shape.suffix(3).contains(0) else {
      throw TensorError(.shape, name, "expected images [N, C, H, W] or [C, H, W], but got shape \(x.shape)")
    }
    let size = Array(x.shape.suffix(2))
    let patches = try Patches(name, size, kernelSize, dilation, padding, stride)
    let images = x.rank == 4 ? x : x.unsqueeze(dim: 0)
    let (n, c) = (images.shape[0], images.shape[1])
    // One zero behind the pixels is what margins read.
    let pixels = cat([images.reshape([n, c, size[0] * size[1]]), images.zeros([n, c, 1])], dim: 2)
    let columns = pixels.indexSelect(dim: 2, index: patches.positions(on: x.device))
      .reshape([n, c * patches.taps, patches.count])
    return x.rank == 4 ? columns : columns.squeeze(dim: 0)
  }
}

/// Images from patches: each element of `unfold`'s result is added where it was taken; the transpose of `unfold`.
///
/// - Parameters:
///   - x: Patches [N, C * KH * KW, places], or without N.
///   - outputSize: The images' height and width.
///   - kernelSize: The size of a window.
///   - dilation: The step between the elements of a window.
///   - padding: The rows and columns around an image, which are left out.
///   - stride: The step from one window to the next.
/// - Returns: A tensor of shape [N, C, H, W], or without N.
public func fold(
  _ x: Tensor, outputSize: Extents, kernelSize: Extents, dilation: Extents = 1, padding: Extents = 0,
  stride: Extents = 1
) -> Tensor {
  checked { () throws(TensorError) in
    let name = "fold"
    let size = Array(try outputSize.each(2, least: 1, as: "outputSize", operation: name))
    let patches = try Patches(name, size, kernelSize, dilation, padding, stride)
    guard x.rank == 2 || x.rank == 3, x.shape[x.rank - 2] % patches.taps == 0, x.shape[x.rank - 1] == patches.count
    else {
      throw TensorError(
        .shape, name,
        "expected patches [N, C * \(patches.taps), \(patches.count)], or without N, but got shape \(x.shape)")
    }
    let columns = x.rank == 3 ? x : x.unsqueeze(dim: 0)
    let (n, c) = (columns.shape[0], columns.shape[1] / patches.taps)
    let sums = columns.zeros([n, c, size[0] * size[1] + 1]).indexAdd(
      dim: 2, index: patches.positions(on: x.device), source: columns.reshape([n, c, patches.taps * patches.count]))
    let images = sums.narrow(dim: 2, start: 0, length: size[0] * size[1]).reshape([n, c] + size)
    return x.rank == 3 ? images : images.squeeze(dim: 0)
  }
}

/// Which pixel each element of each patch is.
private struct Patches {
  private let size: [Int]
  private let kernel: [Int]
  private let dilation: [Int]
  private let padding: [Int]
  private let stride: [Int]
  private let places: [Int]

  var taps: Int { kernel[0] * kernel[1] }
  var count: Int { places[0] * places[1] }

  init(
    _ name: String, _ size: [Int], _ kernel: Extents, _ dilation: Extents, _ padding: Extents, _ stride: Extents
  ) throws(TensorError) {
    self.size = size
    self.kernel = Array(try kernel.each(2, least: 1, as: "kernelSize", operation: name))
    self.dilation = Array(try dilation.each(2, least: 1, as: "dilation", operation: name))
    self.padding = Array(try padding.each(2, least: 0, as: "padding", operation: name))
    self.stride = Array(try stride.each(2, least: 1, as: "stride", operation: name))
    var places: [Int] = []
    for i in 0..<2 {
      let room: Int = size[i] + 2 * self.padding[i] - self.dilation[i] * (self.kernel[i] - 1) - 1
      guard room >= 0 else {
        throw TensorError(
          .shape, name, "a window of size \(kernel) with dilation \(dilation) does not fit into images of size \(size)")
      }
      places.append(room / self.stride[i] + 1)
    }
    self.places = places
  }

  /// The pixels' numbers, [taps * count], for the margin that beyond the last.
  func positions(on device: Device) -> Tensor {
    var numbers: [Int] = []
    numbers.reserveCapacity(taps * count)
    for i in 0..<kernel[0] {
      for j in 0..<kernel[1] {
        for r in 0..<places[0] {
          let y = r * stride[0] - padding[0] + i * dilation[0]
          for c in 0..<places[1] {
            let x = c * stride[1] - padding[1] + j * dilation[1]
            let isInside = y >= 0 && y < size[0] && x >= 0 && x < size[1]
            numbers.append(isInside ? y * size[1] + x : size[0] * size[1])
          }
        }
      }
    }
    return Tensor(numbers).to(device)
  }
}

extension Tensor {
  /// Zeros of this tensor's dtype, where it is.
  func zeros(_ shape: [Int]) -> Tensor { Tensor.zeros(shape, dtype: dtype, device: device) }
}
