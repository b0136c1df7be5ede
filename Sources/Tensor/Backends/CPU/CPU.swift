internal import CTensorKernels

/// The processor, as operations use it.
public enum CPU {
  /// How many threads an operation may use, the caller's included; from the start, one per core.
  ///
  /// Results do not depend on it: work is cut by shape.
  public static var threadCount: Int {
    get { Int(st_threads()) }
    set { st_set_threads(Int32(clamping: newValue)) }
  }

  /// The instruction set whose kernels were chosen at run time: "avx512", "avx2", "neon" or "baseline".
  public static var instructionSet: String { String(cString: st_instruction_set()) }

  // MARK: Memory

  /// The bytes of freed memory that are kept for later tensors.
  public static var cachedMemory: Int { st_cached_memory() }

  /// The most bytes of freed memory that are kept; from the start, a quarter of the memory that the process may use.
  ///
  /// Keeping is what makes large results cheap: a program's first touch of memory costs more than most operations on it.
  /// What was freed longest ago leaves first. With 0 nothing is kept; the environment's
  /// `SWIFT_TENSOR_NO_MEMORY_CACHING=1` starts so, for tools that look for wrong access to memory.
  public static var memoryCacheLimit: Int {
    get { st_memory_cache_limit() }
    set { st_set_memory_cache_limit(Swift.max(newValue, 0)) }
  }

  /// Gives the memory that no tensor uses back to the system.
  public static func emptyCache() { st_empty_cache() }
}
