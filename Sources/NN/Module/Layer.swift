/// A module that maps a tensor to a tensor; call it as a function.
///
/// ```swift
/// final class Net: Layer {
///   let fc1 = Linear(10, 50)
///   let fc2 = Linear(50, 1)
///   func forward(_ x: Tensor) -> Tensor { fc2(relu(fc1(x))) }
/// }
/// let y = Net()(x)
/// ```
public protocol Layer: Module {
  /// What the layer computes. Called through `callAsFunction`, which runs the hooks too.
  func forward(_ input: Tensor) -> Tensor
}

extension Layer {
  /// Runs the layer: its forward hooks, then `forward`, then the hooks that see the output.
  public func callAsFunction(_ input: Tensor) -> Tensor {
    let profiler = Scope.current?.profiler
    if profiler == nil && !ModuleHooks.areRegistered { return forward(input) }
    return callObserved(input, profiler)
  }

  private func callObserved(_ input: Tensor, _ profiler: (any ProfilerSink)?) -> Tensor {
    let hooks = ModuleHooks.hooks(of: self)
    var input = input
    for hook in hooks.before { input = hook.body(self, input) ?? input }
    let start = profiler.map { _ in ContinuousClock.now }
    var output = forward(input)
    if let start { profiler!.didRun(layer: "\(Self.self)", shape: input.shape, duration: .now - start) }
    for hook in hooks.after { output = hook.body(self, input, output) ?? output }
    return output
  }
}

// MARK: - Hooks

extension Layer {
  /// Calls `hook` with the layer and its input before every forward; what it returns replaces the input, nil keeps it.
  ///
  /// Only calls of the layer as a function run hooks, `forward` does not. A hook that holds its own layer keeps it alive.
  /// - Parameters:
  ///   - prepend: Whether the hook runs before those registered earlier.
  ///   - hook: What is called.
  @discardableResult
  public func registerForwardPreHook(
    prepend: Bool = false, _ hook: @escaping @Sendable (_ layer: any Layer, _ input: Tensor) -> Tensor?
  ) -> HookHandle {
    ModuleHooks.add(to: self) { hooks, id in
      hooks.before.insert((id, hook), at: prepend ? 0 : hooks.before.count)
    }
  }

  /// Calls `hook` with the layer, its input and output after every forward; what it returns replaces the output.
  ///
  /// - Parameters:
  ///   - prepend: Whether the hook runs before those registered earlier.
  ///   - hook: What is called.
  @discardableResult
  public func registerForwardHook(
    prepend: Bool = false,
    _ hook: @escaping @Sendable (_ layer: any Layer, _ input: Tensor, _ output: Tensor) -> Tensor?
  ) -> HookHandle {
    ModuleHooks.add(to: self) { hooks, id in
      hooks.after.insert((id, hook), at: prepend ? 0 : hooks.after.count)
    }
  }
}
