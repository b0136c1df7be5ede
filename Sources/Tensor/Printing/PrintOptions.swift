/// How tensors are printed, with PyTorch's options and defaults.
public struct PrintOptions: Sendable, Hashable {
  /// Digits behind the decimal point.
  public var precision: Int
  /// Tensors of more elements than this are summarised.
  public var threshold: Int
  /// How many elements a summary shows at both ends of each dimension.
  public var edgeItems: Int
  /// Characters in a line; only a single element may exceed it.
  public var lineWidth: Int
  /// Whether floats are written with exponents; nil to decide by their range.
  public var sciMode: Bool?

  /// Makes options; those not given have PyTorch's defaults.
  public init(
    precision: Int = 4, threshold: Int = 1000, edgeItems: Int = 3, lineWidth: Int = 80, sciMode: Bool? = nil
  ) {
    self.precision = precision
    self.threshold = threshold
    self.edgeItems = edgeItems
    self.lineWidth = lineWidth
    self.sciMode = sciMode
  }

  /// Two digits and two elements at the ends of a summary.
  public static let short = PrintOptions(precision: 2, edgeItems: 2)
  /// No summaries.
  public static let full = PrintOptions(threshold: .max)

  // Printing is no hot path, so it has a task-local of its own.
  @TaskLocal static var current = PrintOptions()
}

/// Runs `body` with other options for the printing of tensors.
public func withPrintOptions<Result>(_ options: PrintOptions, _ body: () throws -> Result) rethrows -> Result {
  try PrintOptions.$current.withValue(options, operation: body)
}
