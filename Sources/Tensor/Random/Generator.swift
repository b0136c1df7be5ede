internal import CTensorKernels
import Synchronization

/// A source of random numbers on a device, with PyTorch's stream for a seed.
///
/// On the CPU it is mt19937 and PyTorch's transforms of it, bit for bit. Draws are serialised by a lock.
public final class Generator: Sendable {
  /// Where the generator fills tensors.
  public let device: Device
  private let state: Mutex<State>

  private struct State: @unchecked Sendable {
    let generator = UnsafeMutablePointer<st_generator>.allocate(capacity: 1)
  }

  /// The generator that functions use when none is given.
  public static let cpu = Generator(seed: 67_280_421_310_721)

  /// Makes a generator of the CPU.
  public init(seed: UInt64 = 67_280_421_310_721) {
    device = .cpu
    state = Mutex(State())
    manualSeed(seed)
  }

  deinit { state.withLock { $0.generator.deallocate() } }

  /// Starts the stream of a seed; only its low 32 bits matter on the CPU, as in PyTorch.
  public func manualSeed(_ seed: UInt64) {
    state.withLock { st_generator_seed($0.generator, seed) }
  }

  func withState<Result>(_ body: (UnsafeMutablePointer<st_generator>) -> Result) -> Result {
    nonisolated(unsafe) let body = body
    return state.withLock { state in
      nonisolated(unsafe) let result = body(state.generator)
      return result
    }
  }
}
