import Synchronization

/// Scales losses so that small gradients do not vanish in float16, and steps optimizers only by finite gradients.
///
/// The scale is halved after a step with infinite or NaN gradients, and doubled after `growthInterval` good ones in a row.
///
/// ```swift
/// let scaler = GradScaler()
/// let loss = autocast(.cuda) { MSELoss()(model(x), y) }
/// scaler.scale(loss).backward()
/// scaler.step(optimizer)  // unscales the gradients first
/// scaler.update()
/// ```
public final class GradScaler: Sendable {
  /// Whether the scaler does anything; `scale` returns its argument and `step` just steps when it does not.
  public let isEnabled: Bool
  private let device: Device
  private let state: Mutex<State>

  fileprivate struct State: Sendable {
    var settings: GradScalerState
    /// The scale as a tensor, by device; made when it is first needed, and anew when the scale changes.
    var scales: [Device: Tensor] = [:]
    var inverses: [Device: Tensor] = [:]
    /// Whether `scale` was called.
    var isStarted = false
    var optimizers: [ObjectIdentifier: Progress] = [:]
  }

  /// What was done with an optimizer since the last update.
  fileprivate struct Progress: Sendable {
    var stage = Stage.ready
    /// By device, float32 and zero-dim: 1 when a gradient was not finite.
    var foundInf: [Device: Tensor] = [:]
    /// The same read from the devices.
    var hasFoundInf: Bool?
  }

  fileprivate enum Stage { case ready, unscaled, stepped }

  /// Makes a scaler.
  ///
  /// - Parameters:
  ///   - device: Where the losses are; the default is the first GPU, or the CPU where there is none.
  ///   - initScale: The first scale.
  ///   - growthFactor: Above 1.
  ///   - backoffFactor: Below 1.
  ///   - growthInterval: After how many good steps in a row the scale grows.
  ///   - enabled: Whether the scaler does anything.
  public init(
    device: Device? = nil, initScale: Double = 65536, growthFactor: Double = 2, backoffFactor: Double = 0.5,
    growthInterval: Int = 2000, enabled: Bool = true
  ) {
    self.device = device ?? (CUDA.isAvailable ? .cuda : .cpu)
    isEnabled = enabled
    if !(growthFactor > 1) { fail(error("the growth factor must be above 1, but got \(growthFactor)")) }
    if !(backoffFactor < 1) { fail(error("the backoff factor must be below 1, but got \(backoffFactor)")) }
    state = Mutex(
      State(
        settings: GradScalerState(
          scale: Float(initScale), growthFactor: growthFactor, backoffFactor: backoffFactor,
          growthInterval: growthInterval, growthTracker: 0)))
  }

  // MARK: Scaling

  /// The loss times the scale; the loss itself when the scaler is off.
  ///
  /// A zero-dim float16 loss gives a float32 one; a float16 vector stays float16 and may overflow.
  public func scale(_ loss: Tensor) -> Tensor {
    if !isEnabled { return loss }
    let device = loss.device
    let factor = state.withLock { state in
      state.isStarted = true
      if let scale = state.scales[device] { return scale }
      let scale = Tensor.full([], state.settings.scale, dtype: .float32, device: device)
      state.scales[device] = scale
      return scale
    }
    return loss * factor
  }

  /// Each loss times the scale.
  public func scale(_ losses: [Tensor]) -> [Tensor] { losses.map { scale($0) } }

  /// Divides the gradients of an optimizer's parameters by the scale, in place, so that they can be looked at or clipped.
  ///
  /// Once an optimizer and step; `step` does it when it was not done.
  public func unscale(_ optimizer: some Optimizer) {
    if !isEnabled { return }
    checked(or: ()) { () throws(TensorError) in
      try state.withLock { (state) throws(TensorError) in
        let key = ObjectIdentifier(optimizer)
        let stage = state.optimizers[key]?.stage ?? .ready
        if stage == .unscaled {
          throw error("unscale() has already been called on this optimizer since the last update()", "unscale")
        }
        if stage == .stepped { throw error("unscale() is being called after step()", "unscale") }
        state.optimizers[key] = try GradScaler.unscale(optimizer.parameters, &state)
      }
    }
  }

  private static func unscale(_ parameters: [Tensor], _ state: inout State) throws(TensorError) -> Progress {
    if !state.isStarted {
      throw error("scale(_:) must be called on a loss before gradients can be unscaled", "unscale")
    }
    var progress = Progress(stage: .unscaled)
    var gradients: [(device: Device, list: [Tensor])] = []
    for parameter in parameters {
      guard let gradient = parameter.grad else { continue }
      if gradient.dtype == .float16 {
        throw error("attempting to unscale float16 gradients: keep the parameters in float32", "unscale")
      }
      let device = gradient.device
      if let i = gradients.firstIndex(where: { $0.device == device }) {
        gradients[i].list.append(gradient)
      } else {
        gradients.append((device, [gradient]))
      }
    }
    for (device, list) in gradients {
      let foundInf = Tensor.zeros([], dtype: .float32, device: device)
      try list[0].backend.unscale(list, inverseScale: state.inverse(on: device), foundInf: foundInf)
      for gradient in list { gradient.storage.bumpVersion() }
      progress.foundInf[device] = foundInf
    }
    return progress
  }

