/// PyTorch's operations and how each is called here, by family.
package enum Table {
  package static let families: [Family] = [
    pointwise(), special(), activations(), losses(), random(),
    shapes(), indexing(), creation(), reductions(), sorting(),
    matrices(), linearAlgebra(), normalisation(), convolution(), pooling(), resampling(), layers(),
  ]

  private static let byName: [String: (family: String, entry: Entry)] = {
    var table: [String: (family: String, entry: Entry)] = [:]
    for family in families {
      for entry in family.entries {
        if table.updateValue((family.name, entry), forKey: entry.name) != nil {
          fatalError("\(entry.name) stands twice in the table")
        }
      }
    }
    return table
  }()

  /// The operation of one of PyTorch's names.
  package static func entry(_ name: String) -> Entry? { byName[name]?.entry }
  /// The family that an operation belongs to.
  package static func family(of name: String) -> String? { byName[name]?.family }
}
