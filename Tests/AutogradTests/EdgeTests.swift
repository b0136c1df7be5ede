import Autograd
import Foundation
import TestSupport
import Testing

/// Values and gradients at special points, as PyTorch gives them in float64 (Tests/Fixtures/grad_edges.json).
@Suite(.everyDevice) struct EdgeTests {
  typealias Function = @Sendable ([Tensor]) -> Tensor

  static let functions = earlyFunctions.merging(laterFunctions) { first, _ in first }

  static let earlyFunctions: [String: Function] = [
    "relu": { $0[0].relu() },
    "relu6": { $0[0].clamp(min: 0, max: 6) },
    "hardtanh": { $0[0].clamp(min: -1, max: 1) },
    "leaky_relu(0.1)": { $0[0].leakyRelu(negativeSlope: 0.1) },
    "gelu": { $0[0].gelu() },
    "gelu_tanh": { $0[0].gelu(approximate: .tanh) },
    "silu": { $0[0].silu() },
    "softplus": { $0[0].softplus() },
    "sigmoid": { $0[0].sigmoid() },
    "tanh": { $0[0].tanh() },
    "abs": { $0[0].abs() },
    "sign": { $0[0].sign() },
    "sqrt": { $0[0].sqrt() },
    "rsqrt": { $0[0].rsqrt() },
    "log": { $0[0].log() },
    "reciprocal": { $0[0].reciprocal() },
    "asin": { $0[0].asin() },
    "acos": { $0[0].acos() },
    "log1p": { $0[0].log1p() },
    "norm2_zero": { $0[0].norm() },
    "norm2": { $0[0].norm() },
    "norm1_zero": { $0[0].norm(p: 1) },
    "norminf_ties": { $0[0].norm(p: .infinity) },
    "norm3_zero": { $0[0].norm(p: 3) },
    "norm0": { $0[0].norm(p: 0) },
    "vector_norm_zero": { $0[0].norm(dims: [0]) },
    "norm0.5_zero": { $0[0].norm(p: 0.5) },
    "dist_zero": { ($0[0] - $0[1]).norm() },
    "max_all_ties": { $0[0].max() },
    "amax_ties": { $0[0].amax() },
    "amax_dim_ties": { $0[0].amax(dim: 1) },
    "max_dim_ties": { x in x[0].max(dim: 1).values },
    "min_all_ties": { $0[0].min() },
    "amin_ties": { $0[0].amin() },
    "min_dim_ties": { x in x[0].min(dim: 0).values },
    "aminmax": { $0[0].amin() + $0[0].amax() },
    "maximum_ties": { $0[0].maximum($0[1]) },
    "minimum_ties": { $0[0].minimum($0[1]) },
    "max_binary_nan": { $0[0].maximum($0[1]) },
    "maximum_nan_both": { $0[0].maximum($0[1]) },
    "logsumexp_ties": { $0[0].logSumExp(dim: 0) },
    "softmax_-inf_row": { $0[0].softmax(dim: 0).select(dim: 0, index: 0) },
    "softmax_one_-inf": { $0[0].softmax(dim: 0).select(dim: 0, index: 1) },
    "clamp(-1,1)": { $0[0].clamp(min: -1, max: 1) },
    "clamp_min0": { $0[0].clamp(min: 0) },
    "clamp_max0": { $0[0].clamp(max: 0) },
    "clamp_tensor_bounds": { $0[0].clamp(min: $0[1], max: $0[2]) },
    "clamp_min>max": { $0[0].clamp(min: 2, max: 1) },
    "pow(x,0)": { $0[0] ** 0 },
    "pow(x,0.5)": { $0[0] ** 0.5 },
    "pow(x,2)": { $0[0] ** 2 },
    "pow(x,1)": { $0[0] ** 1 },
    "pow(x,3)": { $0[0] ** 3 },
    "pow(x,-1)": { $0[0] ** -1 },
    "pow_tt_0^0": { $0[0] ** $0[1] },
    "pow_scalar_base0": { 0.0 ** $0[0] },
    "pow_scalar_base2": { 2.0 ** $0[0] },
    "pow_neg_base": { $0[0] ** $0[1] },
    "div_0": { $0[0] / $0[1] },
    "fmod": { $0[0].fmod($0[1]) },
    "remainder": { $0[0] % $0[1] },
    "floor_div": { $0[0].floorDivide($0[1]) },
    "floor": { $0[0].floor() },
    "round": { $0[0].round() },
    "trunc": { $0[0].trunc() },
    "atan2_00": { $0[0].atan2($0[1]) },
    "prod_one_zero": { $0[0].prod() },
    "prod_two_zeros": { $0[0].prod() },
    "std_1elem": { $0[0].std() },
    "std_const": { $0[0].std() },
    "var_const": { $0[0].var() },
    "mean_empty": { $0[0].mean() },
    "l1_loss": { l1Loss($0[0], $0[1]) },
    "smooth_l1": { smoothL1Loss($0[0], $0[1], reduction: .sum) },
    "nll_ignore": { nllLoss($0[0], Tensor([-100, 1])) },
    "ce_all_ignored": { crossEntropy($0[0], Tensor([-100])) },
    "where_nan_branch": { `where`($0[0] .> 0, $0[0].sqrt(), 0) },
    "masked_fill": { $0[0].maskedFill(Tensor([false, false, true]), 0) },
    "index_repeat": { $0[0].indexSelect(dim: 0, index: Tensor([0, 0, 1])) },
    "expand": { $0[0].expand(3, 2) },
    "lerp": { $0[0].lerp($0[1], weight: 0.25) },
    "addcdiv0": { $0[0].addcdiv($0[1], $0[2]) },
  ]

