// The samples of the module Autograd's pages.
import NN

enum AutogradPages {
  static func run() throws {
    overview()
    try checking()
    recording()
    values()
  }

  static func overview() {
    let x = Tensor([[1.0, 2], [3, 4]], requiresGrad: true)
    let y = (x ** 2 + 3 * x).sum()
    y.backward()
    print(x.grad!)
  }

  static func checking() throws {
    let point = Tensor([0.5, -1.5], dtype: .float64, requiresGrad: true)
    try gradcheck([point]) { inputs in (inputs[0] * inputs[0].exp()).sum() }
  }

  static func recording() {
    let weight = Tensor([2.0, -1], requiresGrad: true)
    let frozen = noGrad { weight * 2 }
    let cut = weight.detach()
    print(frozen.requiresGrad, cut.requiresGrad)
  }

  static func values() {
    let t = Tensor(3.0, requiresGrad: true)
    let cube = t * t * t
    let slope = grad(outputs: [cube], inputs: [t], createGraph: true)[0]!
    let curvature = grad(outputs: [slope], inputs: [t])[0]!
    print(slope.item(as: Double.self), curvature.item(as: Double.self))
  }
}
