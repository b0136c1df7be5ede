import Tensor
import TestSupport
import Testing

@Suite(.everyDevice)
struct SamplingTests {
  // Reference values: torch.multinomial after torch.manual_seed(0) on the CPU.
  @Test func multinomialIsPyTorchs() {
    let weights = Tensor([[0.1, 0.2, 0.3, 0.4], [4, 0, 1, 1]])
    func draw(_ samples: Int, replacement: Bool) -> Tensor {
      let generator = Generator(seed: 0, device: weights.device)
      return weights.multinomial(samples, replacement: replacement, generator: generator)
    }
    let repeated = draw(6, replacement: true)
    let distinct = draw(3, replacement: false)
    #expect(repeated.dtype == .int64)
    if weights.device == .cpu {
      expectEqual(repeated, [3, 3, 2, 3, 3, 3, 0, 0, 0, 0, 0, 0], shape: [2, 6])
      expectEqual(distinct, [2, 1, 3, 2, 0, 3], shape: [2, 3])
    }
    // No zero weight is drawn, nothing twice without replacement.
    #expect(repeated.doubles.suffix(6).allSatisfy { $0 != 1 })
    #expect(Set(distinct.doubles.suffix(3)) == [0, 2, 3])
  }

  @Test func multinomialFollowsTheWeights() {
    let weights = Tensor([1.0, 2, 0, 5])
    let draws = weights.multinomial(8000, replacement: true).doubles
    for (index, share) in [1.0, 2, 0, 5].enumerated() {
      #expect(abs(Double(draws.count { $0 == Double(index) }) - share * 1000) < 180)
    }
    expectError(.value, "multinomial", "-1") { Tensor([1.0, -1]).multinomial(1) }
    expectError(.value, "multinomial", "positive sum") { Tensor([0.0, 0]).multinomial(1) }
    expectError(.value, "multinomial", "without replacement") { weights.multinomial(5) }
    expectError(.dtype, "multinomial", "int64") { Tensor([1, 2]).multinomial(1) }
  }

  @Test func drawsFollowTheMemory() {
    func draws(_ x: Tensor) -> Tensor { x.geometric(0.3, generator: Generator(seed: 1, device: x.device)) }
    let rows = draws(.zeros(2, 3)).doubles
    let columns = draws(LayoutCase.transposed.make(.zeros(3, 2))).t().doubles
    #expect(rows == columns)
    #expect(rows.allSatisfy { $0 >= 1 && $0 == $0.rounded() })
    #expect(draws(.zeros(4, dtype: .int32)).dtype == .int32)
    expectError(.value, "geometric", "1.5") { Tensor.zeros(2).geometric(1.5) }
    expectError(.value, "cauchy", "sigma") { Tensor.zeros(2).cauchy(sigma: 0) }
    expectError(.dtype, "logNormal", "int64") { Tensor([1]).logNormal() }
  }
}
