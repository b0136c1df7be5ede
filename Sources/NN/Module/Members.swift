/// What reflection finds in a module's stored properties, each kind in the order of declaration.
struct Members {
  private(set) var tensors: [(name: String, tensor: Tensor)] = []
  private(set) var modules: [(name: String, module: any Module)] = []
  private(set) var modes: [TrainingMode] = []

  init(of module: any Module) {
    var levels: [Mirror] = [Mirror(reflecting: module)]
    while let superclass = levels.last!.superclassMirror { levels.append(superclass) }
    for level in levels.reversed() {
      for child in level.children {
        guard let label = child.label else { continue }
        add(child.value, name: module.key(of: Members.property(label)))
      }
    }
  }

  private mutating func add(_ value: Any, name: String) {
    switch value {
    case let tensor as Tensor: tensors.append((name, tensor))
    case let module as any Module: modules.append((name, module))
    case let mode as TrainingMode: modes.append(mode)
    case is any Scalar, is String, is any ScalarList: break
    default: addContents(of: Mirror(reflecting: value), name: name)
    }
  }

  private mutating func addContents(of mirror: Mirror, name: String) {
    switch mirror.displayStyle {
    case .optional:
      for child in mirror.children { add(child.value, name: name) }
    case .collection:
      for (i, child) in mirror.children.enumerated() { add(child.value, name: joined(name, "\(i)")) }
    case .tuple, .struct:
      for child in mirror.children { add(child.value, name: joined(name, Members.property(child.label ?? ""))) }
    case .dictionary:
      // A dictionary has no order of its own.
      var entries: [(key: String, value: Any)] = []
      for child in mirror.children {
        if let (key, value) = child.value as? (AnyHashable, Any) { entries.append(("\(key)", value)) }
      }
      entries.sort { $0.key < $1.key }
      for entry in entries { add(entry.value, name: joined(name, entry.key)) }
    default:
      break
    }
  }

  /// The name that was written: tuples label their parts ".0", lazy properties have a prefix.
  private static func property(_ label: String) -> String {
    let lazyPrefix = "$__lazy_storage_$_"
    if label.hasPrefix(lazyPrefix) { return String(label.dropFirst(lazyPrefix.count)) }
    return label.hasPrefix(".") ? String(label.dropFirst()) : label
  }
}

/// Lists of numbers, which hold no state: reflecting on each of a million elements would take seconds.
private protocol ScalarList {}
extension Array: ScalarList where Element: Scalar {}

/// Joins parts of a state key by a dot, leaving out empty ones.
func joined(_ prefix: String, _ name: String) -> String {
  if prefix.isEmpty { return name }
  return name.isEmpty ? prefix : prefix + "." + name
}
