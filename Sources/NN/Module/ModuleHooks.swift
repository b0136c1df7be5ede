import Synchronization

/// The hooks of all modules, kept beside them: a user's class stores nothing for hooks that it does not have.
///
/// While no hook is registered anywhere, a call pays for one atomic load.
enum ModuleHooks {
  typealias Before = @Sendable (any Layer, Tensor) -> Tensor?
  typealias After = @Sendable (any Layer, Tensor, Tensor) -> Tensor?

  /// The hooks of one module, which it refers to weakly: an entry outlives its module until the next registration.
  struct Hooks: Sendable {
    weak var module: (any Module)?
    var before: [(id: Int, body: Before)] = []
    var after: [(id: Int, body: After)] = []
    var isEmpty: Bool { before.isEmpty && after.isEmpty }
  }

  private struct Table {
    var entries: [ObjectIdentifier: Hooks] = [:]
    var nextID = 0
  }

  private static let table = Mutex(Table())
  private static let entryCount = Atomic<Int>(0)

  static var areRegistered: Bool {
    @inline(__always) get { entryCount.load(ordering: .relaxed) != 0 }
  }

  static func hooks(of module: any Module) -> Hooks {
    let hooks = table.withLock { $0.entries[ObjectIdentifier(module)] }
    // Another object may have had the same address before.
    guard let hooks, hooks.module === module else { return Hooks() }
    return hooks
  }

  static func add(to module: any Module, _ insert: (inout Hooks, Int) -> Void) -> HookHandle {
    let key = ObjectIdentifier(module)
    let (id, dropped) = table.withLock { table in
      // Closures of modules that are gone are released outside the lock: they may own anything.
      let dropped = table.entries.filter { $0.value.module == nil }
      for key in dropped.keys { table.entries[key] = nil }
      table.nextID += 1
      var hooks = table.entries[key] ?? Hooks(module: module)
      insert(&hooks, table.nextID)
      table.entries[key] = hooks
      entryCount.store(table.entries.count, ordering: .relaxed)
      return (table.nextID, dropped)
    }
    _ = consume dropped
    return HookHandle { remove(id, at: key) }
  }

  private static func remove(_ id: Int, at key: ObjectIdentifier) {
    let old = table.withLock { table -> Hooks? in
      guard let old = table.entries[key] else { return nil }
      var hooks = old
      hooks.before.removeAll { $0.id == id }
      hooks.after.removeAll { $0.id == id }
      table.entries[key] = hooks.isEmpty ? nil : hooks
      entryCount.store(table.entries.count, ordering: .relaxed)
      return old
    }
    _ = consume old
  }
}
