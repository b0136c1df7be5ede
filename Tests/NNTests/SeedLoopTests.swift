import NN
import TestSupport
import Testing

/// The losses of the training program, by PyTorch.
private struct Reference: Decodable {
  struct Run: Decodable {
    let n: Int
    let first: String
    let mode: String
    let weight0: String
    let loss: [Double]
    let finalWeightValues: [Double]
  }
  let runs: [Run]

  static let all: Reference = try! Fixture.decode(from: "seedscript.json")
}

/// manualSeed(0); Linear(10, 1); SGD(lr: 0.01); ten epochs on `n` random rows.
@Suite(.ownGenerator)
struct SeedLoopTests {
  @Test(arguments: Reference.all.runs.indices)
  func lossesArePyTorchs(i: Int) {
    let run = Reference.all.runs[i]
    manualSeed(0)
    var model: Linear?
    if run.first == "model" { model = Linear(10, 1) }
    let x = Tensor.randn(run.n, 10)
    let y = Tensor.randn(run.n, 1)
    let net = model ?? Linear(10, 1)
    #expect(net.weight.elementBytes == bytes(hex: run.weight0, itemSize: 4))
    let lower: DType = run.mode.contains("bf16") ? .bfloat16 : .float16
    let isMixed = run.mode.contains("autocast")
    let scaler = GradScaler(device: .cpu, enabled: run.mode.contains("scaler"))
    let optimizer = SGD(net.parameters(), lr: 0.01)
    let criterion = NN.MSELoss()
    for (epoch, expected) in run.loss.enumerated() {
      optimizer.zeroGrad()
      let loss = autocast(.cpu, dtype: lower, enabled: isMixed) { criterion(net(x), y) }
      #expect(loss.dtype == .float32)
      scaler.scale(loss).backward()
      scaler.step(optimizer)
      scaler.update()
      // Sums in another order differ by rounding; in a lower dtype that may tip a value to its neighbour.
      let tolerance = isMixed ? (lower == .bfloat16 ? 2e-3 : 1e-4) : epoch == 0 ? 1e-6 : 5e-6
      expectClose(loss, [expected], rtol: tolerance, "\(run.mode) \(run.n) \(run.first), epoch \(epoch)")
    }
    expectClose(
      net.weight, run.finalWeightValues, rtol: isMixed ? 2e-2 : 1e-5, atol: isMixed ? 1e-3 : 1e-6, "\(run.mode)")
  }
}
