internal import NN

extension Table {
  /// Embeddings, attention and other functions of layers.
  static func layers() -> Family {
    var t = Family("layers")
    t.one("nn.functional.linear") { a in
      try linear(a[0].tensor(), a[1, "weight"].tensor(), a[2, "bias"].optionalTensor())
    }
    t.one("nn.functional.embedding") { a in
      try embedding(
        a[1].tensor(), a[0].tensor(), paddingIndex: a["padding_idx"].optionalInt(),
        maxNorm: a["max_norm"].optionalDouble(), normType: a["norm_type"].double(or: 2),
        scaleGradByFreq: a["scale_grad_by_freq"].bool(or: false))
    }
    attention(&t)
    return t
  }

  private static func attention(_ t: inout Family) {
    t.one("nn.functional.scaled_dot_product_attention", .dropout(at: 4, "dropout_p")) { a in
      let (isCausal, scale) = (try a[5, "is_causal"].bool(or: false), try a["scale"].optionalDouble())
      return scaledDotProductAttention(
        try a[0, "query"].tensor(), try a[1, "key"].tensor(), try a[2, "value"].tensor(),
        mask: try a[3, "attn_mask"].optionalTensor(), dropoutP: try a[4, "dropout_p"].double(or: 0),
        isCausal: isCausal, scale: scale, enableGQA: try a["enable_gqa"].bool(or: false))
    }
    t.differs(
      "nn.functional.scaled_dot_product_attention", ["s/0/float32"],
      because: "a gradient that is 0 but for rounding: off by 1.1e-5")
    t.value("nn.functional.multi_head_attention_forward", .random) { a in
      var projections = AttentionProjections.packed(Tensor.empty(0))
      if try a["use_separate_proj_weight"].bool(or: false) {
        projections = .separate(
          query: try a["q_proj_weight"].tensor(), key: try a["k_proj_weight"].tensor(),
          value: try a["v_proj_weight"].tensor())
      } else {
        projections = .packed(try a[5].tensor())
      }
      let (output, weights) = multiHeadAttentionForward(
        try a[0].tensor(), try a[1].tensor(), try a[2].tensor(), numHeads: try a[4].int(), projections: projections,
        inProjBias: try a[6].optionalTensor(), biasK: try a[7].optionalTensor(), biasV: try a[8].optionalTensor(),
        addZeroAttn: try a[9].bool(or: false), dropoutP: try a[10].double(or: 0), outProjWeight: try a[11].tensor(),
        outProjBias: try a[12].optionalTensor(), training: try a["training"].bool(or: true),
        keyPaddingMask: try a["key_padding_mask"].optionalTensor(), needWeights: try a["need_weights"].bool(or: true),
        attnMask: try a["attn_mask"].optionalTensor(),
        averageAttnWeights: try a["average_attn_weights"].bool(or: true))
      return .tuple([.tensor(output), weights.map { .tensor($0) } ?? .none])
    }
  }
}
