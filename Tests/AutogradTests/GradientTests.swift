import Autograd
import TestSupport
import Testing

@Suite(.everyDevice) struct GradientTests {
  private func arguments(_ test: GradientCase, _ arrangement: Arrangement) -> [Tensor] {
    test.shapes.enumerated().map { i, shape in
      let leaf = arrangement.leaf(shape)
      let values = spreadValues(leaf.reduce(1, *), in: test.range, seed: i)
      return Tensor(values, dtype: .float64).reshape(leaf).requiresGrad()
    }
  }

  private func cases(_ test: GradientCase) -> [Arrangement] {
    Arrangement.allCases.filter { test.isElementwise || $0 != .zeroDim && $0 != .empty }
  }

  @Test(arguments: gradientCases)
  func firstDerivative(_ test: GradientCase) throws {
    for arrangement in cases(test) {
      do {
        try gradcheck(arguments(test, arrangement)) { leaves in
          test.function(zip(leaves, test.shapes).map { arrangement.view($0, $1) })
        }
      } catch { Issue.record("\(test.name), \(arrangement): \(error)") }
    }
  }

  @Test(arguments: gradientCases)
  func secondDerivative(_ test: GradientCase) throws {
    for arrangement in cases(test) {
      do {
        try gradgradcheck(arguments(test, arrangement)) { leaves in
          test.function(zip(leaves, test.shapes).map { arrangement.view($0, $1) })
        }
      } catch { Issue.record("\(test.name), \(arrangement): \(error)") }
    }
  }
}