  @Test func everyPointIsTried() throws {
    let all = try #require(try Fixture.json("grad_edges.json") as? [String: Any])
    let missing = Set(all.keys).subtracting(Self.functions.keys).subtracting(Self.functionsOnCPU.keys)
    // A step has a derivative here, 0.
    #expect(missing == ["heaviside_like", "det_singular", "logaddexp_-inf"])
    // Equal infinities share, PyTorch makes NaN of them.
    let y = Tensor([-Double.infinity, 0], dtype: .float64, requiresGrad: true)
    y.logAddExp(Tensor([-Double.infinity, 0], dtype: .float64)).sum().backward()
    expectEqual(y.grad!, [0.5, 0.5])
    // PyTorch gives zeros, from the determinant times the inverse; these are the cofactors, which are the limit.
    let x = Tensor([[1.0, 2], [2, 4]], dtype: .float64, device: .cpu, requiresGrad: true)
    x.det().backward()
    expectClose(x.grad!, [4, -2, -2, 1], rtol: 1e-12)
  }

  @Test(arguments: functions.keys.sorted())
  func gradient(_ name: String) throws { try check(name, Self.functions[name]!) }

  @Test(arguments: functionsOnCPU.keys.sorted())
  func gradientOnTheCPU(_ name: String) throws {
    if Tensor.empty(0).device == .cpu { try check(name, Self.functionsOnCPU[name]!) }
  }

