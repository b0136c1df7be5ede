/// The sums of products that an equation in Einstein's notation names: "ij,jk->ik" is a matrix product.
///
/// Each operand's dimensions are letters; letters that the output lacks are summed over, a letter twice in one operand takes
/// the diagonal, "..." stands for leading dimensions, which broadcast. Without "->" the output has "..." and the letters that
/// appear once, in the alphabet's order (capitals first). Operands are multiplied from left to right, each pair as one product
/// of stacks of matrices; they have one dtype.
///
/// - Parameters:
///   - equation: The operands' letters, separated by commas, and the output's.
///   - operands: One tensor for each list of letters.
public func einsum(_ equation: String, _ operands: [Tensor]) -> Tensor {
  checked { () throws(TensorError) in try Einsum(equation, operands).result() }
}

/// The same for operands that are listed.
public func einsum(_ equation: String, _ operands: Tensor...) -> Tensor { einsum(equation, operands) }

private struct Einsum {
  /// A dimension's name: a letter, or a place in the ellipsis, counted from its end.
  enum Label: Hashable {
    case letter(Character)
    case ellipsis(Int)
  }

  let equation: String
  var terms: [(labels: [Label], tensor: Tensor)] = []
  var output: [Label] = []
  var sizes: [Label: Int] = [:]

  init(_ equation: String, _ operands: [Tensor]) throws(TensorError) {
    self.equation = equation
    let text = equation.filter { !$0.isWhitespace }
    let sides = try Einsum.sides(of: text, equation)
    let lists = sides.inputs.split(separator: ",", omittingEmptySubsequences: false)
    guard lists.count == operands.count, !operands.isEmpty else {
      throw error("names \(lists.count) operands, but got \(operands.count)")
    }
    for (list, operand) in zip(lists, operands) {
      try add(operand, labels: parse(list, rank: operand.rank, shape: operand.shape))
    }
    try setOutput(sides.output)
  }

  private static func sides(
    of text: String, _ equation: String
  ) throws(TensorError) -> (inputs: Substring, output: Substring?) {
    var text = Substring(text)
    var inputs = Substring()
    while let first = text.first {
      if text.hasPrefix("->") { return (inputs, text.dropFirst(2)) }
      inputs.append(first)
      text = text.dropFirst()
    }
    return (inputs, nil)
  }

  private func error(_ message: String) -> TensorError {
    TensorError(.value, "einsum", "the equation \"\(equation)\" \(message)")
  }

  /// The labels of one operand; `rank` nil for the output, whose ellipsis has what the operands' have.
  private func parse(_ list: Substring, rank: Int?, shape: [Int]) throws(TensorError) -> [Label] {
    var before: [Label] = []
    var after: [Label]?
    var rest = list
    while let first = rest.first {
      if rest.hasPrefix("...") {
        if after != nil { throw error("has more than one ellipsis in \"\(list)\"") }
        after = []
        rest = rest.dropFirst(3)
        continue
      }
      guard first.isASCII, first.isLetter else { throw error("has \"\(first)\", which is no letter") }
      if after != nil { after?.append(.letter(first)) } else { before.append(.letter(first)) }
      rest = rest.dropFirst()
    }
    guard let after else {
      if let rank, rank != before.count {
        throw error("names \(before.count) dimensions for an operand of shape \(shape)")
      }
      return before
    }
    let hidden = rank.map { $0 - before.count - after.count } ?? ellipsisCount
    if hidden < 0 { throw error("names more dimensions than an operand of shape \(shape) has") }
    return before + (0..<hidden).reversed().map { .ellipsis($0) } + after
  }

  /// How many dimensions the operands' ellipses have at most.
  private var ellipsisCount: Int {
    var count = 0
    for case .ellipsis(let i) in sizes.keys { count = Swift.max(count, i + 1) }
    return count
  }

  private mutating func add(_ operand: Tensor, labels: [Label]) throws(TensorError) {
    var (tensor, labels) = (operand, labels)
    var i = 0
    while i < labels.count {
      if let j = labels[(i + 1)...].firstIndex(of: labels[i]) {
        if tensor.shape[i] != tensor.shape[j] {
          throw error("repeats a letter for sizes \(tensor.shape[i]) and \(tensor.shape[j])")
        }
        tensor = tensor.diagonal(dim1: i, dim2: j)
        let label = labels[i]
        labels.remove(at: j)
        labels.remove(at: i)
        labels.append(label)
      } else {
        i += 1
      }
    }
    for (label, size) in zip(labels, tensor.shape) {
      let known = sizes[label] ?? 1
      if known != 1, size != 1, known != size {
        throw error("gives one letter the sizes \(known) and \(size)")
      }
      sizes[label] = known == 1 ? size : known
    }
    terms.append((labels, tensor))
  }

