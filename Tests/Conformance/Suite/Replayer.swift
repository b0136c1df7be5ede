internal import Autograd
package import Tensor

/// What became of a sample.
package enum Verdict: Sendable {
  case passed
  case failed(String)
  case skipped(String)
}

/// The outcome of one sample.
package struct Outcome: Sendable {
  package let operation: String
  package let sample: String
  package let verdict: Verdict
  /// What was not tried, though the sample passed.
  package var untried: [String] = []
}

/// Replays the cases of an operation.
package struct Replayer: Sendable {
  package let device: Device
  /// Whether samples are tried with other layouts and without gradients too.
  package let tries: Bool

  package init(device: Device, tries: Bool) {
    self.device = device
    self.tries = tries
  }

  /// Replays a sample or a bad input.
  func outcome(of sample: JSON, operation: String, entry: Entry, file: Safetensors) -> Outcome {
    let id = sample["id"]?.string ?? "?"
    CurrentSample.note("\(operation) \(id)")
    var trial = Trial(sample: sample, entry: entry, file: file, device: device)
    do {
      let verdict: Verdict
      if sample["error"] != nil {
        verdict = try trial.badInput()
      } else {
        try trial.values()
        try trial.gradients()
        try trial.inPlace(tries: tries)
        if tries && !entry.traits.readsStrides && !entry.traits.isRandom { try trial.otherLayouts() }
        verdict = .passed
      }
      return Outcome(operation: operation, sample: id, verdict: verdict, untried: trial.untried)
    } catch {
      let reason = entry.difference(of: id, on: device).map { "\(error) (known: \($0))" } ?? "\(error)"
      return Outcome(operation: operation, sample: id, verdict: .failed(reason))
    }
  }
}

/// One sample being tried; each step throws what is wrong.
private struct Trial {
  let sample: JSON
  let entry: Entry
  let file: Safetensors
  let device: Device
  let tolerances: Tolerances
  private(set) var untried: [String] = []

  init(sample: JSON, entry: Entry, file: Safetensors, device: Device) {
    self.sample = sample
    self.entry = entry
    self.file = file
    self.device = device
    tolerances = Tolerances(error: (sample["err64"]?.array ?? []).compactMap(\.double))
  }

  // MARK: Steps

  /// The outputs, and which of them are views.
  mutating func values() throws {
    let call = try Call(self)
    let output = try withThrowingErrors { try run(call.arguments) }
    try compare(output, call.arguments, "")
    guard let aliases = sample["alias"]?.integers else { return }
    for (place, (source, result)) in zip(aliases, output.tensors).enumerated() where source >= 0 {
      guard source < call.tensors.count else { continue }
      if result.storage !== call.tensors[source].storage {
        throw CaseError("output \(place) is a copy of input \(source), expected a view")
      }
    }
  }

  /// The first and second derivatives.
  mutating func gradients() throws {
    guard let first = sample["grad"] else { return }
    if sample["grad_skip"] != nil {
      untried.append("gradients of values that may differ")
      return
    }
    let call = try Call(self, records: true)
    if try isOtherStream(call.arguments) {
      untried.append("gradients of another stream of draws")
      return
    }
    var cotangents = try tensors(first["cot"])
    let expected = try tensors(first["in"])
    let isTwice = sample["gradgrad"] != nil
    let results: ([Tensor?], [Tensor?])? = try withThrowingErrors {
      let all = try run(call.arguments)
      if entry.traits.freedom != nil, tolerances.mismatch(all, try expectedOutput()) != nil { return nil }
      let outputs = (first["of"]?.integers ?? []).map { all.tensors[$0] }
      if isTwice { for cotangent in cotangents { cotangent?.requiresGrad(true) } }
      // What depends on no input has gradients of zeros, as PyTorch gives where it records it all the same.
      let recorded = outputs.indices.filter { outputs[$0].requiresGrad }
      if recorded.isEmpty {
        return (
          call.differentiated.map { _ in nil }, (call.differentiated + cotangents.compactMap { $0 }).map { _ in nil }
        )
      }
      let gradients = grad(
        outputs: recorded.map { outputs[$0] }, inputs: call.differentiated,
        gradients: recorded.map { cotangents[$0] }, createGraph: isTwice, allowUnused: true)
      return (gradients, isTwice ? try secondGradients(gradients, call.differentiated, cotangents) : [])
    }
    guard let (gradients, second) = results else {
      untried.append("gradients of values that differ rightly")
      return
    }
    try compare(gradients, expected, "gradient")
    guard let twice = sample["gradgrad"] else { return }
    cotangents = []
    try compare(second, try tensors(twice["in"]) + tensors(twice["cot"]), "second gradient")
  }

