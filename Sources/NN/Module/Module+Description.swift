extension Module {
  /// The module as PyTorch prints it: its type, its settings and what it holds, a line each.
  public var description: String {
    let children = namedChildren()
    if children.isEmpty { return "\(Self.self)(\(extraDescription))" }
    var text = "\(Self.self)(\n"
    if !extraDescription.isEmpty { text += "  \(extraDescription)\n" }
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
}
