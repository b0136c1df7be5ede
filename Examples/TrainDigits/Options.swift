import ExampleSupport
import NN

/// What the command line asks for.
struct Options {
  static let usage = """
    Trains a small network on 1,797 handwritten digits and tests it on a fifth that it has not seen.

    usage: TrainDigits [options]
      --device cpu|cuda   where to compute (cpu)
      --amp               mixed precision: bfloat16 on the CPU, float16 with loss scaling on a GPU
      --epochs N          passes over the training images, 1 to 10000 (20)
      --seed N            for the split, the weights and the order of the images (0)
      --picture PATH      where to write the curves of loss and accuracy, as SVG (digits.svg)
      --model PATH        where to write the trained network, as safetensors (digits.safetensors)
      --help              this text

    The digits: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository
    (1998), https://doi.org/10.24432/C50P49, CC BY 4.0.
    """

  let device: Device
  let amp: Bool
  let epochs: Int
  let seed: Int
  let picture: String
  let model: String

  /// Reads the command line; ends the program with the usage if it is wrong.
  init() {
    var arguments = Arguments(usage: Options.usage)
    device = arguments.device() ?? .cpu
    amp = arguments.flag("--amp")
    epochs = arguments.integer("--epochs", in: 1...10000) ?? 20
    seed = arguments.integer("--seed", in: 0...Int.max) ?? 0
    picture = arguments.option("--picture", expected: "a path") { $0.isEmpty ? nil : $0 } ?? "digits.svg"
    model = arguments.option("--model", expected: "a path") { $0.isEmpty ? nil : $0 } ?? "digits.safetensors"
    arguments.finish()
  }
}