  /// The derivatives of the gradients by the inputs and the cotangents.
  private func secondGradients(
    _ gradients: [Tensor?], _ inputs: [Tensor], _ cotangents: [Tensor?]
  ) throws -> [Tensor?] {
    let twice = sample["gradgrad"]!
    var outputs: [Tensor] = []
    var weights: [Tensor?] = []
    for (place, weight) in zip(twice["of"]?.integers ?? [], try tensors(twice["v"])) {
      guard let gradient = gradients[place], gradient.requiresGrad else { continue }
      outputs.append(gradient)
      weights.append(weight)
    }
    let targets = inputs + cotangents.compactMap { $0 }
    if outputs.isEmpty { return targets.map { _ in nil } }
    return grad(outputs: outputs, inputs: targets, gradients: weights, allowUnused: true)
  }

  /// The form that writes to the first argument: its values, and its gradients where the tensor written to is a result.
  mutating func inPlace(tries: Bool) throws {
    guard let note = sample["inplace"]?.string, note != "differs" else { return }
    if case .none(let reason) = entry.inPlace {
      untried.append("in place: \(reason)")
      return
    }
    let call = try Call(self, writes: true)
    let expected = try expectedOutput()
    if note == "ok", expected.tensors.first?.shape != call.arguments[0].value?.tensors.first?.shape {
      untried.append("in place: the tensor written to would change its shape")
      return
    }
    let isOtherStream = try isOtherStream(call.arguments)
    do {
      let target = try withThrowingErrors { try scoped { try write(call.arguments) } }
      if note != "ok" { throw CaseError("in place: accepted, expected an error: \(note.dropFirst(8))") }
      guard case .tensor(let expected) = expected, !isOtherStream else { return }
      let tolerance = Tolerance(of: expected.dtype, error: tolerances.error)
      if let mismatch = tolerance.mismatch(target.to(.cpu), expected, checksDType: false) {
        throw CaseError("in place: \(mismatch)")
      }
    } catch let error as TensorError {
      if note == "ok" { throw CaseError("in place: \(error)") }
    }
    guard note == "ok", tries, !isOtherStream, sample["grad_skip"] == nil, let first = sample["grad"] else { return }
    let recorded = try Call(self, records: true, writes: true)
    let cotangents = try tensors(first["cot"])
    let gradients: [Tensor?] = try withThrowingErrors {
      let target = recorded.arguments.positional[0].tensors[0].clone()
      let output = try scoped { try write(recorded.arguments.replacingFirst(by: target)) }
      if !output.requiresGrad { return recorded.differentiated.map { _ in nil } }
      return grad(outputs: [output], inputs: recorded.differentiated, gradients: cotangents, allowUnused: true)
    }
    try compare(gradients, try tensors(first["in"]), "in place: gradient")
  }

  private func write(_ arguments: Arguments) throws -> Tensor {
    let target = try arguments[0].tensor()
    guard case .own(let body) = entry.inPlace else {
      var failure: (any Error)?
      target.update { x in
        do {
          return try Argument(label: "output", value: try entry.body(arguments.replacingFirst(by: x))).tensor()
        } catch {
          failure = error
          return x
        }
      }
      if let failure { throw failure }
      return target
    }
    return try body(arguments)
  }

  /// The same results for inputs that lie otherwise in memory, and inside `noGrad`.
  mutating func otherLayouts() throws {
    for layout in [ValueBuilder.Layout.strided, .transposed] {
      let call = try Call(self, layout: layout)
      let output = try withThrowingErrors { try run(call.arguments) }
      try compare(output, call.arguments, "\(layout.rawValue) inputs: ")
    }
    let call = try Call(self, records: true)
    if call.differentiated.isEmpty { return }
    let output = try withThrowingErrors { try noGrad { try run(call.arguments) } }
    try compare(output, call.arguments, "inside noGrad: ")
    let inputs = call.tensors
    for result in output.tensors where result.requiresGrad && !inputs.contains(where: { $0 === result }) {
      throw CaseError("inside noGrad: an output requires grad")
    }
  }

  /// An input that must be refused.
  mutating func badInput() throws -> Verdict {
    do {
      let call = try Call(self)
      _ = try withThrowingErrors {
        let output = try run(call.arguments)
        // A GPU's work may fail later.
        for tensor in output.tensors { _ = tensor.to(.cpu) }
      }
    } catch is TensorError {
      return .passed
    } catch is ArgumentError {
      untried.append("refused by Swift's types")
      return .passed
    }
    throw CaseError("accepted, expected an error: \(sample["error"]?["message"]?.string ?? "")")
  }

