// Element types and devices: what each conversion of a tensor gives.
import ExampleSupport
import NN

@main
enum TypeConversion {
  static func main() {
    var arguments = Arguments(
      usage: """
        Shows what each conversion of a tensor gives.

        usage: TypeConversion [--device cpu|cuda]
          --device cpu|cuda   where the tensors are made (cpu)
        """)
    let device = arguments.device() ?? .cpu
    arguments.finish()
    withDefaultDevice(device) { convert() }
  }

  private static func convert() {
    let integers = Tensor([1, 2, 3], dtype: .int32)
    print("int32:", integers)
    print("to float32:", integers.float())
    print("to float64:", integers.double())
    print("to float16:", integers.half())
    print("to bfloat16:", integers.bfloat16())
    print("to bool:", (integers - 1).bool())

    let floats = Tensor([1.1, -2.7, 3.9])
    print("float32:", floats)
    print("to int32, cut toward zero:", floats.int())
    print("to int64:", floats.long())
    print("to int16:", floats.short())
    print("to int8:", floats.char())
    print("to uint8, wrapped:", floats.to(.uint8))
    print("to float64, every digit of the float32:", floats.double())
    print("to bfloat16, three digits:", Tensor([3.14159, 2.71828]).bfloat16())
    print("to float16, too large:", Tensor([65504.0, 70000]).half())

    // Numbers take the tensor's dtype, mixed tensors the wider one.
    print("int32 + 1:", integers + 1)
    print("int32 * 0.5:", integers * 0.5)
    print("int32 + float64:", integers + integers.double())

    print("on \(integers.device):", integers)
    if CUDA.isAvailable {
      let onGPU = integers.to(.cuda)
      print("to .cuda:", onGPU)
      print("back to .cpu:", onGPU.to(.cpu))
    } else {
      print("no GPU: conversions between devices are left out")
    }
  }
}
