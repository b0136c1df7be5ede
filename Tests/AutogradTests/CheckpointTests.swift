import Autograd
import Synchronization
import TestSupport
import Testing

@Suite(.everyDevice) struct CheckpointTests {
  private let x = Tensor([[0.1, 0.2], [0.3, -0.4]], dtype: .float64, requiresGrad: true)
  private let w = Tensor([[0.5, -0.6], [0.7, 0.8]], dtype: .float64, requiresGrad: true)

  private func gradients(_ body: (Tensor) -> Tensor) -> [[Double]] {
    (body(x * 2) * 3).sum().backward()
    defer {
      x.zeroGrad()
      w.zeroGrad()
    }
    return [x.grad!.doubles, w.grad!.doubles]
  }

  @Test func gradientsEqualThoseWithout() {
    let w = w
    let body: @Sendable (Tensor) -> Tensor = { ($0.matmul(w).tanh() * $0).exp() }
    #expect(gradients(body) == gradients { checkpoint($0, body) })
    #expect(gradients(body) == gradients { checkpoint(checkpoint($0) { $0 * 1 }, body) })
  }

  @Test func runsTwiceAndKeepsNothing() {
    let counter = Counter()
    let y = checkpoint(x) { x in
      counter.increment()
      let middle = x.exp()
      counter.hold(middle)
      return middle * middle
    }
    #expect(counter.value == 1 && counter.held == nil)
    y.sum().backward()
    #expect(counter.value == 2)
  }

  @Test func randomNumbersAreRepeated() {
    let draw: @Sendable (Tensor) -> Tensor = { $0 * Tensor.rand(2, 2, dtype: .float64) }
    manualSeed(7)
    let plain = gradients { draw($0) * self.w }
    let next = Tensor.rand(1).doubles
    manualSeed(7)
    let w = w
    let checkpointed = gradients { checkpoint($0) { draw($0) * w } }
    #expect(plain == checkpointed)
    #expect(Tensor.rand(1).doubles == next)
  }

  @Test func capturedResultsGetGradientsOnce() {
    let x = Tensor([2.0]).requiresGrad()
    let y = x * x
    let z = checkpoint([x, y]) { $0[0] * $0[1] * y }
    z.backward()
    // x^5
    expectEqual(x.grad!, [80])
  }

  @Test func secondDerivatives() throws {
    let w = w
    try gradcheck([x]) { checkpoint($0[0]) { ($0 * w).exp() } }
    try gradgradcheck([x]) { checkpoint($0[0]) { ($0 * w).exp() } }
  }

  @Test func inputsMustNotChange() {
    let y = x * 2
    let z = checkpoint(y) { $0.exp() }
    y += 1
    expectError(.autograd, "is at version 1; expected version 0") { z.sum().backward() }
    #expect(!noGrad { checkpoint(x) { $0 * 2 } }.requiresGrad)
  }
}

private final class Counter: Sendable {
  private let count = Mutex(0)
  private let tensor = Mutex<WeakTensor>(WeakTensor())
  private struct WeakTensor: @unchecked Sendable { weak var value: Tensor? }

  func increment() { count.withLock { $0 += 1 } }
  func hold(_ new: Tensor) { tensor.withLock { $0.value = new } }
  var value: Int { count.withLock { $0 } }
  var held: Tensor? { tensor.withLock { $0.value } }
}
