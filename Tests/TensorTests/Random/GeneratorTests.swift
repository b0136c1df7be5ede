import Foundation
import Tensor
import TestSupport
import Testing

/// Seeds and states of generators.
struct GeneratorTests {
  @Test func seedsOfAnySize() throws {
    let all = try #require(try Fixture.json("rng_mixed.json") as? [String: Any])
    let seeds = try #require(all["seeds"] as? [String: [String: String]])
    #expect(seeds.count == 8)
    for (seed, expected) in seeds {
      let generator = Generator()
      if let seed = Int64(seed) { generator.manualSeed(seed) } else { generator.manualSeed(UInt64(seed)!) }
      #expect(String(generator.initialSeed) == expected["initial_seed"])
      #expect(Tensor.rand(3, generator: generator).elementBytes == bytes(hex: expected["rand3"]!, itemSize: 4))
    }
  }

  @Test func seedsBeyond64BitsAreErrors() {
    let generator = Generator()
    expectError(.value, "manualSeed", "340282366920938463463374607431768211455") {
      generator.manualSeed(UInt128.max)
    }
    #expect(generator.initialSeed == Generator.defaultSeed)
  }

  @Test func stateIsPyTorchs() throws {
    let all = try #require(try Fixture.json("rng_mixed.json") as? [String: Any])
    let expected = try #require(all["get_rng_state"] as? [String: Any])
    let generator = Generator(seed: 0)
    let state = generator.state.array(as: UInt8.self)
    #expect(state.count == 5056 && generator.state.dtype == .uint8)
    #expect(state.prefix(32).map { Int($0) } == expected["first32"] as? [Int])
    #expect(fnv1a64(state) == UInt64(expected["fnv"] as! String, radix: 16))
    _ = Tensor.randn(1, generator: generator)
    let last = all["get_rng_state after randn(1): last 48 bytes"] as? [Int]
    #expect(generator.state.array(as: UInt8.self).suffix(48).map { Int($0) } == last)
  }

  @Test(arguments: [0, 1, 3, 700]) func statesAndClonesGoOn(drawn: Int) {
    let generator = Generator(seed: 7)
    _ = Tensor.randn(drawn, dtype: .float64, generator: generator)
    let state = generator.state
    let clone = generator.clone()
    let next = Tensor.randn(5, generator: generator).doubles
    expectEqual(.randn(5, generator: clone), next)
    let other = Generator()
    other.state = state
    #expect(other.initialSeed == 7)
    expectEqual(.randn(5, generator: other), next)
  }

  @Test func statesThatAreNoneAreErrors() {
    let generator = Generator(seed: 1)
    expectError(.value, "5056", "[5055]") { generator.state = .zeros(5055, dtype: .uint8) }
    expectError(.value, "float32") { generator.state = .zeros(5056) }
    expectError(.value, "valid") { generator.state = .zeros(5056, dtype: .uint8) }
    // A position outside the block of words.
    var bytes = generator.state.array(as: UInt8.self)
    bytes[16] = 0xff
    bytes[17] = 0xff
    expectError(.value, "valid") { generator.state = Tensor(bytes: bytes, shape: [5056], dtype: .uint8) }
    bytes[16] = 100
    bytes[17] = 0
    bytes[8] = 100
    expectError(.value, "valid") { generator.state = Tensor(bytes: bytes, shape: [5056], dtype: .uint8) }
    expectEqual(.rand(2, generator: generator), Tensor.rand(2, generator: Generator(seed: 1)).doubles)
  }

  @Test func freshSeedsDiffer() {
    let generator = Generator()
    let seeds = [generator.seed(), generator.seed()]
    #expect(seeds[0] != seeds[1] && generator.initialSeed == seeds[1])
  }
}

