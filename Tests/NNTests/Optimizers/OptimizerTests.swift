import Foundation
import NN
import TestSupport
import Testing

/// Reference trajectories: parameters after each of ten steps, for grad = 2 * (w * (p - target)).
private struct Reference: Decodable {
  struct Run: Decodable {
    let optimizer: String
    let args: [String: Setting]
    let params: [String]
  }
  enum Setting: Decodable {
    case flag(Bool), number(Double), pair(Double, Double)
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        let pair = try container.decode([Double].self)
        self = .pair(pair[0], pair[1])
      }
    }
  }
  let p0: [Double]
  let target: [Double]
  let w: [Double]
  let runs: [Run]

  static let all: Reference = try! Fixture.decode(from: "optim.json")
}

extension [String: Reference.Setting] {
  fileprivate func number(_ name: String, _ fallback: Double) -> Double {
    if case .number(let value) = self[name] { value } else { fallback }
  }
  fileprivate func flag(_ name: String) -> Bool { if case .flag(true) = self[name] { true } else { false } }
  fileprivate var betas: (Double, Double) {
    if case .pair(let a, let b) = self["betas"] { (a, b) } else { (0.9, 0.999) }
  }
}

@Suite(.everyDevice)
struct OptimizerTrajectoryTests {
  private static let runs = Reference.all.runs.indices.filter {
    ["SGD", "Adam", "AdamW"].contains(Reference.all.runs[$0].optimizer)
  }

  private func make(_ run: Reference.Run, _ parameters: [Tensor]) -> any Optimizer {
    let args = run.args
    let decay = run.optimizer == "AdamW" ? 0.01 : 0
    let adam = Adam.Options(
      lr: args.number("lr", 0.001), betas: args.betas, eps: args.number("eps", 1e-8),
      weightDecay: args.number("weight_decay", decay), amsgrad: args.flag("amsgrad"), maximize: args.flag("maximize"))
    switch run.optimizer {
    case "Adam": return Adam(groups: [ParameterGroup(parameters, adam)])
    case "AdamW": return AdamW(groups: [ParameterGroup(parameters, adam)])
    default:
      return SGD(
        parameters, lr: args.number("lr", 0.001), momentum: args.number("momentum", 0),
        dampening: args.number("dampening", 0), weightDecay: args.number("weight_decay", 0),
        nesterov: args.flag("nesterov"), maximize: args.flag("maximize"))
    }
  }

  private func gradient(_ p: Tensor) -> Tensor {
    let (target, w) = (Tensor(Reference.all.target), Tensor(Reference.all.w))
    return noGrad { 2 * (w * (p - target)) }
  }

  // SGD to the bit; Adam within 1e-6, for PyTorch's float32 square root is up to an ulp off. Near 0 the error is that of
  // the steps that led there, which are of size 0.1.
  @Test(arguments: runs)
  func stepsArePyTorchs(i: Int) throws {
    let run = Reference.all.runs[i]
    let p = Tensor(Reference.all.p0, requiresGrad: true)
    let optimizer = make(run, [p])
    for expected in run.params {
      p.grad = gradient(p)
      optimizer.step()
      let bits = bytes(hex: expected, itemSize: 4)
      if run.optimizer == "SGD" {
        #expect(p.elementBytes == bits, "\(run.args)")
      } else {
        expectClose(p, floats(bits), rtol: 1e-6, atol: 3e-8, "\(run.optimizer) \(run.args)")
      }
    }
  }

