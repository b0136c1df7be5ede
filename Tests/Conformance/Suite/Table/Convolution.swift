internal import NN

extension Table {
  /// Convolutions.
  static func convolution() -> Family {
    var t = Family("convolution")
    for (rank, function) in [(1, conv1d), (2, conv2d), (3, conv3d)] {
      t.one("nn.functional.conv\(rank)d") { a in
        try function(
          a[0].tensor(), a[1, "weight"].tensor(), a[2, "bias"].optionalTensor(),
          Extents(a[3, "stride"].ints(or: [1])), a[4, "padding"].convolutionPadding(),
          Extents(a[5, "dilation"].ints(or: [1])), a[6, "groups"].int(or: 1))
      }
    }
    for (rank, function) in [(1, convTranspose1d), (2, convTranspose2d), (3, convTranspose3d)] {
      t.one("nn.functional.conv_transpose\(rank)d") { a in
        try function(
          a[0].tensor(), a[1, "weight"].tensor(), a[2, "bias"].optionalTensor(),
          Extents(a[3, "stride"].ints(or: [1])), Extents(a[4, "padding"].ints(or: [0])),
          Extents(a[5, "output_padding"].ints(or: [0])), a[6, "groups"].int(or: 1),
          Extents(a[7, "dilation"].ints(or: [1])))
      }
    }
    t.one("nn.functional.unfold") { a in
      try unfold(
        a[0].tensor(), kernelSize: Extents(a[1, "kernel_size"].ints()),
        dilation: Extents(a[2, "dilation"].ints(or: [1])),
        padding: Extents(a[3, "padding"].ints(or: [0])), stride: Extents(a[4, "stride"].ints(or: [1])))
    }
    t.one("nn.functional.fold") { a in
      try fold(
        a[0].tensor(), outputSize: Extents(a[1, "output_size"].ints()), kernelSize: Extents(a[2, "kernel_size"].ints()),
        dilation: Extents(a[3, "dilation"].ints(or: [1])), padding: Extents(a[4, "padding"].ints(or: [0])),
        stride: Extents(a[5, "stride"].ints(or: [1])))
    }
    t.one("nn.functional.pixel_shuffle") { a in
      try pixelShuffle(a[0].tensor(), upscaleFactor: a[1, "upscale_factor"].int())
    }
    t.one("nn.functional.pixel_unshuffle") { a in
      try pixelUnshuffle(a[0].tensor(), downscaleFactor: a[1, "downscale_factor"].int())
    }
    t.one("nn.functional.channel_shuffle") { a in try channelShuffle(a[0].tensor(), groups: a[1, "groups"].int()) }
    t.one("nn.functional.local_response_norm") { a in
      try localResponseNorm(
        a[0].tensor(), size: a[1, "size"].int(), alpha: a[2, "alpha"].double(or: 1e-4),
        beta: a[3, "beta"].double(or: 0.75), k: a[4, "k"].double(or: 1))
    }
    return t
  }
}

extension Argument {
  fileprivate func convolutionPadding() throws -> ConvolutionPadding {
    if case .string = value { return try choice(["same": .same, "valid": .valid], or: .valid) }
    return .zeros(Extents(try ints(or: [0])))
  }
}
