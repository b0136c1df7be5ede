import Autograd
import Foundation
import TestSupport
import Testing

/// Graphs that would overflow the stack if backward or release were recursive.
@Suite(.everyDevice) struct LongGraphTests {
  @Test func backwardAndReleaseOfAMillionOperations() {
    // An emulated GPU runs out of the system's mappings of memory beyond some 20,000 tensors.
    let count = Scope.defaultDevice == .cpu ? 1_000_000 : 10_000
    let x = Tensor([1.0]).requiresGrad()
    weak var last: Tensor?
    do {
      var y = x
      for _ in 0..<count { y = y * x }
      last = y
      y.backward()
    }
    #expect(last == nil)
    expectEqual(x.grad!, [Double(count + 1)])
  }

  /// Runs the body on a thread whose stack a recursion of a few thousand steps overflows.
  private func onASmallStack(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      let thread = Thread {
        body()
        continuation.resume()
      }
      thread.stackSize = 256 << 10
      thread.start()
    }
  }

  @Test func releaseOfSavedValues() async {
    await onASmallStack {
      let x = Tensor([1.0]).requiresGrad()
      weak var last: Tensor?
      do {
        var y = x
        for _ in 0..<5_000 { y = (y * y).exp() }
        last = y
      }
      #expect(last == nil)
    }
  }

  @Test func releaseOfListsOfOne() async {
    await onASmallStack {
      let x = Tensor([1.0]).requiresGrad()
      weak var last: Tensor?
      do {
        var y = x
        for _ in 0..<5_000 { y = cat([y]) }
        last = y
      }
      #expect(last == nil)
    }
  }

  /// Holds a tensor in the operation's value, through a closure.
  private struct Holding: DifferentiableFunction {
    let held: @Sendable () -> Tensor
    func forward(_ inputs: [Tensor], context: FunctionContext) -> Tensor { inputs[0] + 1 }
    func backward(_ gradient: Tensor, context: FunctionContext) -> [Tensor?] { [gradient] }
  }

  @Test func releaseOfClosuresAndHooks() async {
    await onASmallStack {
      let x = Tensor([1.0]).requiresGrad()
      weak var last: Tensor?
      do {
        var y = x
        for i in 0..<20_000 {
          let held = y
          if i % 2 == 0 {
            y = Holding { held }(x)
          } else {
            y = x * 2
            y.registerHook { _ in held }
          }
        }
        last = y
      }
      #expect(last == nil)
    }
  }

  @Test func writesToViews() async {
    await onASmallStack {
      let x = Tensor(1.0).requiresGrad()
      let buffer = Tensor.zeros(2)
      for _ in 0..<5_000 {
        buffer.select(dim: 0, index: 0).copy(from: buffer.select(dim: 0, index: 1) + x)
        buffer.select(dim: 0, index: 1).copy(from: buffer.select(dim: 0, index: 0) + x)
      }
      buffer.sum().backward()
      expectEqual(x.grad!, [19_999])
    }
  }
}

@Suite(.everyDevice) struct ConcurrencyTests {
  @Test func threadsShareLeaves() async {
    let w = Tensor([1.0, 2]).requiresGrad()
    await withTaskGroup { group in
      for _ in 0..<4 {
        group.addTask { for _ in 0..<250 { ((w * w).exp() * 0 + w * 3).sum().backward() } }
      }
    }
    expectEqual(w.grad!, [3000, 3000])
  }

  @Test func threadsShareAGraph() async {
    let x = Tensor([1.0, 2]).requiresGrad()
    let y = (x * x).sum()
    await withTaskGroup { group in
      for _ in 0..<4 { group.addTask { for _ in 0..<100 { y.backward(retainGraph: true) } } }
    }
    expectEqual(x.grad!, [800, 1600])
  }

  // Exactly one of the racing runs gets the saved values.
  @Test func onlyOneRunFreesAGraph() async {
    for _ in 0..<50 {
      let x = Tensor([1.0, 2]).requiresGrad()
      let y = (x * x).sum()
      let failures = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<3 {
          group.addTask {
            do {
              try withThrowingErrors { y.backward() }
              return false
            } catch { return true }
          }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(failures == 2)
      expectEqual(x.grad!, [2, 4])
    }
  }
}