  private mutating func setOutput(_ list: Substring?) throws(TensorError) {
    if let list {
      output = try parse(list, rank: nil, shape: [])
      for (i, label) in output.enumerated() {
        if sizes[label] == nil { throw error("has an output letter that no operand has") }
        if output[..<i].contains(label) { throw error("repeats an output letter") }
      }
      return
    }
    var letters: [Character] = []
    for case .letter(let letter) in sizes.keys {
      if terms.reduce(0, { $0 + ($1.labels.contains(.letter(letter)) ? 1 : 0) }) == 1, !isRepeated(letter) {
        letters.append(letter)
      }
    }
    output = (0..<ellipsisCount).reversed().map { .ellipsis($0) } + letters.sorted().map { .letter($0) }
  }

  /// Whether one operand has the letter twice.
  private func isRepeated(_ letter: Character) -> Bool {
    let inputs = equation.prefix { $0 != "-" }
    return inputs.split(separator: ",").contains { $0.filter { $0 == letter }.count > 1 }
  }

  func result() throws(TensorError) -> Tensor {
    var (labels, product) = terms[0]
    for (i, term) in terms.enumerated().dropFirst() {
      let needed = Set(output).union(terms[(i + 1)...].flatMap(\.labels))
      (labels, product) = contracted((labels, product), term, keeping: needed)
    }
    (labels, product) = summed((labels, product), keeping: Set(output))
    // Ellipses of other operands may be longer.
    for label in output where !labels.contains(label) {
      product = product.unsqueeze(dim: -1)
      labels.append(label)
    }
    return product.permute(output.map { labels.firstIndex(of: $0)! })
  }

  /// The term summed over what nobody needs.
  private func summed(
    _ term: (labels: [Label], tensor: Tensor), keeping needed: Set<Label>
  ) -> (labels: [Label], tensor: Tensor) {
    let dims = term.labels.indices.filter { !needed.contains(term.labels[$0]) }
    if dims.isEmpty { return term }
    return (term.labels.filter { needed.contains($0) }, term.tensor.sum(dims: dims))
  }

  /// The product of two terms, summed over what nobody needs after it: one product of stacks of matrices.
  private func contracted(
    _ first: (labels: [Label], tensor: Tensor), _ second: (labels: [Label], tensor: Tensor),
    keeping needed: Set<Label>
  ) -> (labels: [Label], tensor: Tensor) {
    // What one operand alone has, or has with a size of 1 in the other, is summed before.
    var a = summed(first, keeping: needed.union(second.labels))
    var b = summed(second, keeping: needed.union(first.labels))
    // Sums of integers are wider.
    let dtype = DType.promote(a.tensor.dtype, b.tensor.dtype)
    if first.tensor.dtype == second.tensor.dtype { (a.tensor, b.tensor) = (a.tensor.to(dtype), b.tensor.to(dtype)) }
    func size(_ label: Label, _ term: (labels: [Label], tensor: Tensor)) -> Int {
      term.labels.firstIndex(of: label).map { term.tensor.shape[$0] } ?? 1
    }
    let all = a.labels + b.labels.filter { !a.labels.contains($0) }
    var (batch, inner, left, right): ([Label], [Label], [Label], [Label]) = ([], [], [], [])
    for label in all {
      let (inA, inB) = (a.labels.contains(label), b.labels.contains(label))
      if inA && inB {
        if needed.contains(label) { batch.append(label) } else { inner.append(label) }
      } else if inA {
        left.append(label)
      } else {
        right.append(label)
      }
    }
    /// The term's dimensions in an order, those that both have expanded to one size.
    func arranged(_ term: (labels: [Label], tensor: Tensor), _ order: [Label]) -> Tensor {
      let tensor = term.tensor.permute(order.map { term.labels.firstIndex(of: $0)! })
      return tensor.expand(order.map { Swift.max(size($0, a) == 1 ? size($0, b) : size($0, a), 0) })
    }
    func count(_ labels: [Label], _ tensor: Tensor, from start: Int) -> Int {
      tensor.shape[start..<(start + labels.count)].reduce(1, *)
    }
    let x = arranged(a, batch + left + inner)
    let y = arranged(b, batch + inner + right)
    let batchShape = Array(x.shape.prefix(batch.count))
    let rows = Array(x.shape[batch.count..<(batch.count + left.count)])
    let columns = Array(y.shape.suffix(right.count))
    let stack = batchShape.reduce(1, *)
    let k = count(inner, x, from: batch.count + left.count)
    let product = x.reshape([stack, rows.reduce(1, *), k]).bmm(y.reshape([stack, k, columns.reduce(1, *)]))
    return (batch + left + right, product.reshape(batchShape + rows + columns))
  }
}
