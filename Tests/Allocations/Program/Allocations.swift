import CAllocations
import NN

/// Prints how many blocks of memory one call of each of these allocates, a line each: the mean of many, rounded up.
@main
enum Allocations {
  static func main() {
    let (a, b) = (Tensor.ones(4), Tensor.ones(4))
    let x = Tensor.ones(4, requiresGrad: true)
    let square = Tensor.ones(3, 3)
    report("a + b") { _ = a + b }
    report("a.exp()") { _ = a.exp() }
    report("square.matmul(square)") { _ = square.matmul(square) }
    report("square.sum(dim: 1)") { _ = square.sum(dim: 1) }
    report("square.t()") { _ = square.t() }
    report("x + b, recorded") { _ = x + b }
    report("x.exp(), recorded") { _ = x.exp() }
    report("a += b") { a += b }
    report("a.item()") { _ = a.sum().item() }

    let (model, inputs, targets) = (Linear(10, 1), Tensor.randn(20, 10), Tensor.randn(20, 1))
    let optimizer = SGD(model.parameters(), lr: 0.01)
    report("forward") { _ = mseLoss(model(inputs), targets) }
    report("training step") {
      optimizer.zeroGrad()
      mseLoss(model(inputs), targets).backward()
      optimizer.step()
    }
  }

  private static func report(_ name: String, _ call: () -> Void) {
    let calls = 100
    // The first calls fill caches.
    for _ in 0..<calls { call() }
    let before = allocation_count()
    for _ in 0..<calls { call() }
    let count = allocation_count() - before
    print("\(before < 0 ? -1 : (count + calls - 1) / calls)\t\(name)")
  }
}