  // MARK: Stepping

  /// Unscales the gradients if that was not done, and steps the optimizer when all are finite.
  ///
  /// - Returns: Whether the optimizer stepped.
  @discardableResult
  public func step(_ optimizer: some Optimizer) -> Bool {
    if !isEnabled {
      optimizer.step()
      return true
    }
    let isFinite = checked(or: false) { () throws(TensorError) in
      try state.withLock { (state) throws(TensorError) in
        let key = ObjectIdentifier(optimizer)
        var progress = state.optimizers[key] ?? Progress()
        if progress.stage == .stepped {
          throw error("step() has already been called since the last update()", "step")
        }
        if progress.stage == .ready { progress = try GradScaler.unscale(optimizer.parameters, &state) }
        if progress.foundInf.isEmpty {
          throw error("no inf checks were recorded for this optimizer: its parameters have no gradients", "step")
        }
        let isFinite = !progress.readFoundInf()
        progress.stage = .stepped
        state.optimizers[key] = progress
        return isFinite
      }
    }
    if isFinite { optimizer.step() }
    return isFinite
  }

  /// Changes the scale by what the steps since the last update met, and begins the next.
  ///
  /// - Parameter newScale: The scale to take instead; the count of good steps stays.
  public func update(_ newScale: Double? = nil) {
    if !isEnabled { return }
    checked(or: ()) { () throws(TensorError) in
      try state.withLock { (state) throws(TensorError) in
        if !state.isStarted { throw error("scale(_:) must be called on a loss before update()", "update") }
        if let newScale {
          state.setScale(Float(newScale))
        } else {
          var hasFoundInf: Bool?
          for key in state.optimizers.keys where !state.optimizers[key]!.foundInf.isEmpty {
            hasFoundInf = state.optimizers[key]!.readFoundInf() || hasFoundInf ?? false
          }
          guard let hasFoundInf else { throw error("no inf checks were recorded prior to update()", "update") }
          state.setScale(state.settings.advance(hasFoundInf: hasFoundInf))
        }
        state.optimizers.removeAll(keepingCapacity: true)
      }
    }
  }

  // MARK: State

  /// The scale: the initial one before the first update, 1 when the scaler is off.
  public var currentScale: Double { isEnabled ? state.withLock { Double($0.settings.scale) } : 1 }

  /// What is saved; nil when the scaler is off.
  public func stateDict() -> GradScalerState? { isEnabled ? state.withLock { $0.settings } : nil }

  /// Takes over a saved state; does nothing when the scaler is off.
  ///
  /// - Throws: A `TensorError` for nil, which a scaler saves that is off.
  public func load(_ saved: GradScalerState?) throws(TensorError) {
    if !isEnabled { return }
    guard let saved else {
      throw error("the state is empty, possibly because it was saved from a scaler that was off", "load")
    }
    state.withLock { state in
      state.setScale(saved.scale)
      state.settings = saved
    }
  }
}

/// The settings and progress of a `GradScaler`, to save.
public struct GradScalerState: Sendable, Hashable {
  /// What losses are multiplied by.
  public var scale: Float
  /// What the scale is multiplied by after `growthInterval` good steps.
  public var growthFactor: Double
  /// What the scale is multiplied by after a bad step.
  public var backoffFactor: Double
  /// The number of good steps in a row after which the scale grows.
  public var growthInterval: Int
  /// The number of good steps since the scale changed.
  public var growthTracker: Int

  /// Makes a state.
  public init(scale: Float, growthFactor: Double, backoffFactor: Double, growthInterval: Int, growthTracker: Int) {
    self.scale = scale
    self.growthFactor = growthFactor
    self.backoffFactor = backoffFactor
    self.growthInterval = growthInterval
    self.growthTracker = growthTracker
  }

  /// Counts a step and returns the scale of the next one; a scale that would not be finite does not grow.
  fileprivate mutating func advance(hasFoundInf: Bool) -> Float {
    if hasFoundInf {
      growthTracker = 0
      return Float(Double(scale) * backoffFactor)
    }
    growthTracker += 1
    if growthTracker != growthInterval { return scale }
    growthTracker = 0
    let grown = Float(Double(scale) * growthFactor)
    return grown.isFinite ? grown : scale
  }
}

extension GradScaler.State {
  mutating func setScale(_ scale: Float) {
    if scale == settings.scale { return }
    settings.scale = scale
    scales = [:]
    inverses = [:]
  }

  /// 1 / scale on a device, rounded once.
  mutating func inverse(on device: Device) -> Tensor {
    if let inverse = inverses[device] { return inverse }
    let inverse = Tensor.full([], Float(1 / Double(settings.scale)), dtype: .float32, device: device)
    inverses[device] = inverse
    return inverse
  }
}

extension GradScaler.Progress {
  /// Whether a gradient was not finite; waits for the devices, once.
  mutating func readFoundInf() -> Bool {
    if let hasFoundInf { return hasFoundInf }
    let found = foundInf.values.contains { $0.item(as: Float.self) != 0 }
    hasFoundInf = found
    return found
  }
}

private func error(_ message: String, _ function: String = "init") -> TensorError {
  TensorError(.value, "GradScaler.\(function)", message)
}
