// Weight initialisation: the methods of Xavier and He on single tensors, then on a network of two layers.
import ExampleSupport
import NN

/// Two layers that start from He's and Xavier's weights and small biases.
final class Network: Layer {
  let fc1 = Linear(10, 50)
  let fc2 = Linear(50, 1)

  init() {
    Init.kaimingUniform(fc1.weight, nonlinearity: .relu)
    Init.xavierNormal(fc2.weight)
    for layer in [fc1, fc2] { Init.constant(layer.bias!, 0.01) }
  }

  func forward(_ x: Tensor) -> Tensor { fc2(relu(fc1(x))) }
}

@main
enum WeightInit {
  static func main() {
    var arguments = Arguments(
      usage: """
        Shows Xavier's and He's initialisation.

        usage: WeightInit [--device cpu|cuda]
          --device cpu|cuda   where the weights are (cpu)
        """)
    let device = arguments.device() ?? .cpu
    arguments.finish()
    withDefaultDevice(device) { initialise() }
  }

  private static func initialise() {
    manualSeed(0)
    let weight = Tensor.empty(3, 3)
    print("Xavier uniform:\n\(Init.xavierUniform(weight))")
    print("Xavier normal:\n\(Init.xavierNormal(weight))")
    print("He uniform:\n\(Init.kaimingUniform(weight, nonlinearity: .relu))")
    print("He normal:\n\(Init.kaimingNormal(weight, mode: .fanOut, nonlinearity: .relu))")
    print("normal:\n\(Init.normal(weight, mean: 0, std: 0.01))")

    manualSeed(0)
    let network = Network()
    for (name, parameter) in network.namedParameters() { print(name, parameter.shape) }
    print("the first row of fc1.weight:\n\(network.fc1.weight[0].detach())")
    noGrad { print("the output for ones:\n\(network(Tensor.ones(2, 10)))") }
  }
}
