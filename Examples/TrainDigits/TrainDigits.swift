// Trains a network on handwritten digits, tests it on a fifth that it has not seen, and saves it.
import ExampleSupport
import NN

/// 64 pixels to 10 digits, with two hidden layers.
final class Network: Layer {
  let layers = Sequential(
    Linear(64, 256), ReLU(), Dropout(p: 0.2), Linear(256, 128), ReLU(), Dropout(p: 0.2), Linear(128, 10))

  func forward(_ x: Tensor) -> Tensor { layers(x) }
}

/// What was measured after an epoch.
struct Epoch {
  let trainLoss: Double
  let trainAccuracy: Double
  let testLoss: Double
  let testAccuracy: Double
}

/// The network's answers to images: for each image the digit it sees, and how good they are.
func evaluate(_ model: Network, _ digits: Digits) -> (answers: Tensor, loss: Double, accuracy: Double) {
  model.eval()
  return noGrad {
    let logits = model(digits.rows)
    let answers = logits.argmax(dim: 1)
    let accuracy = (answers .== digits.labels).float().mean().item()
    return (answers, crossEntropy(logits, digits.labels).item(), accuracy)
  }
}

/// Trains for all epochs; `report` is called after each.
func train(_ model: Network, on training: Digits, testing: Digits, _ options: Options, report: (Epoch) -> Void) {
  let batchSize = 64
  let learningRate = 0.002
  let dtype: DType = options.device == .cpu ? .bfloat16 : .float16
  let optimizer = AdamW(model.parameters(), lr: learningRate)
  let scaler = GradScaler(device: options.device, enabled: options.amp && dtype == .float16)
  let (rows, labels) = training.moved()
  let count = rows.shape[0]
  for epoch in 0..<options.epochs {
    // The rate falls along a line to almost nothing.
    optimizer.groups[0].options.lr = learningRate * (1 - Double(epoch) / Double(options.epochs))
    model.train()
    let order = Tensor.randperm(count).to(options.device)
    for start in stride(from: 0, to: count, by: batchSize) {
      let batch = order[start..<min(start + batchSize, count)]
      optimizer.zeroGrad()
      let loss = autocast(options.device, dtype: dtype, enabled: options.amp) {
        crossEntropy(model(rows[batch]), labels[batch])
      }
      scaler.scale(loss).backward()
      scaler.step(optimizer)
      scaler.update()
    }
    let (seen, unseen) = (evaluate(model, training), evaluate(model, testing))
    report(
      Epoch(
        trainLoss: seen.loss, trainAccuracy: seen.accuracy, testLoss: unseen.loss, testAccuracy: unseen.accuracy))
  }
}

/// The curves of loss and accuracy as a picture.
func picture(of history: [Epoch]) -> String {
  func curves(_ train: (Epoch) -> Double, _ test: (Epoch) -> Double) -> [Curve] {
    [
      Curve(name: "training", color: "#3b7dd8", values: history.map(train)),
      Curve(name: "held out", color: "#e4572e", values: history.map(test)),
    ]
  }
  let losses = curves(\.trainLoss, \.testLoss)
  let accuracies = curves({ 100 * $0.trainAccuracy }, { 100 * $0.testAccuracy })
  let (high, step, digits) = Chart.range(for: losses.flatMap(\.values))
  let lowest = accuracies.flatMap(\.values).min() ?? 0
  let low = lowest >= 80 ? 80.0 : lowest >= 50 ? 50 : 0
  return Chart.picture(
    [
      Chart(title: "Loss", curves: losses, low: 0, high: high, step: step, digits: digits),
      Chart(
        title: "Accuracy", curves: accuracies, low: low, high: 100, step: (100 - low) / 5, digits: 0, unit: " %"),
    ], description: "Loss and accuracy of training on handwritten digits, by epoch")
}

func run(_ options: Options) throws {
  manualSeed(options.seed)
  let digits = Digits.all()
  let order = Tensor.randperm(digits.count)
  let testCount = digits.count / 5
  let testing = digits[order[0..<testCount]].to(options.device)
  let training = digits[order[testCount...]].to(options.device)
  print("\(training.count) images to learn from, \(testing.count) held out")

  let model = Network().to(options.device)
  var history: [Epoch] = []
  var progress = ProgressLine()
  let start = ContinuousClock.now
  train(model, on: training, testing: testing, options) { epoch in
    history.append(epoch)
    let done = 24 * history.count / options.epochs
    let bar = String(repeating: "#", count: done) + String(repeating: ".", count: 24 - done)
    progress.show(
      "[\(bar)] epoch \(history.count) of \(options.epochs), loss \(fixed(epoch.trainLoss, 4)), "
        + "held out \(fixed(100 * epoch.testAccuracy, 1)) %")
  }
  let elapsed = ContinuousClock.now - start
  progress.clear()

  let result = evaluate(model, testing)
  let right = Int((result.accuracy * Double(testing.count)).rounded())
  print(
    "held-out accuracy \(fixed(100 * result.accuracy, 1)) % (\(right) of \(testing.count)), "
      + "loss \(fixed(result.loss, 4)), after \(options.epochs) epochs in \(fixed(elapsed / .seconds(1), 1)) s")

  if !writeFile(picture(of: history), to: options.picture) {
    throw TensorError(.file, "TrainDigits", "cannot write \"\(options.picture)\"")
  }
  print("curves: \(options.picture)")

  try model.stateDict().save(to: options.model)
  let loaded = Network()
  try loaded.load(StateDict(contentsOf: options.model))
  let again = evaluate(loaded.to(options.device), testing)
  guard (again.answers .== result.answers).all().item(as: Bool.self) else {
    throw TensorError(.file, "TrainDigits", "the model in \"\(options.model)\" answers differently")
  }
  print("model: \(options.model), loaded again: the same answers")
}

@main
enum TrainDigits {
  static func main() {
    let options = Options()
    do { try withThrowingErrors { try run(options) } } catch { fail("\(error)") }
  }
}
