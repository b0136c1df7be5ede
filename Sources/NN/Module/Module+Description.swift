extension Module {
  /// The module as PyTorch prints it: its type, its settings and what it holds, a line each.
  public var description: String { described(self) }
}

// Of any module, so that there is one copy of it instead of one for each type.
@inline(never)
private func described(_ module: any Module) -> String {
  let (type, settings, children) = (type(of: module), module.extraDescription, module.namedChildren())
  if children.isEmpty { return "\(type)(\(settings))" }
  var text = "\(type)(\n"
  if !settings.isEmpty { text += "  \(settings)\n" }
  for (name, module) in children {
    text += "  (\(name)): "
    // Lines after a child's first are a level deeper.
    for character in module.description {
      text.append(character)
      if character == "\n" { text += "  " }
    }
    text += "\n"
  }
  return text + ")"
}