  private func floats(_ bytes: [UInt8]) -> [Double] {
    stride(from: 0, to: bytes.count, by: 4).map { start in
      Double(Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }))
    }
  }

  // A step over strided memory and gradients of other layouts is the step over row-major memory.
  @Test(
    arguments: [LayoutCase.contiguous, .transposed, .strided, .offset],
    [LayoutCase.contiguous, .transposed, .expanded])
  func layoutsDoNotMatter(parameter: LayoutCase, gradient: LayoutCase) {
    for make in [
      { SGD($0, lr: 0.1, momentum: 0.9) as any Optimizer }, { Adam($0, lr: 0.1, amsgrad: true) as any Optimizer },
    ] as [([Tensor]) -> any Optimizer] {
      let p = parameter.make(.make([1, 2, 3, 4, 5, 6], [2, 3])).detach().requiresGrad()
      let q = Tensor.make([1, 2, 3, 4, 5, 6], [2, 3]).requiresGrad()
      let (a, b) = (make([p]), make([q]))
      for step in 1...3 {
        let g = gradient.make(.make([0.1, -0.2, 0.3, 0.1, -0.2, 0.3], [2, 3])) * Double(step)
        p.grad = g
        q.grad = g.contiguous()
        a.step()
        b.step()
      }
      expectClose(p, q.doubles, rtol: 1e-14)
    }
  }

  @Test(arguments: [DType.float16, .bfloat16, .float64])
  func dtypesStep(dtype: DType) {
    let (p, q) = (Tensor([1.0, -2.0], dtype: dtype, requiresGrad: true), Tensor([3.0], requiresGrad: true))
    // Both dtypes in one group.
    let optimizer = SGD([p, q], lr: 0.5)
    p.grad = Tensor([1.0, 2.0], dtype: dtype)
    q.grad = Tensor([4.0])
    optimizer.step()
    expectEqual(p, [0.5, -3], dtype: dtype)
    expectEqual(q, [1], dtype: .float32)
    let adam = Adam([p], lr: 0.5)
    adam.step()
    expectClose(p, [0, -3.5], atol: 0.02)
  }
}

@Suite(.everyDevice)
struct OptimizerTests {
  private func parameter(_ values: [Double]) -> Tensor { Tensor(values, requiresGrad: true) }

  @Test func parametersWithoutGradientAreLeftOut() {
    let (p, q) = (parameter([1]), parameter([2]))
    let optimizer = SGD([p, q], lr: 1, momentum: 0.5)
    q.grad = Tensor([1.0])
    optimizer.step()
    expectEqual(p, [1])
    expectEqual(q, [1])
    // One begins its momentum now, the other goes on.
    p.grad = Tensor([1.0])
    optimizer.step()
    expectEqual(p, [0])
    expectEqual(q, [-0.5])
    optimizer.zeroGrad()
    #expect(p.grad == nil && q.grad == nil)
    optimizer.step()
    expectEqual(p, [0])
  }

  @Test func adamCountsStepsPerParameter() {
    let (p, q, r) = (parameter([1]), parameter([1]), parameter([1]))
    let (both, alone) = (Adam([p, q], lr: 0.1), Adam([r], lr: 0.1))
    p.grad = Tensor([1.0])
    both.step()
    q.grad = Tensor([0.5])
    both.step()
    r.grad = Tensor([0.5])
    alone.step()
    #expect(q.doubles == r.doubles)
  }

  @Test func groupsHaveTheirOwnSettings() {
    let (p, q) = (parameter([1]), parameter([1]))
    let optimizer = SGD(groups: [ParameterGroup([p], .init(lr: 1)), ParameterGroup([q], .init(lr: 0.5))])
    p.grad = Tensor([1.0])
    q.grad = Tensor([1.0])
    optimizer.step()
    expectEqual(p, [0])
    expectEqual(q, [0.5])
    #expect(optimizer.learningRates == [1, 0.5])
    optimizer.learningRates = [0.25, 0.25]
    optimizer.groups[1].options.weightDecay = 1
    optimizer.step()
    expectEqual(p, [-0.25])
    expectEqual(q, [0.5 - 0.25 * 1.5])
    let r = parameter([1])
    optimizer.addGroup(ParameterGroup([r], .init(lr: 2)))
    #expect(optimizer.parameters.count == 3)
  }

  @Test func writesAreCounted() {
    let p = parameter([1])
    let y = p * p
    p.grad = Tensor([1.0])
    SGD([p], lr: 1).step()
    expectError(.autograd, "version") { y.sum().backward() }
  }

  @Test func zeroGradFillsOnRequest() {
    let p = parameter([1])
    p.grad = Tensor([3.0])
    let gradient = p.grad!
    let optimizer = SGD([p])
    optimizer.zeroGrad(setToNil: false)
    #expect(p.grad === gradient)
    expectEqual(gradient, [0])
  }

