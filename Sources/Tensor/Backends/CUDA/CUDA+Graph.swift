internal import CTensorCUDA

extension CUDA {
  /// Work of a GPU that was recorded once and is launched as a whole: a training step costs the processor one call.
  ///
  /// The memory that the recorded work used stays the graph's: each replay reads and writes the same tensors.
  public final class Graph: Sendable {
    private let backend: CUDABackend
    /// Whose random numbers the work draws; one at most.
    private let generator: Generator?
    nonisolated(unsafe) private let handle: OpaquePointer

    fileprivate init(backend: CUDABackend, generator: Generator?, handle: OpaquePointer) {
      self.backend = backend
      self.generator = generator
      self.handle = handle
    }

    deinit { st_cuda_graph_destroy(handle) }

    /// Launches the recorded work once; does not wait.
    ///
    /// Random numbers go on where the generator stands. It is an error after the generator was seeded anew, and while
    /// another graph is recorded.
    public func replay() {
      checked(or: ()) { () throws(TensorError) in
        try backend.raisePending()
        let status =
          if let generator { generator.withPhilox { _ in st_cuda_graph_launch(handle) } } else {
            st_cuda_graph_launch(handle)
          }
        try backend.check(status, "Graph.replay", .uint8)
      }
    }
  }

  /// Records what `body` does on a GPU without running it, and returns the recording and what `body` returned.
  ///
  /// ```swift
  /// let (graph, loss) = CUDA.graph {
  ///   optimizer.zeroGrad()
  ///   let loss = ((model(x) - y) ** 2).mean()
  ///   loss.backward()
  ///   optimizer.step()
  ///   return loss
  /// }
  /// for batch in batches {
  ///   x.copy(from: batch.inputs)
  ///   y.copy(from: batch.targets)
  ///   graph?.replay()
  /// }
  /// ```
  /// The body runs `warmups` times for real first, so that kernels are compiled and optimizers have their memory: these
  /// are steps that change the parameters. In the body nothing may wait for the GPU (`item()`, printing) or come from
  /// main memory but numbers, and random numbers come from one generator; anything else is an error. Settings such as a
  /// learning rate are those of the recording. The result has its values after the first replay.
  ///
  /// - Parameters:
  ///   - device: The GPU whose work is recorded, that of all threads.
  ///   - warmups: How often the body runs before it is recorded.
  ///   - body: The work.
  /// - Returns: The recording, nil after an error in an error scope, and what the recorded run of `body` returned.
  public static func graph<Result>(
    _ device: Device = .cuda, warmups: Int = 3, _ body: () throws -> Result
  ) rethrows -> (graph: Graph?, result: Result) {
    for _ in 0..<warmups { _ = try body() }
    let backend = checked(or: CUDABackend?.none) { () throws(TensorError) in
      let backend = try CUDA.backend(device, "graph")
      try backend.synchronize()
      try backend.check(st_cuda_graph_begin(backend.handle), "graph", .uint8)
      return backend
    }
    guard let backend else { return (nil, try body()) }
    func end() -> Graph? {
      // Also after an error in the body, or the device would go on recording.
      var handle: OpaquePointer?
      let generator = backend.takeDrawn().first
      let status = st_cuda_graph_end(backend.handle, &handle)
      let graph = checked(or: Graph?.none) { () throws(TensorError) in
        try backend.check(status, "graph", .uint8)
        return handle.map { Graph(backend: backend, generator: generator, handle: $0) }
      }
      if graph == nil, let handle { st_cuda_graph_destroy(handle) }
      return graph
    }
    do {
      let result = try body()
      return (end(), result)
    } catch {
      _ = end()
      throw error
    }
  }
}
