internal import NN

extension Table {
  /// Embeddings, attention and other functions of layers.
  static func layers() -> Family {
    var t = Family("layers")
    t.one("nn.functional.linear") { a in
      try linear(a[0].tensor(), a[1, "weight"].tensor(), a[2, "bias"].optionalTensor())
    }
    t.one("nn.functional.embedding") { a in
      try embedding(a[1].tensor(), a[0].tensor(), paddingIndex: a["padding_idx"].optionalInt())
    }
    return t
  }
}
