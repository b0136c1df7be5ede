/// Channels spread over squares of pixels: [..., C * r * r, H, W] becomes [..., C, H * r, W * r].
///
/// - Parameters:
///   - x: Of any dtype, at least three dimensions.
///   - r: The squares' side, whose square divides the channels.
public func pixelShuffle(_ x: Tensor, upscaleFactor r: Int) -> Tensor {
  checked { () throws(TensorError) in
    let rank = x.rank
    guard rank >= 3, r > 0, x.shape[rank - 3] % (r * r) == 0 else {
      throw TensorError(
        .shape, "pixelShuffle", "expected [..., C, H, W] with channels divisible by \(r) * \(r), but got \(x.shape)")
    }
    let leading = Array(x.shape[..<(rank - 3)])
    let (c, h, w) = (x.shape[rank - 3] / (r * r), x.shape[rank - 2], x.shape[rank - 1])
    let first = leading.count
    return x.reshape(leading + [c, r, r, h, w])
      .permute(Array(0...first) + [first + 3, first + 1, first + 4, first + 2]).reshape(leading + [c, h * r, w * r])
  }
}

/// Squares of pixels gathered into channels, the reverse of `pixelShuffle`: [..., C, H * r, W * r] becomes
/// [..., C * r * r, H, W].
///
/// - Parameters:
///   - x: Of any dtype, at least three dimensions.
///   - r: The squares' side, which divides height and width.
public func pixelUnshuffle(_ x: Tensor, downscaleFactor r: Int) -> Tensor {
  checked { () throws(TensorError) in
    let rank = x.rank
    guard rank >= 3, r > 0, x.shape[rank - 2] % r == 0, x.shape[rank - 1] % r == 0 else {
      throw TensorError(
        .shape, "pixelUnshuffle", "expected [..., C, H, W] with sides divisible by \(r), but got \(x.shape)")
    }
    let leading = Array(x.shape[..<(rank - 3)])
    let (c, h, w) = (x.shape[rank - 3], x.shape[rank - 2] / r, x.shape[rank - 1] / r)
    let first = leading.count
    return x.reshape(leading + [c, h, r, w, r])
      .permute(Array(0...first) + [first + 2, first + 4, first + 1, first + 3]).reshape(leading + [c * r * r, h, w])
  }
}

/// Channels [N, C, ...] dealt out anew: those at the same place of each of the groups come together.
///
/// - Parameters:
///   - x: Of any dtype, at least three dimensions.
///   - groups: How many; it divides the channels.
public func channelShuffle(_ x: Tensor, groups: Int) -> Tensor {
  checked { () throws(TensorError) in
    guard x.rank >= 3, groups > 0, x.shape[1] % groups == 0 else {
      throw TensorError(
        .shape, "channelShuffle", "expected [N, C, ...] with channels divisible by \(groups), but got \(x.shape)")
    }
    let rest = Array(x.shape[2...])
    return x.reshape([x.shape[0], groups, x.shape[1] / groups] + rest).transpose(1, 2).reshape(x.shape)
  }
}