  // MARK: Parts

  /// Whether a GPU's values come from another stream than the expected ones, so that only shapes and dtypes agree.
  private func isOtherStream(_ arguments: Arguments) throws -> Bool {
    if device == .cpu { return false }
    return try entry.traits.isRandom || entry.traits.draws?(arguments) ?? false
  }

  private func run(_ arguments: Arguments) throws -> Value {
    if arguments["out"].isGiven { throw ArgumentError("nothing takes out:") }
    return try scoped { try entry.body(arguments) }
  }

  /// What a sample's operation runs in: the device and a fresh generator.
  private func scoped<Result>(_ body: () throws -> Result) throws -> Result {
    try withDefaultDevice(device) {
      try withGenerator(Generator(seed: 42, device: device)) { try body() }
    }
  }

  func expectedOutput() throws -> Value {
    var builder = ValueBuilder(file: file)
    return try builder.value(sample["out"] ?? .null)
  }

  private func tensors(_ json: JSON?) throws -> [Tensor?] {
    var builder = ValueBuilder(file: file, device: device)
    var result: [Tensor?] = []
    for element in json?.array ?? [] {
      if case .tensor(let tensor) = try builder.value(element) { result.append(tensor) } else { result.append(nil) }
    }
    return result
  }

  private func compare(_ output: Value, _ arguments: Arguments, _ title: String) throws {
    let expected = try expectedOutput()
    let output = output.on(.cpu)
    if try isOtherStream(arguments) {
      for (ours, theirs) in zip(output.tensors, expected.tensors) {
        if ours.shape != theirs.shape || ours.dtype != theirs.dtype {
          throw CaseError("\(title)\(ours.dtype)\(ours.shape), expected \(theirs.dtype)\(theirs.shape)")
        }
      }
      return
    }
    guard let mismatch = tolerances.mismatch(output, expected) else { return }
    guard let freedom = entry.traits.freedom else { throw CaseError(title + mismatch) }
    let dtype = expected.tensors.first { $0.dtype.isFloatingPoint }?.dtype ?? .int64
    let answer = Answer(
      arguments: arguments, output: output, expected: expected,
      tolerance: Tolerance(of: dtype, error: tolerances.error))
    if let mismatch = try freedom.mismatch(answer) { throw CaseError(title + mismatch) }
  }

  /// A missing gradient stands for zeros.
  private func compare(_ ours: [Tensor?], _ expected: [Tensor?], _ title: String) throws {
    if ours.count != expected.count { throw CaseError("\(ours.count) \(title)s, expected \(expected.count)") }
    for (place, pair) in zip(ours, expected).enumerated() {
      guard let model = pair.0 ?? pair.1 else { continue }
      let zeros = Tensor.zerosLike(model.detach()).to(.cpu)
      let (x, y) = (pair.0?.detach().to(.cpu) ?? zeros, pair.1?.to(.cpu) ?? zeros)
      let tolerance = Tolerance(of: y.dtype, error: tolerances.error)
      if let mismatch = tolerance.mismatch(x, y) { throw CaseError("\(title) \(place): \(mismatch)") }
    }
  }
}

/// Fresh arguments of a sample.
private struct Call {
  let arguments: Arguments
  let tensors: [Tensor]
  let differentiated: [Tensor]

  init(_ trial: Trial, layout: ValueBuilder.Layout = .given, records: Bool = false, writes: Bool = false) throws {
    var builder = ValueBuilder(file: trial.file, device: trial.device, layout: layout, records: records)
    var positional: [Value] = []
    for json in trial.sample["args"]?.array ?? [] { positional.append(try builder.value(json)) }
    if writes, case .tensor(let target) = positional.first, target.layout.mayOverlap {
      positional[0] = .tensor(target.contiguous())
    }
    var keywords: [(key: String, value: Value)] = []
    if case .object(let members) = trial.sample["kw"] ?? .null {
      for (key, json) in members { keywords.append((key, try builder.value(json))) }
    }
    let names = (trial.sample["names"]?.array ?? []).compactMap(\.string)
    arguments = Arguments(positional: positional, keywords: keywords, names: names)
    tensors = builder.tensors
    differentiated = builder.differentiated
  }
}

extension Value {
  /// The value with its tensors on a device.
  fileprivate func on(_ device: Device) -> Value {
    switch self {
    case .tensor(let tensor): .tensor(tensor.to(device))
    case .list(let elements): .list(elements.map { $0.on(device) })
    case .tuple(let elements): .tuple(elements.map { $0.on(device) })
    default: self
    }
  }
}
