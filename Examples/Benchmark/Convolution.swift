import NN

extension Case {
  /// Convolution of images, and pooling.
  static let convolution: [Case] = convolutions + [maxPool]

  private static let imageSizes: [(n: Int, c: Int, size: Int, o: Int, k: Int)] = [
    (32, 3, 32, 64, 3), (32, 64, 16, 64, 3), (64, 1, 28, 6, 5), (32, 64, 16, 64, 1),
  ]

  private static let convolutions: [Case] =
    imageSizes.flatMap { (n: Int, c: Int, size: Int, o: Int, k: Int) -> [Case] in
      let name = "\(sizes(n, c, size, size))-\(sizes(o, k, k))"
      let flops = 2 * n * o * size * size * c * k * k
      let bytes = 4 * (n * c * size * size + o * c * k * k + n * o * size * size)
      let make: @Sendable () -> (x: Tensor, weight: Tensor, bias: Tensor) = {
        (numbers(n, c, size, size), numbers(o, c, k, k), numbers(o))
      }
      return [
        Case("conv2d/\(name)", flops: flops, bytes: bytes) {
          let (x, weight, bias) = make()
          return Work {
            conv2d(x, weight, bias, padding: .zeros(Extents(k / 2)))
          } check: { result in
            try expect(result, shape: [n, o, size, size])
            let padded = Padded(x, by: k / 2)
            let filters = (0..<o).map { weight[$0].array(as: Double.self) }
            let places = places(result.count, 200)
            try expect(
              values(result, at: places),
              places.map { place in
                let filter = place / (size * size) % o
                let patch = padded.patch(
                  image: place / (size * size * o), y: place / size % size, x: place % size, side: k)
                return dot(patch, filters[filter]) + bias[filter].item()
              }, tolerance: 1e-5)
          }
        },
        Case("conv2d_bwd/\(name)", flops: 2 * flops, bytes: 2 * bytes) {
          let (x, weight, bias) = make()
          for tensor in [x, weight, bias] { tensor.requiresGrad() }
          let output = conv2d(x, weight, bias, padding: .zeros(Extents(k / 2)))
          let gradient = numbers(n, o, size, size)
          return Work {
            grad(outputs: [output], inputs: [x, weight, bias], gradients: [gradient], retainGraph: true)
          } check: { results in
            // The gradient of a convolution is linear in each input: differences have no error but rounding.
            let g = gradient.double()
            let (doubleX, doubleWeight) = (x.detach().double(), weight.detach().double())
            try expectGradient(results[0]!, tolerance: 1e-5, x) {
              (conv2d($0, doubleWeight, padding: .zeros(Extents(k / 2))) * g).sum()
            }
            try expectGradient(results[1]!, tolerance: 1e-5, weight) {
              (conv2d(doubleX, $0, padding: .zeros(Extents(k / 2))) * g).sum()
            }
            try expect(results[2]!, g.sum(dims: [0, 2, 3]).array(), tolerance: 1e-5)
          }
        },
      ]
    }
}

private let maxPool = Case("maxpool2/32x64x32x32", flops: 32 * 64 * 32 * 32, bytes: 4 * 32 * 64 * 1280) {
  let x = numbers(32, 64, 32, 32)
  return Work {
    maxPool2d(x, kernelSize: 2)
  } check: { result in
    try expect(result, shape: [32, 64, 16, 16])
    for place in places(32 * 64, 5) {
      let rows: Tensor = x[place / 64, place % 64]
      let squares: Tensor = rows.unfold(dim: 0, size: 2, step: 2).unfold(dim: 1, size: 2, step: 2).reshape(256, 4)
      let largest: [Double] = squares.sort(dim: 1).values.select(dim: 1, index: 3).array()
      let pooled: Tensor = result[place / 64, place % 64]
      try expect(pooled.reshape(256, 1), largest)
    }
  }
}

/// Images with a border of zeros.
private struct Padded {
  let numbers: [Double]
  let channels: Int
  let side: Int

  init(_ x: Tensor, by border: Int) {
    let size = x.shape[2]
    channels = x.shape[1]
    side = size + 2 * border
    let whole = Tensor.zeros(x.shape[0], channels, side, side)
    whole[0..., 0..., border..<(border + size), border..<(border + size)] = x
    numbers = whole.array()
  }

  /// The numbers under a filter.
  func patch(image: Int, y: Int, x: Int, side width: Int) -> [Double] {
    (0..<channels).flatMap { channel in
      (y..<(y + width)).flatMap { row in
        let start = ((image * channels + channel) * side + row) * side + x
        return numbers[start..<(start + width)]
      }
    }
  }
}
