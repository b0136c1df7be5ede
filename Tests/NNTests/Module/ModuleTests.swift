import NN
import Synchronization
import TestSupport
import Testing

/// A module as users write them: no base class, nothing to register.
private final class Net: Layer {
  let fc1 = Linear(3, 4), fc2 = Linear(4, 2, bias: false)
  let scale = Tensor.ones(1, requiresGrad: true)
  let seen = Tensor.zeros(1)
  let missing: Tensor? = nil
  let present: Tensor? = Tensor.ones(2)
  let blocks: [any Layer] = [Linear(2, 2), ReLU(), Dropout(p: 0.25)]
  let heads: [String: Linear] = ["b": Linear(2, 1), "a": Linear(2, 1)]
  let pair = (first: Linear(1, 1), second: Tensor.zeros(3))
  let parts = Parts()
  let numbers = [1.0, 2.0]

  struct Parts {
    let shift = Tensor.zeros(1, requiresGrad: true)
    let norm = Linear(1, 1, bias: false)
  }

  func forward(_ x: Tensor) -> Tensor { fc2(relu(fc1(x))) * scale }
}

/// A child that knows its parent.
private final class Child: Module {
  let weight = Tensor.ones(1, requiresGrad: true)
  nonisolated(unsafe) weak var parent: Parent?
}

private final class Parent: Module {
  let child = Child()
  let again: Child
  init() {
    again = child
    child.parent = self
  }
}

private class Base: Module, @unchecked Sendable {
  let first = Tensor.zeros(1)
}

private final class Derived: Base, @unchecked Sendable {
  let second = Tensor.zeros(1)
  func key(of property: String) -> String { property }
}

private final class Normal: Module {
  let runningMean = Tensor.zeros(2)
  func key(of property: String) -> String { property == "runningMean" ? "running_mean" : property }
}

@Suite(.everyDevice)
struct ModuleTests {
  @Test func stateIsFoundByName() {
    let net = Net()
    #expect(
      net.namedParameters().map(\.name) == [
        "scale", "parts.shift", "fc1.weight", "fc1.bias", "fc2.weight", "blocks.0.weight", "blocks.0.bias",
        "heads.a.weight", "heads.a.bias", "heads.b.weight", "heads.b.bias", "pair.first.weight", "pair.first.bias",
        "parts.norm.weight",
      ])
    #expect(net.namedBuffers().map(\.name) == ["seen", "present", "pair.second"])
    #expect(
      net.namedChildren().map(\.name) == [
        "fc1", "fc2", "blocks.0", "blocks.1", "blocks.2", "heads.a", "heads.b", "pair.first", "parts.norm",
      ])
    #expect(net.modules().count == 10)
    #expect(net.namedModules().first?.name == "")
    #expect(net.parameters().first === net.scale)
  }

  @Test func sequentialHasPositionsAsNames() {
    let model = Sequential(Linear(4, 3), ReLU(), Sequential(Linear(3, 2)))
    #expect(
      model.stateDict().keys == ["0.weight", "0.bias", "2.0.weight", "2.0.bias"])
    #expect(model.namedModules().map(\.name) == ["", "0", "1", "2", "2.0"])
  }

  @Test func keysCanDifferFromProperties() {
    #expect(Normal().stateDict().keys == ["running_mean"])
  }

  @Test func sharedObjectsCountOnce() {
    let parent = Parent()
    #expect(parent.namedParameters().map(\.name) == ["child.weight"])
    #expect(parent.namedChildren().map(\.name) == ["child"])
    #expect(parent.modules().count == 2)
    // As in PyTorch, a state has every name.
    #expect(parent.stateDict().keys == ["child.weight", "again.weight"])
  }

  @Test func superclassesComeFirst() {
    #expect(Derived().stateDict().keys == ["first", "second"])
  }

  @Test func frozenParametersStayParameters() {
    let model = Linear(2, 1)
    model.requiresGrad(false)
    #expect(model.parameters().count == 2)
    #expect(!model(Tensor.ones(1, 2)).requiresGrad)
    model.requiresGrad()
    #expect(model(Tensor.ones(1, 2)).requiresGrad)
  }

  @Test func trainAndEvalReachAllLayers() {
    let model = Sequential(Linear(3, 3), Sequential(Dropout(p: 1)))
    let x = Tensor.ones(2, 3)
    #expect(model.isTraining)
    expectEqual(model(x), [0, 0, 0, 0, 0, 0])
    #expect(model.eval() === model)
    #expect(!model.isTraining)
    #expect(model(x).doubles == model[0](x).doubles)
    model.train()
    #expect(model.isTraining)
  }

  @Test func applyGoesFromTheLeavesUp() {
    var visited: [String] = []
    let model = Sequential(Linear(1, 1), Sequential(ReLU()))
    model.apply { visited.append("\(type(of: $0))") }
    #expect(visited == ["Linear", "ReLU", "Sequential", "Sequential"])
  }

  @Test func zeroGradForgetsOrFills() {
    let model = Linear(2, 1)
    model(Tensor.ones(1, 2)).sum().backward()
    #expect(model.weight.grad != nil)
    model.zeroGrad(setToNil: false)
    expectEqual(model.weight.grad!, [0, 0])
    model.zeroGrad()
    #expect(model.weight.grad == nil && model.bias!.grad == nil)
  }

  @Test func modulesPrintAsInPyTorch() {
    #expect(Linear(10, 2).description == "Linear(inFeatures: 10, outFeatures: 2, bias: true)")
    let model = Sequential(Linear(2, 3, bias: false), Sequential(ReLU(), Dropout(p: 0.25)), Flatten())
    #expect(
      model.description == """
        Sequential(
          (0): Linear(inFeatures: 2, outFeatures: 3, bias: false)
          (1): Sequential(
            (0): ReLU()
            (1): Dropout(p: 0.25)
          )
          (2): Flatten(startDim: 1, endDim: -1)
        )
        """)
    #expect("\(Normal())" == "Normal()")
  }
}

