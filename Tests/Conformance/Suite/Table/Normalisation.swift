internal import NN

extension Table {
  /// Normalisations.
  static func normalisation() -> Family {
    var t = Family("normalisation")
    t.one("nn.functional.layer_norm") { a in
      try layerNorm(
        a[0].tensor(), normalizedShape: a[1, "normalized_shape"].ints(), weight: a[2, "weight"].optionalTensor(),
        bias: a[3, "bias"].optionalTensor(), eps: a[4, "eps"].double(or: 1e-5))
    }
    return t
  }
}
