import Synchronization

/// Scales losses so that small gradients do not vanish in float16, and steps optimizers only by finite gradients.
///
/// The scale is halved after a step with infinite or NaN gradients, and doubled after `growthInterval` good ones in a row.
/// Scale and findings stay on the device, which leaves a bad step out by itself: nothing here waits for a GPU but reading
/// `currentScale`, `stateDict()` and `hasFoundInf(_:)`.
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
  private let state: Mutex<State>

  fileprivate struct State: Sendable {
    /// What was set; `scale` and `growthTracker` count only until `live` is made.
    var settings: GradScalerState
    /// Where the scale is kept; nil for where the first loss is.
    var home: Device?
    /// The scale and the count of good steps; made for the first loss.
    var live: (scale: Tensor, growthTracker: Tensor)?
    /// The scale on other devices; made when first needed, and anew when the scale may have changed.
    var copies: [Device: Tensor] = [:]
    var optimizers: [ObjectIdentifier: Progress] = [:]
  }

  /// What was done with an optimizer since the last update.
  fileprivate struct Progress: Sendable {
    var stage = Stage.ready
    /// By device, float32 and zero-dim: 1 when a gradient was not finite.
    var foundInf: [Device: Tensor] = [:]
  }

  fileprivate enum Stage { case ready, unscaled, stepped }

  /// Makes a scaler.
  ///
  /// - Parameters:
  ///   - device: Where the scale is kept; nil for where the first loss is.
  ///   - initScale: The first scale.
  ///   - growthFactor: What the scale grows by; above 1, else it is an error.
  ///   - backoffFactor: What the scale shrinks by after a bad step; below 1, else it is an error.
  ///   - growthInterval: After how many good steps in a row the scale grows.
  ///   - enabled: Whether the scaler does anything.
  public init(
    device: Device? = nil, initScale: Double = 65536, growthFactor: Double = 2, backoffFactor: Double = 0.5,
    growthInterval: Int = 2000, enabled: Bool = true
  ) {
    isEnabled = enabled
    if !(growthFactor > 1) { fail(error("the growth factor must be above 1, but got \(growthFactor)")) }
    if !(backoffFactor < 1) { fail(error("the backoff factor must be below 1, but got \(backoffFactor)")) }
    state = Mutex(
      State(
        settings: GradScalerState(
          scale: Float(initScale), growthFactor: growthFactor, backoffFactor: backoffFactor,
          growthInterval: growthInterval, growthTracker: 0), home: device))
  }

  // MARK: Scaling

  /// The loss times the scale; the loss itself when the scaler is off.
  ///
  /// A zero-dim float16 loss gives a float32 one; a float16 vector stays float16 and may overflow.
  public func scale(_ loss: Tensor) -> Tensor {
    if !isEnabled { return loss }
    return checked { () throws(TensorError) in
      try loss * state.withLock { (state) throws(TensorError) in try state.scale(on: loss.device) }
    }
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
    if state.live == nil {
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
      try list[0].backend.unscale(list, scale: state.scale(on: device), foundInf: foundInf)
      for gradient in list { gradient.storage.bumpVersion() }
      progress.foundInf[device] = foundInf
    }
    return progress
  }

  // MARK: Stepping

  /// Unscales the gradients if that was not done, and steps the optimizer when all are finite.
  public func step(_ optimizer: some Optimizer) {
    if !isEnabled { return optimizer.step() }
    let foundInf = checked(or: Tensor?.none) { () throws(TensorError) in
      try state.withLock { (state) throws(TensorError) in
        let key = ObjectIdentifier(optimizer)
        var progress = state.optimizers[key] ?? Progress()
        if progress.stage == .stepped {
          throw error("step() has already been called since the last update()", "step")
        }
        if progress.stage == .ready { progress = try GradScaler.unscale(optimizer.parameters, &state) }
        guard let foundInf = try progress.foundInfAnywhere() else {
          throw error("no inf checks were recorded for this optimizer: its parameters have no gradients", "step")
        }
        progress.stage = .stepped
        state.optimizers[key] = progress
        return foundInf
      }
    }
    if let foundInf { optimizer.step(unless: foundInf) }
  }

  /// Whether a gradient of the optimizer was not finite since the last update, so that its step was or will be left out.
  ///
  /// Waits for the devices. False before the gradients were unscaled.
  public func hasFoundInf(_ optimizer: some Optimizer) -> Bool {
    let progress = state.withLock { $0.optimizers[ObjectIdentifier(optimizer)] }
    return progress?.foundInf.values.contains { $0.item(as: Float.self) != 0 } ?? false
  }

  /// Changes the scale by what the steps since the last update met, and begins the next.
  ///
  /// - Parameter newScale: The scale to take instead; the count of good steps stays.
  public func update(_ newScale: Double? = nil) {
    if !isEnabled { return }
    checked(or: ()) { () throws(TensorError) in
      try state.withLock { (state) throws(TensorError) in
        guard let live = state.live else {
          throw error("scale(_:) must be called on a loss before update()", "update")
        }
        if let newScale {
          try live.scale.backend.fill(live.scale, with: .float(newScale))
        } else {
          var all = Progress()
          for progress in state.optimizers.values { try all.merge(progress) }
          guard let foundInf = try all.foundInfAnywhere() else {
            throw error("no inf checks were recorded prior to update()", "update")
          }
          try live.scale.backend.updateScale(
            live.scale, growthTracker: live.growthTracker, foundInf: foundInf.to(live.scale.device),
            growthFactor: state.settings.growthFactor, backoffFactor: state.settings.backoffFactor,
            growthInterval: state.settings.growthInterval)
        }
        live.scale.storage.bumpVersion()
        state.copies.removeAll(keepingCapacity: true)
        state.optimizers.removeAll(keepingCapacity: true)
      }
    }
  }

  // MARK: State

  /// The scale: the initial one before the first update, 1 when the scaler is off.
  ///
  /// Waits for the device.
  public var currentScale: Double { isEnabled ? Double(state.withLock { $0.current }.scale) : 1 }

  /// What is saved; nil when the scaler is off.
  ///
  /// Waits for the device.
  public func stateDict() -> GradScalerState? { isEnabled ? state.withLock { $0.current } : nil }

  /// Takes over a saved state; does nothing when the scaler is off.
  ///
  /// - Throws: A `TensorError` for nil, which a scaler saves that is off.
  public func load(_ saved: GradScalerState?) throws(TensorError) {
    if !isEnabled { return }
    guard let saved else {
      throw error("the state is empty, possibly because it was saved from a scaler that was off", "load")
    }
    state.withLock { state in
      let device = state.live?.scale.device
      state.settings = saved
      state.live = nil
      state.copies = [:]
      if let device { _ = checked { () throws(TensorError) in try state.scale(on: device) } }
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
}

extension GradScaler.State {
  /// The scale as a tensor of a device, float32 and zero-dim.
  mutating func scale(on device: Device) throws(TensorError) -> Tensor {
    let live =
      self.live
      ?? (
        scale: Tensor.full([], settings.scale, dtype: .float32, device: home ?? device),
        growthTracker: Tensor.full([], settings.growthTracker, dtype: .int32, device: home ?? device)
      )
    self.live = live
    if live.scale.device == device { return live.scale }
    if let copy = copies[device] { return copy }
    let copy = try run(Move(device: device), live.scale)
    copies[device] = copy
    return copy
  }

  /// The settings with the scale and count of now; waits for the device.
  var current: GradScalerState {
    var settings = settings
    if let live {
      settings.scale = live.scale.item()
      settings.growthTracker = live.growthTracker.item()
    }
    return settings
  }
}

extension GradScaler.Progress {
  /// Other than 0 when a gradient of any device was not finite; nil when none was looked at.
  func foundInfAnywhere() throws(TensorError) -> Tensor? {
    guard var total = foundInf.values.first else { return nil }
    for other in foundInf.values.dropFirst() {
      total = try run(Binary<Add>(), total, other.converted(to: total.device, .float32))
    }
    return total
  }

  /// Adds what another optimizer's gradients held.
  mutating func merge(_ other: GradScaler.Progress) throws(TensorError) {
    for (device, found) in other.foundInf {
      foundInf[device] = if let own = foundInf[device] { try run(Binary<Add>(), own, found) } else { found }
    }
  }
}

private func error(_ message: String, _ function: String = "init") -> TensorError {
  TensorError(.value, "GradScaler.\(function)", message)
}
