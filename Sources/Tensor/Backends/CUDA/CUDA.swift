internal import CTensorCUDA

/// NVIDIA GPUs, found at run time; one binary runs with and without one.
///
/// The driver, NVRTC, cuBLASLt and cuDNN are looked for at the first question, once per process, in this order: the
/// environment variables `SWIFT_TENSOR_CUDA_DRIVER`, `SWIFT_TENSOR_CUDA_NVRTC`, `SWIFT_TENSOR_CUDA_CUBLASLT` and
/// `SWIFT_TENSOR_CUDA_CUDNN` (a file or a directory each) and `SWIFT_TENSOR_CUDA_LIBRARIES` (a directory of all), the
/// system's loader, `$CUDA_HOME`, `$CUDA_PATH`, `/usr/local/cuda`, WSL's directory, the NVIDIA wheels of an active
/// Python environment and `/usr/local/nvidia/lib64`.
///
/// Kernels are compiled when they are first used, and kept under `SWIFT_TENSOR_CUDA_CACHE`, by default
/// `$XDG_CACHE_HOME/swift-tensor/cuda` or `~/.cache/swift-tensor/cuda`; an empty text keeps none. With
/// `SWIFT_TENSOR_CUDA_SYNC=1` every launch is waited for, so that an error names its kernel; with
/// `SWIFT_TENSOR_CUDA_NO_MEMORY_CACHING=1` freed memory goes back to the driver at once.
public enum CUDA {
  /// Whether a GPU can be used.
  public static var isAvailable: Bool { unavailableReason == nil }

  /// The number of GPUs that can be used; 0 where a needed library is missing.
  public static var deviceCount: Int { Int(st_cuda_device_count()) }

  /// Why no GPU can be used, with every path that was tried; nil when one can.
  public static var unavailableReason: String? {
    guard let failure = st_cuda_failure() else { return nil }
    var report = String(cString: st_cuda_report())
    while report.last == "\n" { report.removeLast() }
    return "\(String(cString: failure)). Tried:\n\(report)"
  }

  /// The text of the error for a device that is not there.
  static func missing(_ device: Device) -> String {
    if let reason = unavailableReason { return "\(device) is not available: \(reason)" }
    return "\(device) is not available: there are \(deviceCount) CUDA devices"
  }

  /// Whether float32 matrix products and convolutions may use TensorFloat-32, which keeps 10 bits of the factors; false
  /// from the start.
  ///
  /// It counts for all GPUs and threads, from the next product on.
  public static var allowsTF32: Bool {
    get { st_cuda_allow_tf32() }
    set { st_cuda_set_allow_tf32(newValue) }
  }

  /// Whether cuDNN may compute convolutions, where it was found; true from the start, unless the environment has
  /// `SWIFT_TENSOR_CUDA_NO_CUDNN=1`.
  ///
  /// It counts for all GPUs and threads, from the next convolution on. Of cuDNN's algorithms only those are used that
  /// add products up in a fixed order.
  public static var allowsCuDNN: Bool {
    get { st_cuda_allow_cudnn() }
    set { st_cuda_set_allow_cudnn(newValue) }
  }

  /// Waits until all work on a GPU is done, and raises what it met, such as an index out of range.
  ///
  /// It is an error while a graph is recorded, and for a device that is no GPU.
  public static func synchronize(_ device: Device = .cuda) {
    checked(or: ()) { () throws(TensorError) in try backend(device, "synchronize").synchronize() }
  }

  static func backend(_ device: Device, _ operation: String) throws(TensorError) -> CUDABackend {
    guard device.kind == .cuda else {
      throw TensorError(.device, operation, "expected a CUDA device, but got \(device)")
    }
    return try CUDABackend.of(device, for: operation)
  }
}

// MARK: - What a GPU is

extension CUDA {
  /// What a GPU is, by its driver's words.
  public struct Properties: Sendable, Hashable {
    /// Its name, such as "NVIDIA H200".
    public let name: String
    /// The compute capability, such as (9, 0).
    public let major: Int
    /// The second number of the compute capability.
    public let minor: Int
    /// How many multiprocessors it has.
    public let multiprocessorCount: Int
    /// Its memory in bytes.
    public let totalMemory: Int
    /// The newest CUDA version that the driver knows, such as "13.0".
    public let driverVersion: String
    /// The version of the compiler that was found, such as "13.0".
    public let nvrtcVersion: String
    /// Whether cuBLASLt was found; products are slower without.
    public let hasCuBLASLt: Bool
    /// Whether cuDNN was found; convolutions are slower without.
    public let hasCuDNN: Bool
  }

