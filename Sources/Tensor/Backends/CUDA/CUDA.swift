internal import CTensorCUDA

/// NVIDIA GPUs, found at run time; one binary runs with and without one.
///
/// The driver, NVRTC and cuBLASLt are looked for at the first question, once per process, in this order: the environment
/// variables `SWIFT_TENSOR_CUDA_DRIVER`, `SWIFT_TENSOR_CUDA_NVRTC` and `SWIFT_TENSOR_CUDA_CUBLASLT` (a file or a directory
/// each) and `SWIFT_TENSOR_CUDA_LIBRARIES` (a directory of all), the system's loader, `$CUDA_HOME`, `$CUDA_PATH`,
/// `/usr/local/cuda`, WSL's directory, the NVIDIA wheels of an active Python environment and `/usr/local/nvidia/lib64`.
public enum CUDA {
  /// Whether a GPU can be used.
  public static var isAvailable: Bool { unavailableReason == nil }

  /// The number of GPUs that can be used.
  public static var deviceCount: Int { isAvailable ? Int(st_cuda_device_count()) : 0 }

  /// Why no GPU can be used, with every path that was tried; nil when one can.
  public static var unavailableReason: String? {
    if let failure = st_cuda_failure() { return "\(String(cString: failure)). Tried:\n\(report)" }
    if hasBackend { return nil }
    let found = "\(st_cuda_device_count()) CUDA device(s) were found"
    return "\(found), but this version of the library has no CUDA backend yet. Found:\n\(report)"
  }

  /// Whether the library can compute on a GPU.
  private static var hasBackend: Bool { false }

  private static var report: String {
    var text = String(cString: st_cuda_report())
    while text.last == "\n" { text.removeLast() }
    return text
  }

  /// The text of the error for a device that is not there.
  static func missing(_ device: Device) -> String {
    if let reason = unavailableReason { return "\(device) is not available: \(reason)" }
    return "\(device) is not available: there are \(deviceCount) CUDA devices"
  }
}
