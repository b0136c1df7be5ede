/// PyTorch's operations and how each is called here, by family.
package enum Table {
  package static let families: [Family] = [
    pointwise(), special(), activations(), losses(), random(),
    shapes(), indexing(), creation(), reductions(), sorting(),
    matrices(), linearAlgebra(), normalisation(), convolution(), pooling(), resampling(), layers(),
  ]

  private static let byName: [String: (family: String, entry: Entry)] = {
    let rows = families.flatMap { family in family.entries.map { ($0.name, (family: family.name, entry: $0)) } }
    return Dictionary(rows, uniquingKeysWith: { first, _ in first })
  }()

  /// The names that stand in more than one row, of which the first counts.
  package static var duplicates: [String] {
    Dictionary(grouping: families.flatMap(\.entries), by: \.name).filter { $0.value.count > 1 }.keys.sorted()
  }

  /// The operation of one of PyTorch's names.
  package static func entry(_ name: String) -> Entry? { byName[name]?.entry }
  /// The family that an operation belongs to.
  package static func family(of name: String) -> String? { byName[name]?.family }
}
