internal import NN

extension Table {
  /// Interpolation and sampling.
  static func resampling() -> Family {
    var t = Family("resampling")
    let modes: [String: InterpolationMode] = [
      "nearest": .nearest, "nearest-exact": .nearestExact, "linear": .linear, "bilinear": .bilinear,
      "bicubic": .bicubic, "trilinear": .trilinear, "area": .area,
    ]
    for (name, mode) in modes.sorted(by: { $0.key < $1.key }) {
      t.one("nn.functional.interpolate.\(name)") { a in
        try interpolate(
          a[0].tensor(), size: a[1, "size"].optionalInts().map { Extents($0) },
          scaleFactor: a[2, "scale_factor"].optionalFactors(), mode: mode,
          alignCorners: a[4, "align_corners"].bool(or: false),
          recomputeScaleFactor: a[5, "recompute_scale_factor"].bool(or: false))
      }
    }
    for (name, mode) in [("bilinear", InterpolationMode.bilinear), ("nearest", .nearest)] {
      t.one("nn.functional.upsample_\(name)") { a in
        try interpolate(
          a[0].tensor(), size: a[1, "size"].optionalInts().map { Extents($0) },
          scaleFactor: a[2, "scale_factor"].optionalFactors(), mode: mode, alignCorners: mode == .bilinear)
      }
    }
    t.one("nn.functional.grid_sample") { a in
      try gridSample(
        a[0].tensor(), a[1, "grid"].tensor(),
        mode: a[2, "mode"].choice(["bilinear": .bilinear, "nearest": .nearest, "bicubic": .bicubic], or: .bilinear),
        paddingMode: a[3, "padding_mode"].choice(
          ["zeros": .zeros, "border": .border, "reflection": .reflection], or: .zeros),
        alignCorners: a[4, "align_corners"].bool(or: false))
    }
    t.one("nn.functional.affine_grid") { a in
      try affineGrid(a[0].tensor(), size: a[1, "size"].ints(), alignCorners: a[2, "align_corners"].bool(or: false))
    }
    return t
  }
}

extension Argument {
  fileprivate func optionalFactors() throws -> ScaleFactors? { isGiven ? ScaleFactors(try doubles()) : nil }
}
