// The samples in the sources' documentation comments.
import NN

enum Comments {
  static func run() throws {
    try safetensors()
    try checking()
    custom()
    initialisation()
    sequential()
    layer()
    lookup()
    try stateDict()
    training()
    _ = (Scaled()(Tensor.ones(10)), Noise()(Tensor.ones(2)))
    // These compute on a GPU.
    if CUDA.isAvailable { mixedPrecision() }
  }

  static func safetensors() throws {
    let weight = Tensor.ones(2, 3)
    let bias = Tensor.zeros(2)
    try Safetensors.save(["weight": weight, "bias": bias], metadata: ["epoch": "3"], to: "net.safetensors")
    let file = try Safetensors.load(from: "net.safetensors")
    let loaded = try file.tensor("weight")
    print(loaded)
  }

  static func checking() throws {
    let x = Tensor.rand(3, dtype: .float64, requiresGrad: true)
    try gradcheck([x]) { $0[0].exp() }
  }

  static func custom() {
    let x = Tensor(2.0, requiresGrad: true)
    struct Cube: DifferentiableFunction {
      func forward(_ inputs: [Tensor], context: FunctionContext) -> Tensor {
        context.save(inputs[0])
        return inputs[0] ** 3
      }
      func backward(_ gradient: Tensor, context: FunctionContext) -> [Tensor?] {
        [gradient * 3 * context.saved[0] ** 2]
      }
    }
    let y = Cube()(x)
    print(y)
  }

  static func initialisation() {
    let weight = Tensor.empty(50, 10)
    Init.kaimingUniform(weight, nonlinearity: .relu)
  }

  static func sequential() {
    let model = Sequential(Linear(10, 50), ReLU(), Linear(50, 1))
    print(model[0])  // Linear(inFeatures: 10, outFeatures: 50, bias: true)
    print(model.stateDict().keys)  // ["0.weight", "0.bias", "2.weight", "2.bias"]
    model.apply { if let linear = $0 as? Linear { Init.xavierUniform(linear.weight) } }
  }

  static func layer() {
    let x = Tensor.ones(2, 10)
    final class Net: Layer {
      let fc1 = Linear(10, 50)
      let fc2 = Linear(50, 1)
      func forward(_ x: Tensor) -> Tensor { fc2(relu(fc1(x))) }
    }
    let y = Net()(x)
    print(y.shape)
  }

  static func lookup() {
    let words = Embedding(1000, 16, paddingIndex: 0)
    print(words(Tensor([[5, 2, 0], [7, 0, 0]])).shape)  // [2, 3, 16]
    let layer = Conv2d(3, 16, kernelSize: 3, padding: 1)
    print(layer(Tensor.ones(8, 3, 28, 28)).shape)  // [8, 16, 28, 28]
  }

  static func sequences() {
    let layer = Conv1d(4, 16, kernelSize: 3, padding: 1)
    print(layer(Tensor.ones(8, 4, 28)).shape)  // [8, 16, 28]
  }

  static func volumes() {
    let layer = Conv3d(1, 4, kernelSize: 3, padding: .same)
    print(layer(Tensor.ones(2, 1, 8, 8, 8)).shape)  // [2, 4, 8, 8, 8]
  }

  final class Scaled: Layer {
    let inner = Linear(10, 50)
    let scale = Tensor.ones(1, requiresGrad: true)  // a parameter, "scale"
    let seen = Tensor.zeros(1)  // a buffer, "seen"
    func forward(_ x: Tensor) -> Tensor { inner(x) * scale }
  }

  final class Noise: Layer {
    let mode = TrainingMode()
    func forward(_ x: Tensor) -> Tensor { mode.isTraining ? x + Tensor.randnLike(x) : x }
  }

  static func stateDict() throws {
    let model = Linear(2, 1)
    try model.stateDict().save(to: "net.safetensors")
    try model.load(StateDict(contentsOf: "net.safetensors"))
  }

  static func training() {
    let model = Linear(2, 1)
    let (x, y) = (Tensor.ones(3, 2), Tensor.zeros(3, 1))
    let optimizer = SGD(model.parameters(), lr: 0.01, momentum: 0.9)
    optimizer.zeroGrad()
    MSELoss()(model(x), y).backward()
    optimizer.step()

    let loss = MSELoss()(model(x), y)
    loss.backward()
  }

  static func mixedPrecision() {
    let model = Linear(2, 1).to(.cuda)
    let (x, y) = (Tensor.ones(3, 2, device: .cuda), Tensor.zeros(3, 1, device: .cuda))
    let optimizer = SGD(model.parameters(), lr: 0.01)
    let scaler = GradScaler()
    let loss = autocast(.cuda) { MSELoss()(model(x), y) }
    scaler.scale(loss).backward()
    scaler.step(optimizer)  // unscales the gradients first
    scaler.update()
    half(model, x, y)
  }

  static func half(_ model: Linear, _ x: Tensor, _ y: Tensor) {
    let loss = autocast(.cuda, dtype: .float16) { MSELoss()(model(x), y) }
    print(loss)
  }

  static func devices() {
    let model = withDefaultDevice(.cuda) { Linear(10, 1) }
    print(model)
  }

  static func events(_ x: Tensor) {
    let (start, end) = (CUDA.Event(), CUDA.Event())
    start.record()
    let y = x.matmul(x)
    end.record()
    print(start.elapsedTime(until: end), "ms")
    print(y)
  }

  static func graphs(
    _ model: Linear, _ optimizer: SGD, _ x: Tensor, _ y: Tensor, _ batches: [(inputs: Tensor, targets: Tensor)]
  ) {
    let (graph, loss) = CUDA.graph {
      optimizer.zeroGrad()
      let loss = ((model(x) - y) ** 2).mean()
      loss.backward()
      optimizer.step()
      return loss
    }
    for batch in batches {
      x.copy(from: batch.inputs)
      y.copy(from: batch.targets)
      graph?.replay()
    }
    print(loss)
  }
}
