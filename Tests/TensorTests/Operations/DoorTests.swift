import Synchronization
import Tensor
import TestSupport
import Testing

/// The operation door: error scopes, the profiler and the exit outside any scope.
@Suite(.everyDevice)
struct DoorTests {
  static var two: Tensor { Tensor.make([1, 2], [2]) }
  static var three: Tensor { Tensor.make([1, 2, 3], [3]) }

  @Test func firstErrorIsThrownAndTheRestDoesNothing() throws {
    let target = Tensor.make([1, 2], [2])
    var poisoned: Tensor?
    do {
      try withThrowingErrors {
        let wrong = Self.two + Self.three
        poisoned = wrong * 5 - wrong.exp()
        target += wrong
        target.fill(9)
        _ = Self.two.matmul(Self.three)
      }
      Issue.record("the scope did not throw")
    } catch let error as TensorError {
      #expect(error.operation == "+")
      #expect(error.kind == .shape)
      #expect(error.message == "shapes [2] and [3] do not broadcast: sizes 2 and 3 at dimension 0")
    }
    expectEqual(try #require(poisoned), [0], shape: [])
    expectEqual(target, [1, 2])
  }

  @Test func scopesNestAndGiveResults() throws {
    let sum = try withThrowingErrors {
      let inner = try? withThrowingErrors { Self.two + Self.three }
      #expect(inner == nil)
      return Self.two + 1
    }
    expectEqual(sum, [2, 3])
  }

  struct Unrelated: Error {}

  @Test func otherErrorsPassThrough() {
    #expect(throws: Unrelated.self) { try withThrowingErrors { throw Unrelated() } }
    // An error that the body throws itself may only follow from an operation's.
    #expect(throws: TensorError.self) {
      try withThrowingErrors {
        _ = Self.two + Self.three
        throw Unrelated()
      }
    }
  }

  @Test func asynchronousScopes() async throws {
    await #expect(throws: TensorError.self) {
      try await withThrowingErrors {
        await Task.yield()
        return Self.two + Self.three
      }
    }
    let parallel = try await withThrowingErrors {
      await withTaskGroup(of: [Double].self) { group in
        for i in 0..<4 { group.addTask { (Self.two * i).doubles } }
        return await group.reduce(into: 0) { $0 += $1[1] }
      }
    }
    #expect(parallel == 12)
    // A scope reaches the tasks that it starts.
    await #expect(throws: TensorError.self) {
      try await withThrowingErrors {
        await withTaskGroup(of: Void.self) { group in group.addTask { _ = Self.two + Self.three } }
      }
    }
  }

  @Test func errorsOutsideAScopeEndTheProgram() async {
    let shapes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.make([1, 2], [2]) + Tensor.make([1, 2, 3], [3])
    }
    let text = String(decoding: shapes?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("+: shapes [2] and [3] do not broadcast"))
  }

  @Test func reductionsOutsideAScopeEndTheProgram() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.make([1, 2], [2], dtype: .int64).mean()
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("mean: expected a floating-point dtype, but got .int64"))
  }

  final class Log: ProfilerSink {
    let entries = Mutex<[(operation: String, shapes: [[Int]], duration: Duration)]>([])
    func didRun(_ operation: String, shapes: [[Int]], duration: Duration) {
      entries.withLock { $0.append((operation, shapes, duration)) }
    }
  }

  @Test func profilerSeesEveryOperation() {
    let log = Log()
    let x = Tensor.make([1, 2, 3, 4], [2, 2])
    profile(log) {
      let y = (x + Self.two).exp()
      y += 1
      _ = linear(x, y, Self.two)
      _ = cat([x, y])
      _ = y.sum(dim: 0)
    }
    _ = x * 2
    let entries = log.entries.withLock { $0 }
    #expect(entries.map(\.operation) == ["+", "exp", "+", "linear", "cat", "sum"])
    #expect(
      entries.map(\.shapes) == [
        [[2, 2], [2]], [[2, 2]], [[2, 2], []], [[2, 2], [2, 2], [2]], [[2, 2], [2, 2]], [[2, 2]],
      ])
    #expect(entries.allSatisfy { $0.duration >= .zero })
  }

  @Test func names() {
    #expect(Unary<IsNaN>().name == "isNaN")
    #expect(Binary<FloorDivide>().name == "floorDivide")
    #expect(Binary<Add>().graphName == "Add")
    #expect(Ternary<Where>().name == "where")
    #expect(Matmul(form: .bmm).name == "bmm")
  }
}
