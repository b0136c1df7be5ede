internal import CTensorCUDA
internal import CTensorKernels
import Synchronization

/// A source of random numbers on a device, with PyTorch's stream for a seed.
///
/// On the CPU it is mt19937 and PyTorch's transforms of it, bit for bit; on a GPU Philox4x32-10, drawn from by the launches
/// that PyTorch's kernels make: fills of more elements than the GPU has threads at once depend on the GPU. Draws are
/// serialised by a lock.
public final class Generator: Sendable {
  /// The seed of a generator that was given none.
  public static let defaultSeed: UInt64 = 67_280_421_310_721

  /// The CPU's generator that functions use when none is given.
  public static let cpu = Generator()

  /// The generator of the GPU with this index, from 0, that functions use when none is given.
  public static func cuda(_ index: Int = 0) -> Generator {
    gpus.withLock { gpus in
      if let generator = gpus.generators[index] { return generator }
      let generator = Generator(seed: gpus.seed, device: .cuda(index))
      gpus.generators[index] = generator
      return generator
    }
  }

  /// The default generators of GPUs, made when they are first asked for, from the seed that was set last.
  private struct GPUs: Sendable {
    var seed = defaultSeed
    var generators: [Int: Generator] = [:]
  }
  private static let gpus = Mutex(GPUs())

  /// Where the generator fills tensors.
  public let device: Device
  private let engine: Mutex<Engine>

  private enum Engine: @unchecked Sendable {
    case mersenneTwister(UnsafeMutablePointer<st_generator>)
    case philox(UnsafeMutablePointer<st_cuda_generator>)
  }

  /// Makes a generator of a device, which starts the stream of a seed.
  public init(seed: UInt64 = Generator.defaultSeed, device: Device = .cpu) {
    self.device = device
    if device.kind == .cpu {
      let state = UnsafeMutablePointer<st_generator>.allocate(capacity: 1)
      st_generator_seed(state, seed)
      engine = Mutex(.mersenneTwister(state))
    } else {
      let state = UnsafeMutablePointer<st_cuda_generator>.allocate(capacity: 1)
      state.initialize(to: st_cuda_generator(seed: seed, offset: 0))
      engine = Mutex(.philox(state))
    }
  }

  deinit {
    engine.withLock { engine in
      switch engine {
      case .mersenneTwister(let state): state.deallocate()
      case .philox(let state): state.deallocate()
      }
    }
  }

  /// The generator that functions use on a device when none is given: that of the scope, else the device's.
  package static func standard(for device: Device) throws(TensorError) -> Generator {
    if let generator = Scope.current?.generators.first(where: { $0.device == device }) { return generator }
    if device.kind == .cpu { return cpu }
    _ = try device.backend(for: "Generator")
    return cuda(device.index)
  }

  /// The generators that functions use when none is given, on all devices that drew numbers or may have.
  package static var standards: [Generator] {
    let scoped = Scope.current?.generators ?? []
    let defaults = [cpu] + gpus.withLock { $0.generators.values.sorted { $0.device.index < $1.device.index } }
    return scoped + defaults.filter { own in !scoped.contains { $0.device == own.device } }
  }

  /// Seeds the default generators of all devices, those too that are made later.
  fileprivate static func seedDefaults(_ seed: UInt64) {
    cpu.start(seed)
    gpus.withLock { gpus in
      gpus.seed = seed
      for generator in gpus.generators.values { generator.start(seed) }
    }
  }

  /// Calls `body` with the state of a CPU's generator.
  func withState<Result>(_ body: (UnsafeMutablePointer<st_generator>) -> Result) -> Result {
    nonisolated(unsafe) let body = body
    return engine.withLock { engine in
      guard case .mersenneTwister(let state) = engine else {
        fatalError("Generator: \(device) has another kind of state")
      }
      nonisolated(unsafe) let result = body(state)
      return result
    }
  }

  /// Calls `body` with the state of a GPU's generator, whose address never changes.
  func withPhilox<Result>(_ body: (UnsafeMutablePointer<st_cuda_generator>) -> Result) -> Result {
    nonisolated(unsafe) let body = body
    return engine.withLock { engine in
      guard case .philox(let state) = engine else { fatalError("Generator: \(device) has another kind of state") }
      nonisolated(unsafe) let result = body(state)
      return result
    }
  }

  private func start(_ seed: UInt64) {
    if device.kind == .cpu {
      withState { st_generator_seed($0, seed) }
    } else {
      withPhilox { $0.pointee = st_cuda_generator(seed: seed, offset: 0) }
    }
  }
}

// MARK: - Seeds

extension Generator {
  /// The seed that the present stream was started with.
  public var initialSeed: UInt64 {
    device.kind == .cpu ? withState { $0.pointee.seed } : withPhilox { $0.pointee.seed }
  }

