internal import CTensorCUDA
package import CTensorKernels

extension CUDABackend {
  package func sgd(_ step: SGDStep, options: st_sgd_options, foundInf: Tensor?) throws(TensorError) {
    guard let dtype = step.parameters.first?.dtype else { return }
    let momenta = addresses(step.momenta)
    let steps = addresses(step.steps)
    let status = st_cuda_sgd(
      handle, Int32(step.parameters.count), addresses(step.parameters),
      addresses(step.gradients).map { UnsafeRawPointer($0) }, momenta.isEmpty ? nil : momenta,
      steps.isEmpty ? nil : steps, step.parameters.map(\.count), st_dtype(dtype.rawValue), options,
      foundInf.map(address))
    try check(status, "SGD", dtype)
  }

  package func adam(_ step: AdamStep, options: st_adam_options, foundInf: Tensor?) throws(TensorError) {
    guard let dtype = step.parameters.first?.dtype else { return }
    let maxSquares = addresses(step.maxSquares)
    let status = st_cuda_adam(
      handle, Int32(step.parameters.count), addresses(step.parameters),
      addresses(step.gradients).map { UnsafeRawPointer($0) }, addresses(step.averages), addresses(step.squares),
      maxSquares.isEmpty ? nil : maxSquares, addresses(step.steps), step.parameters.map(\.count),
      st_dtype(dtype.rawValue), options, foundInf.map(address))
    try check(status, "Adam", dtype)
  }

  package func unscale(_ gradients: [Tensor], scale: Tensor, foundInf: Tensor) throws(TensorError) {
    // The kernels take stretches of memory; any other gradient is brought to one and back.
    let dense = try gradients.map { (gradient) throws(TensorError) in
      gradient.layout.isDense ? gradient : try Clone().forward(gradient)
    }
    let status = st_cuda_unscale(
      handle, Int32(dense.count), addresses(dense), dense.map(\.count), dense.map { st_dtype($0.dtype.rawValue) },
      address(scale), address(foundInf))
    try check(status, "unscale", gradients.first?.dtype ?? .float32)
    for (gradient, twin) in zip(gradients, dense) where twin !== gradient { try copy(twin, to: gradient) }
  }

  package func updateScale(
    _ scale: Tensor, growthTracker: Tensor, foundInf: Tensor, growthFactor: Double, backoffFactor: Double,
    growthInterval: Int
  ) throws(TensorError) {
    let status = st_cuda_update_scale(
      handle, address(scale), address(growthTracker), address(foundInf), growthFactor, backoffFactor,
      Int32(clamping: growthInterval))
    try check(status, "update", .float32)
  }

  private func address(_ tensor: Tensor) -> UnsafeMutableRawPointer {
    tensor.storage.address + tensor.layout.offset * tensor.dtype.itemSize
  }

  private func addresses(_ tensors: [Tensor]) -> [UnsafeMutableRawPointer?] { tensors.map(address) }
}
