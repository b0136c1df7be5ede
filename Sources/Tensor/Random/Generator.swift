internal import CTensorKernels
import Synchronization

/// A source of random numbers on a device, with PyTorch's stream for a seed.
///
/// On the CPU it is mt19937 and PyTorch's transforms of it, bit for bit. Draws are serialised by a lock.
public final class Generator: Sendable {
  /// The seed of a generator that was given none.
  public static let defaultSeed: UInt64 = 67_280_421_310_721

  /// The CPU's generator that functions use when none is given.
  public static let cpu = Generator()

  /// Where the generator fills tensors.
  public let device: Device
  private let engine = Mutex(Engine())

  private struct Engine: @unchecked Sendable {
    let state = UnsafeMutablePointer<st_generator>.allocate(capacity: 1)
  }

  /// Makes a generator of the CPU, which starts the stream of a seed.
  public init(seed: UInt64 = Generator.defaultSeed) {
    device = .cpu
    engine.withLock { st_generator_seed($0.state, seed) }
  }

  deinit { engine.withLock { $0.state.deallocate() } }

  /// The generator that functions use on a device when none is given: that of the scope, else the device's.
  package static func standard(for device: Device) throws(TensorError) -> Generator {
    if let generator = Scope.current?.generator, generator.device == device { return generator }
    if device.kind == .cpu { return cpu }
    throw TensorError(.device, "Generator", CUDA.missing(device))
  }

  func withState<Result>(_ body: (UnsafeMutablePointer<st_generator>) -> Result) -> Result {
    nonisolated(unsafe) let body = body
    return engine.withLock { engine in
      nonisolated(unsafe) let result = body(engine.state)
      return result
    }
  }
}

// MARK: - Seeds

extension Generator {
  /// The seed that the present stream was started with.
  public var initialSeed: UInt64 { withState { $0.pointee.seed } }

  /// Starts the stream of a seed and returns the generator.
  ///
  /// Seeds reach from -2^63 to 2^64 - 1, negative ones counting from 2^64 down; any other is an error. On the CPU only the
  /// low 32 bits matter, as in PyTorch.
  @discardableResult
  public func manualSeed(_ seed: some BinaryInteger) -> Generator {
    checked(or: ()) { () throws(TensorError) in
      guard Int64(exactly: seed) != nil || UInt64(exactly: seed) != nil else {
        throw TensorError(.value, "manualSeed", "seeds reach from -2^63 to 2^64 - 1, but got \(seed)")
      }
      withState { st_generator_seed($0, UInt64(truncatingIfNeeded: seed)) }
    }
    return self
  }

  /// Starts the stream of a seed taken from the system's source of randomness, and returns that seed.
  @discardableResult
  public func seed() -> UInt64 {
    let seed = UInt64.random(in: 0...UInt64.max)
    manualSeed(seed)
    return seed
  }
}

/// Seeds the generators that functions use when none is given, on all devices, and returns the CPU's.
///
/// `manualSeed(0)` followed by the same calls gives PyTorch's numbers for `torch.manual_seed(0)` on the CPU.
@discardableResult
public func manualSeed(_ seed: some BinaryInteger) -> Generator {
  (Scope.current?.generator ?? .cpu).manualSeed(seed)
}

/// Runs `body` with another generator for the functions that are given none, on its device; `manualSeed` seeds it too.
///
/// Draws inside do not mix with those of other tasks.
public func withGenerator<Result>(_ generator: Generator, _ body: () throws -> Result) rethrows -> Result {
  try Scope.$current.withValue(Scope.with(generator: .some(generator)), operation: body)
}

/// Runs an asynchronous `body` with another generator for the functions that are given none.
public func withGenerator<Result>(
  _ generator: Generator, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
  try await Scope.$current.withValue(
    Scope.with(generator: .some(generator)), operation: body, isolation: isolation)
}

// MARK: - State

extension Generator {
  /// A generator at the same point of the same stream.
  public func clone() -> Generator {
    let copy = Generator()
    copy.copyState(from: self)
    return copy
  }

  /// Continues another generator's stream from where that one stands.
  package func copyState(from other: Generator) {
    let state = other.withState { $0.pointee }
    withState { $0.pointee = state }
  }

  /// The point of the stream as PyTorch stores it: a uint8 tensor of 5056 bytes on the CPU.
  ///
  /// The bytes hold the seed, the position in the block, the block of 624 words and the second value of the last pair of
  /// normal values. Setting anything else than such a tensor is an error.
  public var state: Tensor {
    get { Tensor(bytes: withState { StateBytes($0.pointee).bytes }, shape: [StateBytes.count], dtype: .uint8) }
    set {
      checked(or: ()) { () throws(TensorError) in
        guard newValue.dtype == .uint8, newValue.count == StateBytes.count else {
          throw TensorError(
            .value, "Generator.state",
            "expected a uint8 tensor of \(StateBytes.count) elements, but got \(newValue.dtype) of shape "
              + "\(newValue.layout.shape)")
        }
        guard let state = StateBytes(bytes: newValue.array(as: UInt8.self)).state else {
          throw TensorError(.value, "Generator.state", "the bytes are no valid state of mt19937")
        }
        withState { $0.pointee = state }
      }
    }
  }
}

/// A generator's state in the 5056 bytes of PyTorch's format, little-endian.
private struct StateBytes {
  static let count = 5056
  /// Where the fields begin: the seed at 0, the rest here; what lies between is unused.
  private enum Field {
    static let (left, isSeeded, next, words, cachedNormal, hasCachedNormal) = (8, 12, 16, 24, 5024, 5040)
  }

  private(set) var bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  init(_ state: st_generator) {
    bytes = [UInt8](repeating: 0, count: StateBytes.count)
    store(state.seed, at: 0)
    store(state.left, at: Field.left)
    store(1 as Int32, at: Field.isSeeded)
    store(UInt64(state.next), at: Field.next)
    withUnsafeBytes(of: state.state) { words in
      for i in 0..<624 {
        store(UInt64(words.load(fromByteOffset: 4 * i, as: UInt32.self)), at: Field.words + 8 * i)
      }
    }
    store(state.has_cached_normal ? state.cached_normal.bitPattern : 0, at: Field.cachedNormal)
    store(Int32(state.has_cached_normal ? 1 : 0), at: Field.hasCachedNormal)
  }

  /// The state that the bytes hold; nil when a kernel could not go on from it.
  var state: st_generator? {
    var state = st_generator()
    state.seed = load(at: 0)
    state.left = load(at: Field.left)
    let next: UInt64 = load(at: Field.next)
    guard load(at: Field.isSeeded) as Int32 != 0, (1...624).contains(state.left), next <= 624 else { return nil }
    // The words that are left and those already drawn make a block; just after seeding none has been generated.
    guard state.left == 1 || Int(state.left) + Int(next) == 625 else { return nil }
    state.next = UInt32(next)
    withUnsafeMutableBytes(of: &state.state) { words in
      for i in 0..<624 {
        let word: UInt64 = load(at: Field.words + 8 * i)
        words.storeBytes(of: UInt32(truncatingIfNeeded: word), toByteOffset: 4 * i, as: UInt32.self)
      }
    }
    state.cached_normal = Double(bitPattern: load(at: Field.cachedNormal))
    state.has_cached_normal = load(at: Field.hasCachedNormal) as Int32 != 0
    return state
  }

  private mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(offset..<(offset + $0.count), with: $0) }
  }

  private func load<Value: FixedWidthInteger>(at offset: Int) -> Value {
    bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self)) }
  }
}
