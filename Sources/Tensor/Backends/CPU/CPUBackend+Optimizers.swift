package import CTensorKernels

extension CPUBackend {
  package func sgd(_ step: SGDStep, options: st_sgd_options, foundInf: Tensor?) throws(TensorError) {
    if found(foundInf) { return }
    try each(step.steps, count: step.parameters.count) { (rows, number) throws(TensorError) in
      guard let dtype = rows.of(step.parameters).first?.dtype else { return }
      let parameters = addresses(rows.of(step.parameters))
      let momenta = addresses(rows.of(step.momenta))
      var options = options
      options.first_step = number == 1
      let status = st_sgd(
        Int32(parameters.count), parameters, addresses(rows.of(step.gradients)).map { UnsafeRawPointer($0) },
        momenta.isEmpty ? nil : momenta, rows.of(step.parameters).map(\.count), st_dtype(dtype.rawValue), options)
      try check(status, "SGD", dtype)
    }
  }

  package func adam(_ step: AdamStep, options: st_adam_options, foundInf: Tensor?) throws(TensorError) {
    if found(foundInf) { return }
    try each(step.steps, count: step.parameters.count) { (rows, number) throws(TensorError) in
      guard let dtype = rows.of(step.parameters).first?.dtype else { return }
      let parameters = addresses(rows.of(step.parameters))
      let maxSquares = addresses(rows.of(step.maxSquares))
      var options = options
      options.step = Double(number)
      let status = st_adam(
        Int32(parameters.count), parameters, addresses(rows.of(step.gradients)).map { UnsafeRawPointer($0) },
        addresses(rows.of(step.averages)), addresses(rows.of(step.squares)), maxSquares.isEmpty ? nil : maxSquares,
        rows.of(step.parameters).map(\.count), st_dtype(dtype.rawValue), options)
      try check(status, "Adam", dtype)
    }
  }

  package func unscale(_ gradients: [Tensor], scale: Tensor, foundInf: Tensor) throws(TensorError) {
    // Rounded once, as PyTorch does it.
    let factor = Double(Float(1 / Double(value(scale))))
    for gradient in gradients where withView(gradient, { st_unscale($0, factor) }) {
      foundInf.storage.address.storeBytes(of: 1, as: Float.self)
    }
  }

  package func updateScale(
    _ scale: Tensor, growthTracker: Tensor, foundInf: Tensor, growthFactor: Double, backoffFactor: Double,
    growthInterval: Int
  ) throws(TensorError) {
    let tracker = growthTracker.storage.address.assumingMemoryBound(to: Int32.self)
    let number = scale.storage.address.assumingMemoryBound(to: Float.self)
    if found(foundInf) {
      tracker.pointee = 0
      number.pointee = Float(Double(number.pointee) * backoffFactor)
      return
    }
    tracker.pointee &+= 1
    if Int(tracker.pointee) != growthInterval { return }
    tracker.pointee = 0
    let grown = Float(Double(number.pointee) * growthFactor)
    if grown.isFinite { number.pointee = grown }
  }

  // MARK: Parts of the steps

  private func value(_ number: Tensor) -> Float { number.storage.address.load(as: Float.self) }

  private func found(_ foundInf: Tensor?) -> Bool { foundInf.map { value($0) != 0 } ?? false }

  /// Raises the counts of steps, and calls `body` for the parameters of each count; for all where nothing is counted.
  private func each(
    _ steps: [Tensor], count: Int, _ body: (Rows, Int) throws(TensorError) -> Void
  ) throws(TensorError) {
    guard let first = steps.first else { return try body(.all, 0) }
    let number = value(first) + 1
    var isEqual = true
    for step in steps {
      let raised = value(step) + 1
      step.storage.address.storeBytes(of: raised, as: Float.self)
      if raised != number { isEqual = false }
    }
    if isEqual { return try body(.all, Int(number)) }
    for (number, rows) in Dictionary(grouping: steps.indices, by: { value(steps[$0]) }) {
      try body(.some(rows), Int(number))
    }
  }

  /// Which parameters of a step are meant.
  private enum Rows {
    case all
    case some([Int])

    func of(_ tensors: [Tensor]) -> [Tensor] {
      switch self {
      case .all: tensors
      case .some(let rows): tensors.isEmpty ? [] : rows.map { tensors[$0] }
      }
    }
  }

  private func addresses(_ tensors: [Tensor]) -> [UnsafeMutableRawPointer?] {
    tensors.map { $0.storage.address + $0.layout.offset * $0.dtype.itemSize }
  }
}
