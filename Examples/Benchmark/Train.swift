import NN

extension Case {
  /// Whole training steps.
  static let training: [Case] = [
    Case(name: "train/seed", flops: 3 * 2 * 20 * 10, bytes: 0) {
      let task = SeedTask()
      // The loss of PyTorch's first step from the same seed.
      return Work([0.6958712339401245], tolerance: 1e-6) {
        task.optimizer.zeroGrad()
        let loss = mseLoss(task.model(task.inputs), task.targets)
        loss.backward()
        task.optimizer.step()
        return loss
      }
    },
    Case(name: "train/seed_amp", flops: 3 * 2 * 20 * 10, bytes: 0) {
      let task = SeedTask()
      let scaler = GradScaler(device: .cpu)
      return Work([0.6954797506332397], tolerance: 2e-3) {
        task.optimizer.zeroGrad()
        let loss = autocast(.cpu, dtype: .bfloat16) { mseLoss(task.model(task.inputs), task.targets) }
        scaler.scale(loss).backward()
        scaler.step(task.optimizer)
        scaler.update()
        return loss
      }
    },
  ]

  /// One linear layer on twenty rows of random numbers.
  private struct SeedTask {
    let model: Linear
    let inputs: Tensor
    let targets: Tensor
    let optimizer: SGD

    init() {
      manualSeed(0)
      model = Linear(10, 1)
      inputs = Tensor.randn(20, 10)
      targets = Tensor.randn(20, 1)
      optimizer = SGD(model.parameters(), lr: 0.01)
    }
  }
}
