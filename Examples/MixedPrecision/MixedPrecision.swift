// Training in mixed precision: on the GPU in float16 when there is one, else on the CPU in bfloat16.
import ExampleSupport
import NN

@main
enum MixedPrecision {
  static func main() {
    var arguments = Arguments(
      usage: """
        Trains a linear layer in mixed precision.

        usage: MixedPrecision [--device cpu|cuda]
          --device cpu|cuda   where to compute (the GPU when there is one)
        """)
    let device = arguments.device() ?? (CUDA.isAvailable ? .cuda : .cpu)
    arguments.finish()
    let dtype: DType = device == .cpu ? .bfloat16 : .float16
    print("training on \(device) in \(dtype)")

    manualSeed(0)
    let model = Linear(10, 1).to(device)
    let inputs = Tensor.randn(64, 10).to(device)
    let targets = Tensor.randn(64, 1).to(device)

    let optimizer = SGD(model.parameters(), lr: 0.01)
    // Scales the loss up so that small gradients do not vanish in float16, and skips steps that overflowed.
    let scaler = GradScaler(device: device)
    for epoch in 1...10 {
      optimizer.zeroGrad()
      let loss = autocast(device, dtype: dtype) { mseLoss(model(inputs), targets) }
      scaler.scale(loss).backward()
      scaler.step(optimizer)
      scaler.update()
      print("epoch \(padded("\(epoch)", 2, right: true)), loss \(fixed(loss.item(), 6))")
    }
  }
}
