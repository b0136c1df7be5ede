internal import Autograd
package import Tensor

/// How one of PyTorch's operations is called in this library.
package struct Entry: Sendable {
  /// PyTorch's name in the cases.
  package let name: String
  /// Calls it.
  let body: @Sendable (Arguments) throws -> Value
  let traits: Traits
  /// Where its row stands: the file and the line.
  let source: (file: String, line: Int)
  /// How its form that writes to the first argument is called.
  fileprivate(set) var inPlace = InPlaceForm.update
  /// The samples that differ on purpose, and why.
  fileprivate(set) package var differences: [Difference] = []
  /// Whether a GPU refuses some or all of its samples by an error that says so.
  fileprivate(set) package var isRefusedOnGPUs = false

  /// Why a sample differs on purpose on a device; nil where it must not.
  package func difference(of sample: String, on device: Device) -> String? {
    differences.first { known in
      (!known.onGPUs || device.kind != .cpu)
        && (known.sample.last == "*" ? sample.hasPrefix(known.sample.dropLast()) : sample == known.sample)
    }?.reason
  }
}

/// A sample that differs from PyTorch on purpose; "e/*" stands for all that begin so.
package struct Difference: Sendable {
  package let sample: String
  /// Whether it differs on GPUs alone.
  package let onGPUs: Bool
  package let reason: String
}

/// How an operation that gives one tensor is written into its first argument.
enum InPlaceForm: Sendable {
  /// By `update`, with the operation as its body.
  case update
  /// By an operator or verb of its own, which returns the tensor written to.
  case own(@Sendable (Arguments) throws -> Tensor)
  /// Not at all, and why.
  case none(because: String)
}

/// What the replayer must know of an operation beside its call.
package struct Traits: Sendable {
  /// Other answers that are right too.
  package var freedom: Freedom?
  /// Whether the inputs' strides are part of the meaning, so that only the sample's own are tried.
  package var readsStrides = false
  /// Whether the values come from a generator, seeded with 42, whose streams differ by device.
  package var isRandom = false
  /// The same for samples whose arguments say so.
  package var draws: (@Sendable (Arguments) throws -> Bool)?

  package static let none = Traits()
  package static let readsStrides = Traits(readsStrides: true)
  package static let random = Traits(isRandom: true)

  /// Draws where the probability of dropout, an argument, is not 0.
  package static func dropout(at position: Int, _ name: String) -> Traits {
    Traits(draws: { try $0[position, name].double(or: 0) > 0 })
  }

  /// Indices of equal elements may differ: each must name an element equal to the expected one along the dimension that
  /// the argument names, the whole tensor in row-major order where it is nil.
  package static func ties(dim position: Int, or fallback: Int?) -> Traits {
    Traits(
      freedom: Freedom { sample in
        let dim = try sample.arguments[position, "dim"].optionalInt() ?? fallback
        return tieMismatch(sample, dim: dim)
      })
  }

  /// Several answers are right; a rule tells whether one is.
  package static func free(_ rule: @escaping @Sendable (Answer) throws -> String?) -> Traits {
    Traits(freedom: Freedom(rule))
  }
}

/// A rule for operations that have several right answers.
package struct Freedom: Sendable {
  /// What is wrong with an answer; nil where it is right.
  let mismatch: @Sendable (Answer) throws -> String?
  init(_ mismatch: @escaping @Sendable (Answer) throws -> String?) { self.mismatch = mismatch }
}

/// What an operation was given, what it gave, and what PyTorch gave.
package struct Answer: Sendable {
  package let arguments: Arguments
  package let output: Value
  package let expected: Value
  package let tolerance: Tolerance
}