  /// Starts the stream of a seed and returns the generator.
  ///
  /// Seeds reach from -2^63 to 2^64 - 1, negative ones counting from 2^64 down; any other is an error. On the CPU only the
  /// low 32 bits matter, as in PyTorch.
  @discardableResult
  public func manualSeed(_ seed: some BinaryInteger) -> Generator {
    checked(or: ()) { () throws(TensorError) in start(try checkedSeed(seed)) }
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

private func checkedSeed(_ seed: some BinaryInteger) throws(TensorError) -> UInt64 {
  guard Int64(exactly: seed) != nil || UInt64(exactly: seed) != nil else {
    throw TensorError(.value, "manualSeed", "seeds reach from -2^63 to 2^64 - 1, but got \(seed)")
  }
  return UInt64(truncatingIfNeeded: seed)
}

/// Seeds the generators that functions use when none is given, on all devices, and returns the CPU's.
///
/// `manualSeed(0)` followed by the same calls gives PyTorch's numbers for `torch.manual_seed(0)`. Inside `withGenerator` it
/// seeds the generators of the scope.
@discardableResult
public func manualSeed(_ seed: some BinaryInteger) -> Generator {
  let scoped = Scope.current?.generators ?? []
  checked(or: ()) { () throws(TensorError) in
    let seed = try checkedSeed(seed)
    if scoped.isEmpty { Generator.seedDefaults(seed) }
    for generator in scoped { generator.manualSeed(seed) }
  }
  return scoped.first { $0.device == .cpu } ?? .cpu
}

/// Runs `body` with another generator for the functions that are given none, on its device; `manualSeed` seeds it too.
///
/// Draws inside do not mix with those of other tasks.
public func withGenerator<Result>(_ generator: Generator, _ body: () throws -> Result) rethrows -> Result {
  try Scope.$current.withValue(Scope.with(generators: [generator]), operation: body)
}

/// Runs an asynchronous `body` with another generator for the functions that are given none.
public func withGenerator<Result>(
  _ generator: Generator, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async rethrows -> Result {
  try await Scope.$current.withValue(
    Scope.with(generators: [generator]), operation: body, isolation: isolation)
}

// MARK: - State

extension Generator {
  /// A generator at the same point of the same stream.
  public func clone() -> Generator {
    let copy = Generator(device: device)
    copy.copyState(from: self)
    return copy
  }

  /// Continues another generator's stream from where that one stands.
  package func copyState(from other: Generator) {
    if device.kind == .cpu {
      let state = other.withState { $0.pointee }
      withState { $0.pointee = state }
    } else {
      let state = other.withPhilox { $0.pointee }
      withPhilox { $0.pointee = state }
    }
  }

  /// The point of the stream as PyTorch stores it: a uint8 tensor of 5056 bytes on the CPU, of 16 bytes for a GPU.
  ///
  /// The bytes hold the seed, the position in the block, the block of 624 words and the second value of the last pair of
  /// normal values; a GPU's the seed and the offset. The tensor is on the CPU. Setting anything else than such a tensor is
  /// an error.
  public var state: Tensor {
    get { Tensor(bytes: stateBytes, shape: [stateByteCount], dtype: .uint8, device: .cpu) }
    set {
      checked(or: ()) { () throws(TensorError) in
        guard newValue.dtype == .uint8, newValue.count == stateByteCount else {
          throw TensorError(
            .value, "Generator.state",
            "expected a uint8 tensor of \(stateByteCount) elements, but got \(newValue.dtype) of shape "
              + "\(newValue.layout.shape)")
        }
        try setState(newValue.array(as: UInt8.self))
      }
    }
  }

  private var stateByteCount: Int { device.kind == .cpu ? StateBytes.count : 16 }

  private var stateBytes: [UInt8] {
    if device.kind == .cpu { return withState { StateBytes($0.pointee).bytes } }
    let state = withPhilox { $0.pointee }
    return [state.seed, state.offset].flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
  }

  private func setState(_ bytes: [UInt8]) throws(TensorError) {
    if device.kind == .cpu {
      guard let state = StateBytes(bytes: bytes).state else {
        throw TensorError(.value, "Generator.state", "the bytes are no valid state of mt19937")
      }
      withState { $0.pointee = state }
    } else {
      let words = bytes.withUnsafeBytes { bytes in
        (0..<2).map { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) }
      }
      guard words[1] % 4 == 0 else {
        throw TensorError(.value, "Generator.state", "the offset must be a multiple of 4, but got \(words[1])")
      }
      withPhilox { $0.pointee = st_cuda_generator(seed: words[0], offset: words[1]) }
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
