import NN
import TestSupport
import Testing

/// Traces of two optimizers, p = [1, 2] and q = [3], on sum(p * p) + sum(q * q) with lr 0.1.
///
/// On odd steps p is unscaled first. `inf` overwrites element 0 of a scaled gradient.
private struct Trace: Decodable {
  struct Row: Decodable {
    let scaledLoss: String
    let rawGradP: [String]
    let gradPBeforeStep: [String]
    let p: [String]
    let q: [String]
    let scaleBefore: String
    let scaleAfter: String
    let growthTracker: Int
    let inf: [String]?
  }
  let args: [String: Double]
  let rows: [Row]

  static func load(_ name: String) throws -> Trace {
    let all = try Fixture.decode([String: Trace].self, from: "gradscaler.json")
    return all[name]!
  }
}

@Suite(.everyDevice)
struct GradScalerTests {
  @Test(arguments: ["defaults", "interval2", "interval1", "growth_to_overflow"])
  func tracesArePyTorchs(name: String) throws {
    let trace = try Trace.load(name)
    let scaler = GradScaler(
      device: .cpu, initScale: trace.args["init_scale"] ?? 65536, growthFactor: trace.args["growth_factor"] ?? 2,
      backoffFactor: trace.args["backoff_factor"] ?? 0.5, growthInterval: Int(trace.args["growth_interval"] ?? 2000))
    let (p, q) = (Tensor([1.0, 2.0], requiresGrad: true), Tensor([3.0], requiresGrad: true))
    let (first, second) = (SGD([p], lr: 0.1), SGD([q], lr: 0.1))
    func values(_ texts: [String]) -> [Double] { texts.map { Double($0)! } }
    for (i, row) in trace.rows.enumerated() {
      #expect(scaler.currentScale == Double(row.scaleBefore)!)
      first.zeroGrad()
      second.zeroGrad()
      let loss = scaler.scale((p * p).sum() + (q * q).sum())
      expectEqual(loss, values([row.scaledLoss]), "\(name) \(i)")
      loss.backward()
      expectEqual(p.grad!, values(row.rawGradP), "\(name) \(i)")
      if let inf = row.inf {
        let gradient = inf[0] == "p" ? p.grad! : q.grad!
        gradient.narrow(dim: 0, start: 0, length: 1).fill(Double(inf[1])!)
      }
      if i % 2 == 1 { scaler.unscale(first) }
      expectEqual(p.grad!, values(row.gradPBeforeStep), "\(name) \(i)")
      scaler.step(first)
      scaler.step(second)
      scaler.update()
      expectEqual(p, values(row.p), "\(name) \(i)")
      expectEqual(q, values(row.q), "\(name) \(i)")
      #expect(scaler.currentScale == Double(row.scaleAfter)!, "\(name) \(i)")
      #expect(scaler.stateDict()?.growthTracker == row.growthTracker, "\(name) \(i)")
    }
  }

  private let p = Tensor([2.0], requiresGrad: true)
  private var optimizer: SGD { SGD([p], lr: 0.5) }

  @Test func stepsWithBadGradientsAreLeftOut() {
    let (scaler, optimizer) = (GradScaler(), self.optimizer)
    scaler.scale((p * p).sum()).backward()
    scaler.step(optimizer)
    #expect(!scaler.hasFoundInf(optimizer))
    expectEqual(p, [0])
    scaler.update()
    optimizer.zeroGrad()
    p.grad = Tensor([Double.nan])
    scaler.step(optimizer)
    #expect(scaler.hasFoundInf(optimizer))
    expectEqual(p, [0])
    scaler.update()
    #expect(scaler.currentScale == 32768)
  }

  @Test func scalesKeepPyTorchsDTypes() {
    let scaler = GradScaler(initScale: 2)
    #expect(scaler.scale(Tensor(1.5).half()).dtype == .float32)
    #expect(scaler.scale(Tensor([1.5]).half()).dtype == .float16)
    #expect(scaler.scale(Tensor(1.5).double()).dtype == .float64)
    #expect(scaler.scale([Tensor(1.5), Tensor(2.5)]).map { $0.item() } == [3, 5])
  }

