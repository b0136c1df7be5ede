import NN

extension Case {
  /// Whole training steps.
  static let training: [Case] = [
    // The loss of PyTorch's first step from the same seed.
    Case("train/seed", flops: 3 * 2 * 20 * 10) {
      let (model, x, y) = seedTask()
      let optimizer = SGD(model.parameters(), lr: 0.01)
      return Work {
        optimizer.zeroGrad()
        let loss = mseLoss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss
      } check: {
        try expect($0, [0.6958712339401245], tolerance: 1e-6)
      }
    },
    Case("train/seed_amp", flops: 3 * 2 * 20 * 10) {
      let (model, x, y) = seedTask()
      let optimizer = SGD(model.parameters(), lr: 0.01)
      let scaler = GradScaler(device: .cpu)
      return Work {
        optimizer.zeroGrad()
        let loss = autocast(.cpu, dtype: .bfloat16) { mseLoss(model(x), y) }
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        return loss
      } check: {
        try expect($0, [0.6954797506332397], tolerance: 2e-3)
      }
    },
    Case("train/mlp", flops: 128 * 2 * (3 * (784 * 512 + 512 * 512 + 512 * 10) - 784 * 512)) {
      trained {
        Sequential(Linear(784, 512), ReLU(), Linear(512, 512), ReLU(), Linear(512, 10))
      } on: {
        (numbers(128, 784), Tensor.randint(10, [128]))
      } with: {
        Adam($0, lr: 1e-4)
      }
    },
    Case("train/lenet", flops: 64 * 2 * (3 * (lenetProducts + 150 * 784) - 150 * 784)) {
      trained {
        LeNet()
      } on: {
        (numbers(64, 1, 28, 28), Tensor.randint(10, [64]))
      } with: {
        SGD($0, lr: 1e-3, momentum: 0.9)
      }
    },
    Case("train/gpt", flops: 3 * (4 * (24 * 2048 * 128 * 128 + 4 * 16 * 128 * 128 * 128) + 2 * 2048 * 128 * 256)) {
      trained {
        GPT(vocabulary: 256, context: 128, width: 128, heads: 4, layers: 4)
      } on: {
        (Tensor.randint(256, [16, 128]), Tensor.randint(256, [16 * 128]))
      } with: {
        AdamW($0, lr: 1e-4)
      }
    },
  ]

  /// The products of a LeNet for one image but those of its first convolution.
  private static let lenetProducts = 16 * 150 * 100 + 400 * 120 + 120 * 84 + 84 * 10

  /// One linear layer and twenty rows of random numbers.
  private static func seedTask() -> (Linear, Tensor, Tensor) {
    manualSeed(0)
    return (Linear(10, 1), Tensor.randn(20, 10), Tensor.randn(20, 1))
  }

  /// Steps of a classifier; the loss and the gradients of the first must be those of the same model in doubles.
  private static func trained(
    _ make: () -> some Layer, on data: () -> (x: Tensor, classes: Tensor), with optimizer: ([Tensor]) -> some Optimizer
  ) -> Work {
    manualSeed(0)
    let model = make()
    manualSeed(0)
    let twin = make()
    let (x, classes) = data()
    let parameters = model.parameters()
    let optimizer = optimizer(parameters)
    let loss = { (logits: Tensor) in crossEntropy(logits.reshape(-1, logits.shape.last!), classes) }
    return Work {
      optimizer.zeroGrad()
      let loss = loss(model(x))
      loss.backward()
      optimizer.step()
      return loss
    } check: { result in
      let reference = loss(twin.double()(x.dtype.isFloatingPoint ? x.double() : x))
      reference.backward()
      try expect(result, [reference.item()], tolerance: 1e-5)
      for (parameter, twin) in zip(parameters, twin.parameters()) {
        guard let gradient = parameter.grad, let exact = twin.grad else {
          throw TensorError(.autograd, "Benchmark", "a parameter of shape \(parameter.shape) has no gradient")
        }
        try expect(gradient, exact.array(), tolerance: 1e-4)
      }
    }
  }
}
