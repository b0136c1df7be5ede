import Autograd
import Synchronization

/// Collects what hooks and other escaping closures see.
final class Recorded: Sendable {
  private let values = Mutex<[Tensor]>([])
  private let texts = Mutex<[String]>([])

  func append(_ tensor: Tensor) { values.withLock { $0.append(tensor) } }
  func append(_ text: String) { texts.withLock { $0.append(text) } }
  var tensors: [Tensor] { values.withLock { $0 } }
  var log: [String] { texts.withLock { $0 } }
}
