// The samples of the module NN's pages.
import NN

enum NNPages {
  static func run(path: String) throws {
    overview()
    mixedPrecision()
    try modules(path: path)
  }

  final class Net: Layer {
    let fc1 = Linear(10, 50)
    let fc2 = Linear(50, 1)
    func forward(_ x: Tensor) -> Tensor { fc2(relu(fc1(x))) }
  }

  static func overview() {
    let model = Net()
    let optimizer = SGD(model.parameters(), lr: 0.01, momentum: 0.9)
    let inputs = Tensor.randn(20, 10)
    let targets = Tensor.randn(20, 1)
    for _ in 0..<10 {
      optimizer.zeroGrad()
      let loss = mseLoss(model(inputs), targets)
      loss.backward()
      optimizer.step()
    }
  }

  static func mixedPrecision() {
    let layer = Linear(10, 1)
    let sgd = SGD(layer.parameters(), lr: 0.01)
    let scaler = GradScaler(device: .cpu)
    let (samples, labels) = (Tensor.randn(20, 10), Tensor.randn(20, 1))
    for _ in 0..<10 {
      sgd.zeroGrad()
      let loss = autocast(.cpu, dtype: .bfloat16) { mseLoss(layer(samples), labels) }
      scaler.scale(loss).backward()
      scaler.step(sgd)
      scaler.update()
    }
  }

  static func modules(path: String) throws {
    let net = Sequential(Linear(4, 8), ReLU(), Linear(8, 2))
    for (name, parameter) in net.namedParameters() { print(name, parameter.shape) }

    net.to(.float64)
    net.eval()
    print(net.parameters()[0].dtype)

    try net.stateDict().save(to: path)
    try net.load(StateDict(contentsOf: path))
  }
}
