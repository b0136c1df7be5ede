// The samples of README.md.
import NN

enum Readme {
  static func run() throws {
    tensors()
    randomNumbers()
    gradients()
    try training()
    mistakes()
    try sideBySide()
  }

  static func tensors() {
    let integers = Tensor([1, 2, 3], dtype: .int32)
    print(integers.float())  // tensor([1., 2., 3.])
    print(Tensor([1.1, 2.2, 3.3]).int())  // tensor([1, 2, 3], dtype: .int32)
    if CUDA.isAvailable { print(integers.to(.cuda).to(.cpu)) }
  }

  static func randomNumbers() {
    manualSeed(0)
    let a = Tensor.rand(3, 3)
    let b = Tensor.randn([3, 3], dtype: .float64)
    let c = Tensor.full([3, 3], 7)
    let weight = Tensor.empty(3, 3)
    Init.xavierUniform(weight)
    Init.kaimingUniform(weight, nonlinearity: .relu)
    print(a, b, c, weight)
  }

  static func gradients() {
    let x = Tensor([[1.0, 2], [3, 4]], requiresGrad: true)
    let y = (x ** 2 + 3 * x).sum(dim: 1, keepDim: true).mean()
    y.backward()
    print(x.grad!, x[0], x[0..., .newAxis, 1], x[.ellipsis, -1], x[x .> 2])
  }

  final class Net: Layer {
    let fc1 = Linear(10, 50)
    let fc2 = Linear(50, 1)
    let scale = Tensor.ones(1, requiresGrad: true)  // requires grad: a parameter, "scale"
    let seen = Tensor.zeros(1)  // does not: a buffer, kept in the state dict
    func forward(_ x: Tensor) -> Tensor { fc2(relu(fc1(x))) * scale }
  }

  static func training() throws {
    let model = Net()
    let optimizer = SGD(model.parameters(), lr: 0.01, momentum: 0.9)
    let scaler = GradScaler(device: .cpu)
    let inputs = Tensor.randn(20, 10)
    let targets = Tensor.randn(20, 1)
    for _ in 0..<10 {
      optimizer.zeroGrad()
      let loss = autocast(.cpu, dtype: .bfloat16) { ((model(inputs) - targets) ** 2).mean() }
      scaler.scale(loss).backward()
      scaler.step(optimizer)
      scaler.update()
    }
    try model.stateDict().save(to: "net.safetensors")
  }

  static func mistakes() {
    do {
      try withThrowingErrors { print(Tensor.ones(2, 3) + Tensor.ones(2, 4)) }
    } catch {
      print(error)  // +: shapes [2, 3] and [2, 4] do not broadcast: sizes 3 and 4 at dimension 1
    }
  }

  /// Computes on a GPU: compiled, not run.
  static func device() {
    let layer = withDefaultDevice(.cuda) { Linear(10, 1) }
    print(layer(Tensor.randn(20, 10, device: .cuda)).device)  // .cuda(0)
  }

  /// The right column of the table that stands beside PyTorch's.
  static func sideBySide() throws {
    let x = Tensor([[1.0, 2], [3, 4]], requiresGrad: true).detach().clone()
    let y = Tensor.zeros(2, 3, dtype: .float64)
    print(x.sum(dim: 1, keepDim: true), y)
    print(x[0..., 1], x[.ellipsis, -1], x[0..., .newAxis], x[.slice(1, -1)])
    x[x .> 2] = Tensor(0)
    print(x .== x, x.matmul(x), x ** 2)
    x.fill(1)
    x.copy(from: x * 2)
    x += 1
    x += x.clone()
    print(x.to(.cpu), x.half(), x[0, 0].item(as: Float.self))
    let model = Sequential(Linear(4, 8), ReLU())
    try model.load(model.stateDict())
    model.eval()
    noGrad { print(model(Tensor.ones(1, 4)).shape) }
  }
}