  /// The properties of a GPU; nil after an error in an error scope.
  public static func properties(_ device: Device = .cuda) -> Properties? {
    checked(or: nil) { () throws(TensorError) in
      var raw = st_cuda_properties_of(try backend(device, "properties").handle)
      let name = withUnsafeBytes(of: &raw.name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return Properties(
        name: name, major: Int(raw.major), minor: Int(raw.minor), multiprocessorCount: Int(raw.multiprocessors),
        totalMemory: raw.memory, driverVersion: version(raw.driver), nvrtcVersion: version(raw.nvrtc),
        hasCuBLASLt: raw.has_cublaslt, hasCuDNN: raw.has_cudnn)
    }
  }

  private static func version(_ number: Int32) -> String { "\(number / 1000).\(number % 1000 / 10)" }
}

// MARK: - Memory

extension CUDA {
  /// The bytes that tensors on a GPU take, in blocks of at least 512; 0 after an error in an error scope.
  public static func memoryAllocated(_ device: Device = .cuda) -> Int { memory(device)?.allocated ?? 0 }
  /// The most bytes that tensors on a GPU took since the start or `resetPeakMemoryStats`.
  public static func maxMemoryAllocated(_ device: Device = .cuda) -> Int { memory(device)?.max_allocated ?? 0 }
  /// The bytes that were taken from the driver: tensors' and those kept for later ones.
  public static func memoryReserved(_ device: Device = .cuda) -> Int { memory(device)?.reserved ?? 0 }
  /// The most bytes that were taken from the driver since the start or `resetPeakMemoryStats`.
  public static func maxMemoryReserved(_ device: Device = .cuda) -> Int { memory(device)?.max_reserved ?? 0 }
  /// The free bytes and all bytes of a GPU, all processes counted.
  public static func memoryInfo(_ device: Device = .cuda) -> (free: Int, total: Int) {
    memory(device).map { ($0.free, $0.total) } ?? (0, 0)
  }

  /// Sets the peaks to what is in use now.
  public static func resetPeakMemoryStats(_ device: Device = .cuda) {
    checked(or: ()) { () throws(TensorError) in st_cuda_reset_peaks(try backend(device, "resetPeakMemoryStats").handle)
    }
  }

  /// Gives memory that no tensor and no graph uses back to the driver; waits for all work.
  public static func emptyCache(_ device: Device = .cuda) {
    checked(or: ()) { () throws(TensorError) in
      let backend = try CUDA.backend(device, "emptyCache")
      try backend.check(st_cuda_empty_cache(backend.handle), "emptyCache", .uint8)
    }
  }

  private static func memory(_ device: Device) -> st_cuda_memory? {
    checked(or: nil) { () throws(TensorError) in st_cuda_memory_of(try backend(device, "memory").handle) }
  }
}

// MARK: - Timing

extension CUDA {
  /// A point in a GPU's work, to time what lies between two.
  ///
  /// ```swift
  /// let (start, end) = (CUDA.Event(), CUDA.Event())
  /// start.record()
  /// let y = x.matmul(x)
  /// end.record()
  /// print(start.elapsedTime(until: end), "ms")
  /// ```
  public final class Event: Sendable {
    nonisolated(unsafe) private let handle: OpaquePointer?
    private let device: Device

    /// Makes an event of a GPU.
    public init(_ device: Device = .cuda) {
      self.device = device
      handle = checked(or: nil) { () throws(TensorError) in
        let made = st_cuda_event_create(try backend(device, "Event").handle)
        if made == nil { throw TensorError(.device, "Event", String(cString: st_cuda_error())) }
        return made
      }
    }

    deinit { if let handle { st_cuda_event_destroy(handle) } }

    /// Puts the event after all work so far.
    public func record() {
      guard let handle else { return }
      checked(or: ()) { () throws(TensorError) in
        let backend = try CUDA.backend(device, "Event.record")
        try backend.check(st_cuda_event_record(handle), "Event.record", .uint8)
      }
    }

    /// The milliseconds from this event to a later one, which is waited for; 0 after an error in an error scope.
    ///
    /// Both must have been recorded, and be of one GPU; anything else is an error.
    public func elapsedTime(until end: Event) -> Double {
      guard let handle, let last = end.handle else { return 0 }
      return checked(or: 0) { () throws(TensorError) in
        var milliseconds: Float = 0
        let backend = try CUDA.backend(device, "Event.elapsedTime")
        try backend.check(st_cuda_event_elapsed(handle, last, &milliseconds), "Event.elapsedTime", .uint8)
        return Double(milliseconds)
      }
    }
  }
}
