internal import NN

extension Table {
  /// Losses.
  static func losses() -> Family {
    var t = Family("losses")
    t.one("nn.functional.mse_loss") { a in
      try mseLoss(a[0].tensor(), a[1].tensor(), reduction: reduction(a))
    }
    t.one("nn.functional.l1_loss") { a in
      try l1Loss(a[0].tensor(), a[1].tensor(), reduction: reduction(a))
    }
    return t
  }

  /// The argument `reduction` of losses.
  static func reduction(_ a: Arguments) throws -> Reduction {
    try a["reduction"].choice(["none": .none, "mean": .mean, "sum": .sum], or: .mean)
  }
}
