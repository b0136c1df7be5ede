import Tensor
import TestSupport
import Testing

struct GeneratorScopeTests {
  @Test func scopesDrawFromTheirGenerator() {
    let expected = Tensor.rand(4, generator: Generator(seed: 3)).doubles
    #expect(withGenerator(Generator(seed: 3)) { Tensor.rand(4) }.doubles == expected)
    withGenerator(Generator(seed: 1)) {
      #expect(withGenerator(Generator(seed: 3)) { Tensor.rand(4) }.doubles == expected)
      #expect(Tensor.rand(4).doubles == Tensor.rand(4, generator: Generator(seed: 1)).doubles)
    }
  }

  @Test func manualSeedReachesTheScope() {
    let generator = Generator(seed: 1)
    withGenerator(generator) {
      manualSeed(3)
      #expect(Tensor.rand(4).doubles == Tensor.rand(4, generator: Generator(seed: 3)).doubles)
    }
    #expect(generator.initialSeed == 3)
  }

  @Test func scopesFollowTasks() async {
    let values = await withGenerator(Generator(seed: 3)) {
      await Task.yield()
      return Tensor.rand(4).doubles
    }
    #expect(values == Tensor.rand(4, generator: Generator(seed: 3)).doubles)
  }
}