@Suite(.everyDevice)
struct ModuleConversionTests {
  @Test(arguments: [DType.float16, .bfloat16, .float64])
  func castKeepsObjects(dtype: DType) {
    let model = Linear(3, 2)
    let weight = model.weight
    let expected = weight.to(dtype).doubles
    model(Tensor.ones(1, 3)).sum().backward()
    let gradient = weight.grad!
    #expect(model.to(dtype) === model)
    #expect(model.weight === weight && weight.dtype == dtype && weight.requiresGrad && weight.isLeaf)
    #expect(weight.doubles == expected)
    #expect(weight.grad === gradient && gradient.dtype == dtype)
    expectEqual(gradient, [1, 1, 1, 1, 1, 1])
    // Gradients go on accumulating in the new dtype.
    model(Tensor.ones(1, 3, dtype: dtype)).sum().backward()
    expectEqual(weight.grad!, [2, 2, 2, 2, 2, 2], dtype: dtype)
  }

  @Test func integerBuffersKeepTheirDType() {
    final class Counter: Module {
      let mean = Tensor.zeros(2)
      let count = Tensor([1, 2])
    }
    let counter = Counter().half()
    #expect(counter.mean.dtype == .float16 && counter.count.dtype == .int64)
    counter.float()
    #expect(counter.mean.dtype == .float32)
    expectError(.dtype, "Counter.to", "int32") { counter.to(.int32) }
  }

  @Test(arguments: LayoutCase.allCases)
  func layoutsSurvive(layout: LayoutCase) {
    final class Holder: Module {
      let value: Tensor
      init(_ value: Tensor) { self.value = value }
    }
    let value = layout.make(.make([1, 2, 3, 4, 5, 6], [2, 3], dtype: .float32))
    let (values, strides) = (value.doubles, value.strides)
    let holder = Holder(value).double()
    #expect(holder.value.strides == strides && holder.value.doubles == values && holder.value.dtype == .float64)
  }

  @Test func movingNowhereDoesNothing() {
    let model = Linear(2, 1)
    let version = model.weight.version
    model.to(model.weight.device).float()
    #expect(model.weight.version == version)
  }

  @Test(.enabled(if: !CUDA.isAvailable))
  func missingDeviceIsAnError() {
    let model = Linear(2, 1)
    expectError(.device, "cuda") { model.cuda() }
    #expect(model.weight.device == .cpu)
  }

  @Test func optimizersSurviveACast() {
    let model = Linear(2, 1, bias: false)
    model.weight.detach().copy(from: Tensor([[1.0, 2.0]]))
    let optimizer = SGD(model.parameters(), lr: 0.5, momentum: 0.5)
    model(Tensor.ones(1, 2)).sum().backward()
    optimizer.step()
    model.double()
    optimizer.zeroGrad()
    model(Tensor.ones(1, 2, dtype: .float64)).sum().backward()
    optimizer.step()
    // 1 - 0.5 * 1 - 0.5 * (0.5 * 1 + 1)
    expectEqual(model.weight, [-0.25, 0.75], dtype: .float64)
  }
}