  private func check(_ name: String, _ function: Function) throws {
    let all = try #require(try Fixture.json("grad_edges.json") as? [String: [String: Any]])
    let entry = try #require(all[name])
    let inputs = try #require(entry["inputs"] as? [Any]).map { input in
      Tensor(flat(input), dtype: .float64).reshape(shape(input)).requiresGrad()
    }
    let output = function(inputs)
    // The sine of pi is what rounding leaves of it; PyTorch has the numbers 1/6 and 1e-12 of these in float32.
    expectClose(output, flat(entry["value"]!), rtol: 1e-12, atol: name == "sinc0" ? 1e-16 : 0, "\(name)")
    let tolerance = ["hardsigmoid", "bce_0_1"].contains(name) ? 1e-7 : 1e-12
    output.sum().backward()
    for (i, expected) in try #require(entry["grads"] as? [Any]).enumerated() {
      if expected is NSNull {
        #expect(inputs[i].grad == nil)
      } else {
        let gradient = try #require(inputs[i].grad, "\(name)")
        expectClose(gradient, flat(expected), rtol: tolerance, "\(name), gradient \(i)")
      }
    }
  }

  /// Figures of PyTorch 2.15, of all that an element and its bounds can be to each other.
  @Test func clampBetweenTensors() {
    let nan = Double.nan
    let numbers = [1, 2, nan]
    let rows = numbers.flatMap { x in numbers.flatMap { a in numbers.map { b in [x, a, b] } } }
    let leaves = (0..<3).map { i in Tensor(rows.map { $0[i] }, dtype: .float64).requiresGrad() }
    leaves[0].clamp(min: leaves[1], max: leaves[2]).backward(gradient: Tensor.ones([27], dtype: .float64))
    expectEqual(
      leaves[0].grad!,
      [1, 0.5, 1, 0, 0, 0, 1, 1, 1] + [0, 0.5, 1, 0, 1, 1, 0, 1, 1] + [Double](repeating: 1, count: 9))
    expectEqual(
      leaves[1].grad!,
      [0, 0.5, 0, 0, 1, 0, 0, 0, 0] + [Double](repeating: 0, count: 18))
    expectEqual(
      leaves[2].grad!,
      [0, 0, 0, 1, 0, 0, 0, 0, 0] + [1, 0.5, 0, 1, 0, 0, 0, 0, 0] + [0, 0, 0, 1, 0, 0, 0, 0, 0])
  }

  @Test func extremesOfNaN() {
    func gradient(_ body: (Tensor) -> Tensor) -> Tensor {
      let x = Tensor([1, .nan, 5, .nan], dtype: .float64, requiresGrad: true)
      body(x).backward()
      return x.grad!
    }
    expectEqual(gradient { $0.max() }, [0, 0.5, 0, 0.5])
    expectEqual(gradient { $0.min() }, [0, 0.5, 0, 0.5])
    expectEqual(gradient { $0.amax() }, [.nan, .nan, .nan, .nan])
    expectEqual(gradient { $0.norm(p: .infinity) }, [0, 0, 0, 0])
    expectEqual(gradient { $0.norm(p: -.infinity) }, [0, 0, 0, 0])
  }

  @Test func batchesOfWhichNothingCounts() {
    let target = Tensor([-100, -100])
    let losses: [(Tensor) -> Tensor] = [
      { crossEntropy($0, target) }, { crossEntropy($0, target, labelSmoothing: 0.1) }, { nllLoss($0, target) },
    ]
    for loss in losses {
      let x = Tensor([[1.0, 2, 3], [0, -1, 1]], dtype: .float64, requiresGrad: true)
      let first = grad(outputs: [loss(x)], inputs: [x], createGraph: true)[0]!
      expectEqual(first, [Double](repeating: 0, count: 6))
      // That of nllLoss is constant.
      guard first.requiresGrad else { continue }
      expectEqual(grad(outputs: [first.square().sum()], inputs: [x])[0]!, [Double](repeating: 0, count: 6))
    }
  }

  @Test func groupsOfNoSamples() {
    let x = Tensor.zeros([0, 4, 3], dtype: .float64, requiresGrad: true)
    let weight = Tensor.ones(4, dtype: .float64, requiresGrad: true)
    let y = groupNorm(x, numGroups: 2, weight: weight)
    let first = grad(outputs: [y.sum()], inputs: [x, weight], createGraph: true)
    let second = grad(outputs: [first[0]!.sum()], inputs: [x, weight], allowUnused: true)
    #expect(first[0]!.shape == [0, 4, 3] && second[0]?.shape ?? [0, 4, 3] == [0, 4, 3])
  }

  private func flat(_ json: Any) -> [Double] {
    switch json {
    case let list as [Any]: list.flatMap(flat)
    case let text as String: [text == "nan" ? .nan : text == "inf" ? .infinity : -.infinity]
    default: [(json as! NSNumber).doubleValue]
    }
  }

  private func shape(_ json: Any) -> [Int] {
    guard let list = json as? [Any] else { return [] }
    return [list.count] + (list.first.map(shape) ?? [])
  }
}