/// What random functions refuse, and the default generator.
struct RandomArgumentTests {
  @Test func manualSeedStartsTheDefaultGenerator() async {
    // In a process of its own, because tests that run at the same time share the default generator.
    await #expect(processExitsWith: .success) {
      for seed in [0, -1] {
        manualSeed(seed)
        let expected = Tensor.rand(3, 3, generator: Generator().manualSeed(seed)).doubles
        guard Generator.cpu.initialSeed == UInt64(bitPattern: Int64(seed)), Tensor.rand(3, 3).doubles == expected
        else { fatalError("seed \(seed)") }
      }
    }
  }

  @Test func fillsReturnTheirTensor() {
    let x = Tensor.empty(4), generator = Generator()
    #expect(x.uniform(generator: generator) === x && x.normal(generator: generator) === x)
    #expect(x.bernoulli(generator: generator) === x && x.exponential(generator: generator) === x)
    #expect(x.random(to: 3, generator: generator) === x && x.random(generator: generator) === x && x.version == 6)
  }

  @Test func onlyFloatsTakeContinuousDraws() {
    expectError(.dtype, "rand", "int32") { _ = Tensor.rand(2, dtype: .int32) }
    expectError(.dtype, "randn", "bool") { _ = Tensor.randn(2, dtype: .bool) }
    expectError(.dtype, "uniform", "int64") { Tensor.zeros(2, dtype: .int64).uniform() }
    expectError(.dtype, "normal", "int64") { Tensor.zeros(2, dtype: .int64).normal() }
    expectError(.dtype, "exponential", "uint8") { Tensor.zeros(2, dtype: .uint8).exponential() }
    expectError(.dtype, "randLike", "int64") { _ = Tensor.randLike(Tensor([1, 2])) }
    expectError(.dtype, "bernoulli", "int64") { _ = Tensor.bernoulli(Tensor([1, 0])) }
    expectError(.dtype, "normal", "int64") { _ = Tensor.normal(mean: Tensor([1, 2]), std: 1) }
  }

  @Test func parametersAreChecked() {
    let x = Tensor.zeros(2)
    expectError(.value, "uniform", "from 2.0 > to 1.0") { x.uniform(from: 2, to: 1) }
    expectError(.value, "finite") { x.uniform(from: 0, to: .infinity) }
    expectError(.value, "distance") { x.uniform(from: -3e38, to: 3e38) }
    expectError(.value, "float16") { Tensor.zeros(2, dtype: .float16).uniform(from: 0, to: 70000) }
    expectError(.value, "std", "-1.0") { x.normal(std: -1) }
    expectError(.value, "std", "nan") { x.normal(std: .nan) }
    expectError(.value, "1.5") { x.bernoulli(1.5) }
    expectError(.value, "nan") { x.bernoulli(.nan) }
    expectError(.value, "rate", "0.0") { x.exponential(rate: 0) }
    expectError(.value, "random", "3 and 3") { x.random(from: 3, to: 3) }
    expectError(.value, "randint", "5 and 3") { _ = Tensor.randint(5, 3, [2]) }
    expectError(.value, "299", "uint8") { _ = Tensor.randint(0, 300, [2], dtype: .uint8) }
    expectError(.value, "-1", "uint8") { _ = Tensor.randint(-1, 10, [2], dtype: .uint8) }
    expectError(.value, "2", "bool") { _ = Tensor.randint(3, [2], dtype: .bool) }
    expectError(.shape, "randperm", "negative") { _ = Tensor.randperm(-1) }
    expectError(.value, "randperm", "299", "uint8") { _ = Tensor.randperm(300, dtype: .uint8) }
    expectError(.value, "bernoulli", "0 to 1") { _ = Tensor.bernoulli(Tensor([0.5, 1.5])) }
    expectError(.value, "bernoulli") { _ = Tensor.bernoulli(Tensor([Double.nan])) }
    expectError(.value, "normal", "-1.0") { _ = Tensor.normal(mean: Tensor([0.0, 0]), std: Tensor([1.0, -1])) }
    expectError(.shape, "normal", "[2]", "[3]") { _ = Tensor.normal(mean: .zeros(2), std: .ones(3)) }
  }

  @Test(arguments: DType.allCases) func wholeNumbersOfEveryDType(dtype: DType) {
    let generator = Generator(seed: 3)
    let high = dtype == .bool ? 2 : 5
    let draws = Tensor.randint(0, high, [100], dtype: dtype, generator: generator).doubles
    #expect(Set(draws) == Set((0..<high).map { Double($0) }))
    #expect(Set(Tensor.zeros(50, dtype: dtype).bernoulli(0.5, generator: generator).doubles) == [0, 1])
    let wide = Tensor.zeros(64, dtype: dtype).random(generator: generator).doubles
    #expect(wide.allSatisfy { $0 >= 0 } && Set(wide).count > 1)
    if dtype != .bool {
      let order = Tensor.randperm(20, dtype: dtype, generator: generator)
      #expect(order.dtype == dtype && order.doubles.sorted() == (0..<20).map { Double($0) })
    }
  }

  @Test func emptyTensorsDrawNothing() {
    let generator = Generator(seed: 0)
    _ = Tensor.rand(0, 3, generator: generator)
    _ = Tensor.randn(0, generator: generator)
    _ = Tensor.randperm(0, generator: generator)
    expectEqual(.rand(1, generator: generator), Tensor.rand(1, generator: Generator(seed: 0)).doubles)
  }
}
