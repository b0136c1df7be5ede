// The samples of the module Tensor's pages.
import NN

enum TensorPages {
  static func run() throws {
    overview()
    elementTypes()
    try errors()
    randomNumbers()
    views()
  }

  static func overview() {
    manualSeed(0)
    let a = Tensor([[1.0, 2], [3, 4]])
    let b = a.matmul(a.t()) + Tensor.rand(2, 2)
    print(b.sum(dim: 1), b.shape, b.dtype)
  }

  static func elementTypes() {
    let integers = Tensor([1, 2, 3])
    let floats = Tensor([1.5, 2, 3])
    let halves = Tensor([1.5, 2, 3], dtype: .float16)
    print(integers.dtype, floats.dtype, halves.dtype)

    let small = Tensor([1, 2], dtype: .uint8)
    print((small + 1).dtype)
    print((small + 1.5).dtype)
    print((small + Tensor([1, 2], dtype: .int8)).dtype)

    print(Tensor([1.1, 2.2, -3.9]).int())
    print(Tensor([0, 1, 2]).bool())
    print(Tensor([1, 2]).to(.float64))
  }

  static func errors() throws {
    do {
      try withThrowingErrors {
        let sum = Tensor.ones(2, 3) + Tensor.ones(2, 4)
        print(sum.mean())
      }
    } catch let error as TensorError {
      print(error.kind, error)
    }
  }

  static func randomNumbers() {
    manualSeed(42)
    let noise = Tensor.randn(2, 3)
    let dice = Tensor.randint(1, 7, [5])
    let order = Tensor.randperm(10)
    print(noise, dice, order)

    let own = Generator(seed: 7)
    let first = Tensor.rand(3, generator: own)
    own.manualSeed(7)
    print(first, Tensor.rand(3, generator: own))

    let same = withGenerator(Generator(seed: 7)) { Tensor.rand(3) }
    print(same)
  }

  static func views() {
    let x = Tensor.arange(12).reshape(3, 4)
    let column = x[0..., 1]
    column.fill(0)
    print(x)

    let y = Tensor.arange(24).reshape(2, 3, 4)
    print(y[0].shape, y[0..., 1..<3].shape, y[.ellipsis, -1].shape)
    print(y[0, .newAxis].shape, y[.ellipsis, .slice(1, -1)].shape)

    let z = Tensor([3.0, -1, 2, -5])
    z[z .< 0] = 0
    z[Tensor([0, 2])] += 10
    print(z)
  }

  // These compute on a GPU: compiled, not run.

  static func devices() {
    if let reason = CUDA.unavailableReason { print(reason) }
    if let gpu = CUDA.properties() { print(gpu.name, gpu.totalMemory, gpu.nvrtcVersion, gpu.hasCuBLASLt) }

    let (model, x) = withDefaultDevice(.cuda) { (Linear(10, 1), Tensor.randn(64, 10)) }
    let y = model(x)
    print(y.device, y.to(.cpu).device)  // .cuda(0) .cpu
  }

  static func laterErrors() {
    do {
      try withThrowingErrors {
        let x = Tensor.zeros(3, device: .cuda)
        print(x[Tensor([0, 5], device: .cuda)].shape)  // [2]
      }
    } catch {
      print(error)  // subscript: index 5 is out of bounds for dimension 0 with size 3
    }
  }

  static func deviceMemory() {
    let table = Tensor.zeros(1024, 1024, device: .cuda)
    print(CUDA.memoryAllocated(), CUDA.maxMemoryAllocated())  // bytes in tensors, now and at most
    print(CUDA.memoryReserved(), CUDA.memoryInfo().free)  // bytes taken from the driver, and left on the GPU
    print(table.shape)
  }

  static func severalDevices() {
    let here = Tensor.ones(3, device: .cuda(0))
    let there = here.to(.cuda(1))
    print(there.device)  // .cuda(1)
  }

  static func processor() {
    print(CPU.instructionSet, CPU.threadCount)  // such as: avx512 8
  }
}