/// The operations of one kind, by the file that lists them.
package struct Family: Sendable {
  package let name: String
  package private(set) var entries: [Entry] = []

  package init(_ name: String) { self.name = name }

  /// Adds an operation that gives a tensor.
  package mutating func one(
    _ name: String, _ traits: Traits = .none, file: String = #filePath, line: Int = #line,
    _ body: @escaping @Sendable (Arguments) throws -> Tensor
  ) {
    entries.append(Entry(name: name, body: { .tensor(try body($0)) }, traits: traits, source: (file, line)))
  }

  /// Adds an operation that gives several tensors.
  package mutating func many(
    _ name: String, _ traits: Traits = .none, file: String = #filePath, line: Int = #line,
    _ body: @escaping @Sendable (Arguments) throws -> [Tensor]
  ) {
    entries.append(Entry(name: name, body: { .tensors(try body($0)) }, traits: traits, source: (file, line)))
  }

  /// Adds an operation that gives a pair of tensors.
  package mutating func pair(
    _ name: String, _ traits: Traits = .none, file: String = #filePath, line: Int = #line,
    _ body: @escaping @Sendable (Arguments) throws -> (Tensor, Tensor)
  ) {
    many(name, traits, file: file, line: line) { arguments in
      let (first, second) = try body(arguments)
      return [first, second]
    }
  }

  /// Adds an operation that gives anything else, such as a number.
  package mutating func value(
    _ name: String, _ traits: Traits = .none, file: String = #filePath, line: Int = #line,
    _ body: @escaping @Sendable (Arguments) throws -> Value
  ) {
    entries.append(Entry(name: name, body: body, traits: traits, source: (file, line)))
  }

  /// Gives an operation that was added a form of its own that writes to the first argument.
  package mutating func inPlace(_ name: String, _ body: @escaping @Sendable (Arguments) throws -> Tensor) {
    entries[place(of: name)].inPlace = .own(body)
  }

  /// Says why operations that were added have no form that writes to the first argument, though PyTorch's have.
  package mutating func notInPlace(_ names: [String], because reason: String) {
    for name in names { entries[place(of: name)].inPlace = .none(because: reason) }
  }

  /// Lists operations that were added which run on the CPU alone, at least for some arguments.
  package mutating func refusedOnGPUs(_ names: [String]) {
    for name in names { entries[place(of: name)].isRefusedOnGPUs = true }
  }

  private func place(of name: String) -> Int {
    guard let place = entries.firstIndex(where: { $0.name == name }) else {
      fatalError("\(name) is not in the family \(self.name)")
    }
    return place
  }

  /// Lists samples of an operation that was added which differ from PyTorch on purpose; "e/*" stands for all that begin so.
  ///
  /// - Parameter onGPUs: Whether they differ on GPUs alone.
  package mutating func differs(
    _ name: String, _ samples: [String], onGPUs: Bool = false, because reason: String
  ) {
    entries[place(of: name)].differences += samples.map { Difference(sample: $0, onGPUs: onGPUs, reason: reason) }
  }

  // MARK: Operations on a tensor and an operand

  /// Adds an operation on a tensor and a tensor or number.
  package mutating func binary(
    _ name: String, _ tensors: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ number: @escaping @Sendable (Tensor, any Scalar) -> Tensor, file: String = #filePath, line: Int = #line
  ) {
    one(name, file: file, line: line) { a in
      switch try a[1, "other"].operand() {
      case .tensor(let other): tensors(try a[0].tensor(), other)
      case .number(let other): number(try a[0].tensor(), other)
      }
    }
  }

  /// Gives an operation on a tensor and a tensor or number a form of its own that writes to the first.
  package mutating func binaryInPlace(
    _ name: String, _ tensors: @escaping @Sendable (Tensor, Tensor) -> Void,
    _ number: @escaping @Sendable (Tensor, any Scalar) -> Void
  ) {
    inPlace(name) { a in
      let target = try a[0].tensor()
      switch try a[1, "other"].operand() {
      case .tensor(let other): tensors(target, other)
      case .number(let other): number(target, other)
      }
      return target
    }
  }
}

/// Whether indices name elements equal to the expected ones.
private func tieMismatch(_ answer: Answer, dim: Int?) -> String? {
  let (ours, theirs) = (answer.output.tensors, answer.expected.tensors)
  guard let x = answer.arguments.positional.first?.tensors.first, ours.count == theirs.count else {
    return "\(ours.count) outputs, expected \(theirs.count)"
  }
  for (place, (our, their)) in zip(ours, theirs).enumerated() {
    if our.dtype != .int64 || x.dtype == .int64 && place == 0 && ours.count > 1 {
      if let mismatch = answer.tolerance.mismatch(our, their) { return "output \(place): \(mismatch)" }
      continue
    }
    if our.shape != their.shape { return "output \(place): shape \(our.shape), expected \(their.shape)" }
    if our.count == 0 { continue }
    if let mismatch = Tolerance.exact.mismatch(named(x, our, dim), named(x, their, dim)) {
      return "output \(place), by the elements it names: \(mismatch)"
    }
  }
  return nil
}

/// The elements that indices name along a dimension.
private func named(_ x: Tensor, _ index: Tensor, _ dim: Int?) -> Tensor {
  let (x, index) = (x.detach().to(.cpu), index.to(.cpu))
  guard let dim, x.rank > 0 else { return x.flatten().take(index.flatten()) }
  let full = index.rank == x.rank ? index : index.unsqueeze(dim: dim < 0 ? dim + x.rank : dim)
  return x.gather(dim: dim, index: full)
}
