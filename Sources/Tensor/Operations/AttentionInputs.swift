/// The operands of attention, checked and brought to [B, H, T, D].
package struct AttentionInputs {
  package let q: Tensor
  package let k: Tensor
  package let v: Tensor
  package let mask: Tensor?
  /// The leading dimensions of the result.
  private let lead: Dims

  package init(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?, isCausal: Bool, enableGQA: Bool, operation: String
  ) throws(TensorError) {
    try AttentionInputs.check(q, k, v, mask, isCausal, operation)
    var leads = [q, k, v].map { Dims($0.layout.shape.dropLast(2)) }
    var groups: Int?
    if enableGQA {
      guard let heads = leads[0].last, let shared = leads[1].last, shared == leads[2].last, shared > 0,
        heads % shared == 0
      else {
        throw TensorError(
          .shape, operation,
          "expected a number of key and value heads that divides the query's, but got shapes "
            + "\(q.shape), \(k.shape) and \(v.shape)")
      }
      groups = shared
      for i in 1...2 { leads[i][leads[i].count - 1] = heads }
    }
    guard let keys = Dims.broadcast(leads[1], leads[2]), let lead = Dims.broadcast(leads[0], keys) else {
      throw TensorError(
        .shape, operation,
        "the leading dimensions of shapes \(q.shape), \(k.shape) and \(v.shape) do not broadcast"
          + (enableGQA ? "" : "; enableGQA: true lets neighbouring heads share keys and values"))
    }
    self.lead = lead
    let (queries, positions) = (q.layout.shape[q.rank - 2], k.layout.shape[k.rank - 2])
    self.q = AttentionInputs.stacked(q, lead, heads: lead.last)
    self.k = AttentionInputs.stacked(k, lead, heads: groups ?? lead.last)
    self.v = AttentionInputs.stacked(v, lead, heads: groups ?? lead.last)
    guard let mask else {
      self.mask = nil
      return
    }
    guard Dims.broadcast(mask.layout.shape, lead + [queries, positions]) == lead + [queries, positions] else {
      throw TensorError(
        .shape, operation,
        "a mask of shape \(mask.shape) does not broadcast to the weights' shape \(lead + [queries, positions])")
    }
    let rows = mask.rank == 0 ? mask.expand([1, 1]) : mask.rank == 1 ? mask.expand([1, mask.shape[0]]) : mask
    let sized = rows.expand(Array(rows.layout.shape.dropLast(2)) + [queries, positions])
    self.mask = AttentionInputs.stacked(sized, lead, heads: lead.last)
  }

  /// The result in the shape that the inputs' ask for.
  package func restored(_ output: Tensor) -> Tensor {
    lead.count == 2 ? output : output.reshape(Array(lead) + output.shape.suffix(2))
  }

  /// As [B, H, rows, columns]: the last leading dimension is the heads', the others are one.
  private static func stacked(_ x: Tensor, _ lead: Dims, heads: Int?) -> Tensor {
    var shape = lead
    if let heads { shape[shape.count - 1] = heads }
    let last = Array(x.layout.shape.suffix(2))
    let whole = x.layout.shape == shape + last ? x : x.expand(Array(shape) + last)
    return shape.count == 2 ? whole : whole.reshape([shape.dropLast().reduce(1, *), heads ?? 1] + last)
  }

  private static func check(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, _ mask: Tensor?, _ isCausal: Bool, _ operation: String
  ) throws(TensorError) {
    for x in [q, k, v] where x.rank < 2 {
      throw TensorError(.shape, operation, "expected operands of shape [..., length, size], but got \(x.shape)")
    }
    try checkFloating(q, operation: operation)
    for x in [k, v] { try checkSameDevice(q, x, operation: operation) }
    let isCast = Scope.current?.autocast?.lower(on: q.device.kind) != nil
    guard isCast || q.dtype == k.dtype && q.dtype == v.dtype else {
      throw TensorError(
        .dtype, operation, "expected operands of the same dtype, but got \(q.dtype), \(k.dtype) and \(v.dtype)")
    }
    let (a, b, c) = (q.layout.shape, k.layout.shape, v.layout.shape)
    guard a.last == b.last, b[b.count - 2] == c[c.count - 2] else {
      throw TensorError(
        .shape, operation,
        "expected a query [..., T, D], a key [..., S, D] and a value [..., S, E], but got shapes \(a), \(b) and \(c)")
    }
    guard let mask else { return }
    try checkSameDevice(q, mask, operation: operation)
    if isCausal { throw TensorError(.value, operation, "a mask and isCausal: true exclude each other") }
    if mask.dtype != .bool, !mask.dtype.isFloatingPoint {
      throw TensorError(.dtype, operation, "expected a mask of dtype .bool or a floating one, but got \(mask.dtype)")
    }
  }
}

extension Dims {
  fileprivate static func + (a: Dims, b: [Int]) -> Dims { Dims(Array(a) + b) }
}