  @Test func disabledScalersPassEverything() throws {
    let (scaler, optimizer) = (GradScaler(enabled: false), self.optimizer)
    let loss = (p * p).sum()
    #expect(scaler.scale(loss) === loss)
    loss.backward()
    scaler.unscale(optimizer)
    scaler.step(optimizer)
    scaler.update()
    expectEqual(p, [0])
    #expect(scaler.currentScale == 1 && scaler.stateDict() == nil && !scaler.isEnabled)
    try scaler.load(nil)
  }

  @Test func orderMattersAsInPyTorch() {
    func prepared() -> (GradScaler, SGD) {
      let scaler = GradScaler()
      p.grad = nil
      scaler.scale((p * p).sum()).backward()
      return (scaler, optimizer)
    }
    expectError(.value, "GradScaler.unscale", "already been called") {
      let (scaler, optimizer) = prepared()
      scaler.unscale(optimizer)
      scaler.unscale(optimizer)
    }
    expectError(.value, "GradScaler.unscale", "after step()") {
      let (scaler, optimizer) = prepared()
      scaler.step(optimizer)
      scaler.unscale(optimizer)
    }
    expectError(.value, "GradScaler.step", "already been called") {
      let (scaler, optimizer) = prepared()
      scaler.step(optimizer)
      scaler.step(optimizer)
    }
    expectError(.value, "GradScaler.step", "no inf checks") {
      let (scaler, optimizer) = prepared()
      optimizer.zeroGrad()
      scaler.step(optimizer)
    }
    expectError(.value, "GradScaler.update", "no inf checks") { prepared().0.update() }
    expectError(.value, "GradScaler.unscale", "scale(_:)") { GradScaler().unscale(optimizer) }
    expectError(.value, "GradScaler.update", "scale(_:)") { GradScaler().update() }
    expectError(.value, "float16") {
      let q = Tensor([1.0], dtype: .float16, requiresGrad: true)
      let scaler = GradScaler(initScale: 2)
      scaler.scale(q.sum()).backward()
      scaler.unscale(SGD([q]))
    }
    expectError(.value, "growth factor", "1.0") { _ = GradScaler(growthFactor: 1) }
    expectError(.value, "backoff factor", "1.0") { _ = GradScaler(backoffFactor: 1) }
  }

  @Test func theScaleCanBeSet() {
    let (scaler, optimizer) = (GradScaler(), self.optimizer)
    scaler.scale((p * p).sum()).backward()
    scaler.step(optimizer)
    scaler.update(7)
    #expect(scaler.currentScale == 7 && scaler.stateDict()?.growthTracker == 0)
    expectEqual(scaler.scale(Tensor(1.0)), [7])
  }

  @Test func statesAreSavedAndLoaded() throws {
    let state = GradScalerState(scale: 8, growthFactor: 3, backoffFactor: 0.25, growthInterval: 2, growthTracker: 1)
    let (scaler, optimizer) = (GradScaler(), self.optimizer)
    expectEqual(scaler.scale(Tensor(1.0)), [65536])
    try scaler.load(state)
    #expect(scaler.stateDict() == state)
    expectEqual(scaler.scale(Tensor(1.0)), [8])
    scaler.scale((p * p).sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    #expect(scaler.currentScale == 24)
    let error = #expect(throws: TensorError.self) { try scaler.load(nil) }
    #expect(error?.message.contains("empty") ?? false)
  }

  @Test func clippingFitsBetween() {
    let (scaler, optimizer) = (GradScaler(), self.optimizer)
    scaler.scale((p * p).sum()).backward()
    scaler.unscale(optimizer)
    expectEqual(clipGradNorm([p], maxNorm: 1), [4])
    scaler.step(optimizer)
    expectClose(p, [1.5], atol: 1e-6)
  }
}
