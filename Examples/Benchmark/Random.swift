import NN

extension Case {
  /// Random numbers.
  static let random: [Case] = [100_000, 10_000_000].flatMap { n in
    [
      // The numbers of PyTorch's generator from the seed 0.
      row("rand", n, [0.49625658988952637, 0.7682217955589294, 0.08847743272781372], mean: 0.5, deviation: 1 / 12) {
        Tensor.rand(n)
      },
      row("randn", n, [-1.1258398294448853, -1.152360200881958, -0.2505785822868347], mean: 0, deviation: 1) {
        Tensor.randn(n)
      },
    ]
  }

  private static func row(
    _ name: String, _ n: Int, _ first: [Double], mean: Double, deviation: Double,
    _ call: @escaping @Sendable () -> Tensor
  ) -> Case {
    Case("\(name)/\(n)", flops: n, bytes: 4 * n) {
      manualSeed(0)
      return Work(call) { result in
        try expect(result[0..<3], first, tolerance: 1e-6)
        try expect(result.mean() + 1, [mean + 1], tolerance: 0.01)
        try expect(result.var(), [deviation], tolerance: 0.02)
      }
    }
  }
}
