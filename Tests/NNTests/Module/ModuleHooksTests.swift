import NN
import Synchronization
import TestSupport
import Testing

@Suite(.everyDevice)
struct ModuleHooksTests {
  private final class Double: Layer {
    func forward(_ x: Tensor) -> Tensor { x * 2 }
  }

  private final class Log: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test func hooksRunInOrder() {
    let (layer, log) = (Double(), Log())
    let first = layer.registerForwardHook { _, _, _ in
      log.add("after 1")
      return nil
    }
    layer.registerForwardHook(prepend: true) { _, _, _ in
      log.add("after 0")
      return nil
    }
    layer.registerForwardPreHook { module, _ in
      log.add("before \(module === layer)")
      return nil
    }
    expectEqual(layer(Tensor([1.0])), [2])
    #expect(log.all == ["before true", "after 0", "after 1"])
    first.remove()
    _ = layer(Tensor([1.0]))
    #expect(log.all == ["before true", "after 0", "after 1", "before true", "after 0"])
    // `forward` itself runs no hooks.
    _ = layer.forward(Tensor([1.0]))
    #expect(log.all.count == 5)
  }

  @Test func hooksReplaceInputAndOutput() {
    let layer = Double()
    let before = layer.registerForwardPreHook { _, x in x + 1 }
    let after = layer.registerForwardHook { _, x, y in x * 10 + y }
    expectEqual(layer(Tensor([1.0])), [24])
    before.remove()
    expectEqual(layer(Tensor([1.0])), [12])
    after.remove()
    expectEqual(layer(Tensor([1.0])), [2])
  }

  @Test func otherObjectsAreNotHooked() {
    let (hooked, other) = (Double(), Double())
    let handle = hooked.registerForwardHook { _, _, y in y + 1 }
    defer { handle.remove() }
    expectEqual(other(Tensor([1.0])), [2])
    expectEqual(Sequential(hooked, other)(Tensor([1.0])), [6])
  }

  @Test func hooksGoWithTheirModule() {
    // Later objects may have the addresses of earlier ones.
    for _ in 0..<100 {
      let layer = Double()
      expectEqual(layer(Tensor([1.0])), [2])
      layer.registerForwardHook { _, _, y in y + 1 }
      expectEqual(layer(Tensor([1.0])), [3])
    }
  }

  @Test func profilersSeeLayers() {
    final class Sink: ProfilerSink {
      let layers = Mutex<[String]>([])
      func didRun(_ operation: String, shapes: [[Int]], duration: Duration) {}
      func didRun(layer: String, shape: [Int], duration: Duration) {
        layers.withLock { $0.append("\(layer) \(shape)") }
      }
    }
    let sink = Sink()
    _ = profile(sink) { Sequential(Double(), Identity())(Tensor.ones(2, 3)) }
    #expect(sink.layers.withLock { $0 } == ["Double [2, 3]", "Identity [2, 3]", "Sequential [2, 3]"])
  }
}
