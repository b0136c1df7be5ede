import Autograd
import TestSupport
import Testing

@Suite(.everyDevice) struct HookTests {
  @Test func hooksRunInOrderOnTheWholeGradient() {
    let x = Tensor([1.0, 2]).requiresGrad()
    let y = x * 2
    let log = Recorded()
    y.registerHook { gradient in
      log.append(gradient.clone())
      return gradient * 10
    }
    y.registerHook { gradient in
      log.append(gradient.clone())
      return nil
    }
    y.retainGrad()
    (y + y * y).sum().backward()
    expectEqual(log.tensors[0], [5, 9])
    expectEqual(log.tensors[1], [50, 90])
    expectEqual(y.grad!, [50, 90])
    expectEqual(x.grad!, [100, 180])
  }

  @Test func leafHooksSeeTheSumOnce() {
    let x = Tensor([1.0, 2]).requiresGrad()
    let log = Recorded()
    let handle = x.registerHook { gradient in
      log.append(gradient.clone())
      return gradient * 2
    }
    (x * 3 + x).sum().backward()
    #expect(log.tensors.count == 1)
    expectEqual(log.tensors[0], [4, 4])
    expectEqual(x.grad!, [8, 8])
    handle.remove()
    handle.remove()
    x.zeroGrad()
    (x * 3).sum().backward()
    expectEqual(x.grad!, [3, 3])
  }

  @Test func hooksAfterAccumulation() {
    let (x, w) = (Tensor([1.0, 2]).requiresGrad(), Tensor([3.0, 4]).requiresGrad())
    let log = Recorded()
    for (name, tensor) in [("x", x), ("w", w)] {
      tensor.registerPostAccumulateGradHook { leaf in
        log.append(name)
        log.append(leaf.grad!)
        leaf.grad = nil
      }
    }
    (x * w).sum().backward()
    #expect(log.log.sorted() == ["w", "x"])
    #expect(x.grad == nil && w.grad == nil)
    expectError(.autograd, "cannot be registered on non-leaf tensors") {
      (x * 2).registerPostAccumulateGradHook { _ in }
    }
  }

  // A leaf is done as soon as the last operation that reads it is: the earlier parts run afterwards.
  @Test func leavesAccumulateAsSoonAsTheyAreReady() {
    let (first, second) = (Tensor([1.0]).requiresGrad(), Tensor([2.0]).requiresGrad())
    let log = Recorded()
    first.registerPostAccumulateGradHook { _ in log.append("first") }
    second.registerPostAccumulateGradHook { _ in log.append("second") }
    let early = first.exp()
    early.registerHook { _ in
      log.append("early")
      return nil
    }
    (early * second).sum().backward()
    #expect(log.log == ["second", "early", "first"])
  }

  @Test func retainGradAccumulates() {
    let x = Tensor([1.0, 2]).requiresGrad()
    let y = x * 2
    y.retainGrad()
    #expect(y.retainsGrad && !x.retainsGrad)
    y.sum().backward()
    y.sum().backward()
    expectEqual(y.grad!, [2, 2])
    expectError(.autograd, "can't retain") { Tensor([1.0]).retainGrad() }
    expectError(.autograd, "cannot register a hook") { Tensor([1.0]).registerHook { $0 } }
  }
}
