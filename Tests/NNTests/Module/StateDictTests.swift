import Foundation
import NN
import TestSupport
import Testing

@Suite(.everyDevice)
struct StateDictTests {
  @Test func valuesShareMemory() {
    let model = Linear(2, 1)
    let state = model.stateDict()
    #expect(state.keys == ["weight", "bias"])
    #expect(!state["weight"]!.requiresGrad)
    state["weight"]!.fill(3)
    expectEqual(model.weight, [3, 3])
  }

  @Test func loadCopiesAndKeepsObjects() throws {
    let (source, target) = (Linear(3, 2), Linear(3, 2, dtype: .float64))
    let weight = target.weight
    let result = try target.load(source.stateDict())
    #expect(result.description == "<All keys matched successfully>")
    #expect(target.weight === weight && weight.dtype == .float64 && weight.requiresGrad)
    #expect(weight.doubles == source.weight.doubles)
    source.stateDict()["weight"]!.fill(0)
    #expect(weight.doubles != source.weight.doubles)
  }

  @Test func valuesMayLieInTheModulesOwnMemory() throws {
    let (first, second) = (Linear(2, 2, bias: false), Linear(2, 2, bias: false))
    let model = Sequential(first, second)
    let (a, b) = (first.weight.doubles, second.weight.doubles)
    try model.load(["0.weight": second.weight.detach(), "1.weight": first.weight.detach().t()])
    #expect(first.weight.doubles == b && second.weight.doubles == [a[0], a[2], a[1], a[3]])
    try model.load(model.stateDict())
    #expect(first.weight.doubles == b)
    try model.load(["0.weight": Tensor.zeros(2, 2), "1.weight": second.weight.detach().t()])
    #expect(first.weight.doubles == [0, 0, 0, 0] && second.weight.doubles == a)
  }

  @Test func mismatchesAreListedAndNothingIsCopied() {
    let model = Sequential(Linear(2, 3), Linear(2, 2))
    let before = model[0].parameters()[0].doubles
    let state: StateDict = [
      "0.weight": Tensor.zeros(3, 2), "1.weight": Tensor.zeros(2), "1.bias": Tensor.zeros(2), "z": Tensor.zeros(1),
    ]
    let error = #expect(throws: TensorError.self) { try model.load(state) }
    #expect(
      error?.message == """
        the state does not fit:
        \tmissing keys: "0.bias"
        \tunexpected keys: "z"
        \tsize mismatch for 1.weight: shape [2] in the state, [2, 2] in the model
        """)
    #expect(model[0].parameters()[0].doubles == before)
  }

  @Test func looseLoadTakesWhatFits() throws {
    let model = Linear(2, 1)
    let result = try model.load(["weight": Tensor.zeros(1, 2), "z": Tensor.zeros(1)], strict: false)
    #expect(result.missingKeys == ["bias"] && result.unexpectedKeys == ["z"])
    expectEqual(model.weight, [0, 0])
    #expect(throws: TensorError.self) { try model.load(["weight": Tensor.zeros(2, 1)], strict: false) }
    // A zero-dim tensor is no row of one.
    #expect(throws: TensorError.self) { try model.load(["bias": Tensor.zeros([])], strict: false) }
  }

  @Test func filesKeepEverything() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = Sequential(Linear(3, 4), ReLU(), Linear(4, 1, dtype: .bfloat16))
    try model.stateDict().save(to: path)
    let other = Sequential(Linear(3, 4), ReLU(), Linear(4, 1, dtype: .bfloat16))
    try other.load(StateDict(contentsOf: path))
    for (a, b) in zip(model.parameters(), other.parameters()) { #expect(a.doubles == b.doubles) }
    #expect(throws: TensorError.self) { try StateDict(contentsOf: path + ".missing") }
  }

  @Test func entriesKeepTheirOrder() {
    var state: StateDict = ["b": Tensor.zeros(1), "a": Tensor.zeros(2)]
    state["c"] = Tensor.zeros(3)
    state["b"] = Tensor.ones(1)
    #expect(state.keys == ["b", "a", "c"] && state.count == 3)
    expectEqual(state["b"]!, [1])
    state["b"] = nil
    #expect(state.keys == ["a", "c"] && state["c"]?.shape == [3] && state["b"] == nil)
  }
}