  @Test func errorsNameTheMistake() {
    let p = parameter([1])
    expectError(.value, "SGD", "empty parameter list") { _ = SGD([]) }
    expectError(.value, "SGD", "invalid learning rate: -0.1") { _ = SGD([p], lr: -0.1) }
    expectError(.value, "SGD", "invalid momentum value: -1.0") { _ = SGD([p], momentum: -1) }
    expectError(.value, "Nesterov momentum requires a momentum and zero dampening") { _ = SGD([p], nesterov: true) }
    expectError(.value, "Adam", "invalid beta parameter at index 1: 1.0") { _ = Adam([p], betas: (0.9, 1)) }
    expectError(.value, "AdamW", "leaf") { _ = AdamW([p * 2]) }
    expectError(.value, "twice") { _ = SGD([p, p]) }
    expectError(.value, "more than one parameter group") {
      _ = SGD(groups: [ParameterGroup([p], .init()), ParameterGroup([p], .init())])
    }
    let other = parameter([2])
    expectError(.value, "SGD", "cannot be changed") { SGD([p]).groups = [ParameterGroup([other], .init())] }
    expectError(.value, "invalid learning rate") { SGD([p]).learningRates = [-1] }
  }
}

@Suite(.everyDevice)
struct OptimizerStateTests {
  private func step(_ p: Tensor, _ optimizer: any Optimizer, _ gradient: Double) {
    p.grad = Tensor([gradient, -gradient])
    optimizer.step()
  }

  private static let makers: [@Sendable ([Tensor]) -> any Optimizer] = [
    { SGD($0, lr: 0.1, momentum: 0.9, nesterov: true) }, { Adam($0, lr: 0.1, amsgrad: true) },
    { AdamW($0, lr: 0.1, betas: (0.5, 0.75)) },
  ]

  @Test(arguments: makers.indices)
  func aLoadedOptimizerGoesOnAlike(i: Int) throws {
    let (p, q) = (Tensor([1.0, 2.0], requiresGrad: true), Tensor([1.0, 2.0], requiresGrad: true))
    let optimizer = OptimizerStateTests.makers[i]([p])
    for k in 1...3 { step(p, optimizer, Double(k)) }
    q.detach().copy(from: p.detach())
    // With other settings, which the state replaces.
    let others: [any Optimizer] = [SGD([q]), Adam([q]), AdamW([q])]
    let other = others[i]
    try other.load(optimizer.stateDict())
    #expect(other.learningRates == [0.1])
    for k in 4...6 {
      step(p, optimizer, Double(k))
      step(q, other, Double(k))
    }
    #expect(p.doubles == q.doubles)
  }

  @Test func statesHavePyTorchsStructure() {
    let p = Tensor([1.0, 2.0], requiresGrad: true)
    let sgd = SGD([p], momentum: 0.9)
    #expect(sgd.stateDict().tensors.isEmpty)
    step(p, sgd, 1)
    #expect(sgd.stateDict().tensors[0]?.keys.sorted() == ["momentum_buffer"])
    #expect(sgd.stateDict().groups[0].options["momentum"] == .float(0.9))
    #expect(sgd.stateDict().groups[0].parameters == [0])
    let adam = Adam([p], amsgrad: true)
    step(p, adam, 1)
    let state = adam.stateDict().tensors[0]!
    #expect(state.keys.sorted() == ["exp_avg", "exp_avg_sq", "max_exp_avg_sq", "step"])
    expectEqual(state["step"]!, [1], shape: [], dtype: .float32)
  }

  @Test func filesKeepStates() throws {
    let path = "/tmp/optimizer-\(UInt64.random(in: 0...UInt64.max)).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let p = Tensor([1.0, 2.0], requiresGrad: true)
    let adam = Adam([p], lr: 0.125)
    step(p, adam, 1)
    try adam.stateDict().save(to: path)
    let state = try OptimizerState(contentsOf: path)
    #expect(state.groups == adam.stateDict().groups)
    #expect(state.tensors[0]!["exp_avg"]!.doubles == adam.stateDict().tensors[0]!["exp_avg"]!.doubles)
  }

  @Test func statesThatDoNotFitAreRefused() {
    let (p, q) = (Tensor([1.0, 2.0], requiresGrad: true), Tensor([1.0], requiresGrad: true))
    let sgd = SGD([p], momentum: 0.9)
    step(p, sgd, 1)
    let state = sgd.stateDict()
    #expect(throws: TensorError.self) { try SGD([p, q]).load(state) }
    #expect(throws: TensorError.self) { try SGD([q]).load(state) }
    #expect(throws: TensorError.self) { try Adam([p]).load(state) }
    let two = SGD(groups: [ParameterGroup([p], .init()), ParameterGroup([q], .init())])
    #expect(throws: TensorError.self) { try two.load(state) }
    let q2 = SGD([q])
    #expect(throws: TensorError.self) { try q2.load(state) }
    #expect(q2.learningRates == [0.001])
  }
}
