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
}
