internal import CTensorCUDA

/// NVIDIA GPUs, found at run time; one binary runs with and without one.
public enum CUDA {
  /// Whether a GPU can be used.
  public static var isAvailable: Bool { deviceCount > 0 }

  /// The number of GPUs that can be used.
  public static var deviceCount: Int { Int(st_cuda_device_count()) }

  /// Why no GPU can be used, with every path that was tried; nil when one can.
  public static var unavailableReason: String? { st_cuda_unavailable_reason().map { String(cString: $0) } }

  /// The text of the error for a device that is not there.
  static func missing(_ device: Device) -> String {
    if let reason = unavailableReason { return "\(device) is not available: \(reason)" }
    return "\(device) is not available: there are \(deviceCount) CUDA devices"
  }
}
