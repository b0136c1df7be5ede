import CTensorKernels
import Foundation
import Testing

private struct Fold: Sendable, CustomTestStringConvertible {
  let name: String
  let op: st_reduce_op
  var parameter = 0.0
  let of: @Sendable ([Double]) -> Double
  var testDescription: String { name }
}

private func variance(_ values: [Double], _ correction: Double) -> Double {
  let mean = values.reduce(0, +) / Double(values.count)
  return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / max(0, Double(values.count) - correction)
}

private let folds: [Fold] = [
  Fold(name: "sum", op: ST_SUM) { $0.reduce(0, +) },
  Fold(name: "mean", op: ST_MEAN) { $0.reduce(0, +) / Double($0.count) },
  Fold(name: "prod", op: ST_PROD) { $0.reduce(1, *) },
  Fold(name: "amax", op: ST_AMAX) { $0.contains(where: \.isNaN) ? .nan : $0.max() ?? -.infinity },
  Fold(name: "amin", op: ST_AMIN) { $0.contains(where: \.isNaN) ? .nan : $0.min() ?? .infinity },
  Fold(name: "any", op: ST_ANY) { $0.contains { $0 != 0 } ? 1 : 0 },
  Fold(name: "all", op: ST_ALL) { $0.allSatisfy { $0 != 0 } ? 1 : 0 },
  Fold(name: "norm 0", op: ST_NORM, parameter: 0) { Double($0.count { $0 != 0 }) },
  Fold(name: "norm 1", op: ST_NORM, parameter: 1) { $0.reduce(0) { $0 + abs($1) } },
  Fold(name: "norm 2", op: ST_NORM, parameter: 2) { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() },
  Fold(name: "norm 3", op: ST_NORM, parameter: 3) { pow($0.reduce(0) { $0 + pow(abs($1), 3) }, 1.0 / 3) },
  Fold(name: "norm inf", op: ST_NORM, parameter: .infinity) { $0.map(abs).max() ?? 0 },
  Fold(name: "norm -inf", op: ST_NORM, parameter: -.infinity) { $0.map(abs).min() ?? .infinity },
  Fold(name: "var", op: ST_VAR, parameter: 1) { variance($0, 1) },
  Fold(name: "std", op: ST_STD, parameter: 0) { variance($0, 0).squareRoot() },
]

/// Each output's elements, by the naive loop.
private func groups(_ x: Memory, _ dims: Set<Int>) -> [[Double]] {
  let outputs = x.shape.enumerated().reduce(1) { dims.contains($1.offset) ? $0 : $0 * $1.element }
  var groups = [[Double]](repeating: [], count: outputs)
  for i in 0..<x.count {
    var rest = i
    var place = 0
    var step = 1
    for d in stride(from: x.shape.count - 1, through: 0, by: -1) {
      let at = rest % x.shape[d]
      rest /= x.shape[d]
      if dims.contains(d) { continue }
      place += at * step
      step *= x.shape[d]
    }
    groups[place].append(x[i])
  }
  return groups
}

private func reduced(_ shape: [Int], _ dims: Set<Int>) -> [Int] {
  shape.enumerated().map { dims.contains($0.offset) ? 1 : $0.element }
}

private let cases: [(shape: [Int], dims: Set<Int>)] = [
  ([], []), ([1], [0]), ([37], [0]), ([5, 7], [1]), ([5, 7], [0]), ([20, 33], [0]), ([20, 33], [0, 1]),
  ([3, 300], [1]), ([90, 24], [0]), ([3, 4, 5], [1]), ([3, 4, 5], [0, 2]), ([2, 3, 17, 4], [1, 3]),
  ([2, 130, 18], [1]), ([4, 1, 6], [1]), ([500, 9], [0]), ([40, 130], [0]),
]

@Suite struct ReductionTests {
  @Test("against a naive float64 loop", arguments: folds.indices, Placement.allCases)
  func naive(_ index: Int, _ placement: Placement) {
    let fold = folds[index]
    var random = Sequence64(state: 3)
    for element in Element.allCases {
      let whole = !element.isFloat
      if placement != .rowMajor && ![.float32, .bfloat16, .int32].contains(element) { continue }
      if whole && [ST_MEAN, ST_NORM, ST_VAR, ST_STD].contains(fold.op) { continue }
      for (shape, dims) in cases {
        let x = placement.make(element, shape)
        for i in 0..<x.count {
          switch fold.op {
          case ST_PROD: x[i] = Bool.random(using: &random) ? 2 : whole ? 1 : 0.5
          case ST_ANY: x[i] = Int.random(in: 0..<40, using: &random) == 0 ? 1 : 0
          case ST_ALL: x[i] = Int.random(in: 0..<40, using: &random) == 0 ? 0 : 1
          default: x[i] = Double(Int.random(in: 0...9, using: &random))
          }
        }
        if whole && fold.op == ST_PROD && x.count / max(1, groups(x, dims).count) > 60 { continue }
        var out = element
        if fold.op == ST_ANY || fold.op == ST_ALL { out = .bool }
        if whole && (fold.op == ST_SUM || fold.op == ST_PROD) { out = .int64 }
        let result = placement.make(out, reduced(shape, dims))
        #expect(st_reduce(fold.op, result.view, x.view, fold.parameter).code == 0)
        let tolerances: [Element: Double] = [.float16: 1e-3, .bfloat16: 8e-3, .float32: 3e-7, .float64: 1e-14]
        let tolerance = tolerances[out] ?? 0
        for (i, values) in groups(x, dims).enumerated() {
          var expected = fold.of(values)
          if out == .float16 { expected = Double(Float16(expected)) }
          let close = abs(result[i] - expected) <= tolerance * abs(expected) || result[i] == expected
          if !close && !(result[i].isNaN && expected.isNaN) {
            Issue.record(
              "\(fold.name) \(element) \(shape) \(dims): \(result[i]), not \(expected)")
          }
        }
      }
    }
  }

  @Test func empty() {
    for fold in folds {
      let isBool = fold.op == ST_ANY || fold.op == ST_ALL
      for shape in [[0], [3, 0], [0, 40], [0, 3, 2]] {
        let x = Memory(.float32, shape)
        let result = Memory(isBool ? .bool : .float32, reduced(shape, [shape.firstIndex(of: 0)!]))
        #expect(st_reduce(fold.op, result.view, x.view, fold.parameter).code == 0)
        let expected = fold.of([])
        if fold.op == ST_NORM && fold.parameter == .infinity { continue }
        #expect(result.values.allSatisfy { $0 == expected || ($0.isNaN && expected.isNaN) }, "\(fold.name) \(shape)")
      }
    }
  }

  @Test func integersWrap() {
    let x = Memory(.int64, [3]), result = Memory(.int64, [1])
    for i in 0..<3 { x.store(.max, at: i) }
    _ = st_reduce(ST_SUM, result.view, x.view, 0)
    #expect(result.whole(0) == Int64.max &+ Int64.max &+ Int64.max)
    _ = st_reduce(ST_PROD, result.view, x.view, 0)
    #expect(result.whole(0) == Int64.max &* Int64.max &* Int64.max)
    _ = st_reduce(ST_AMIN, result.view, x.view, 0)
    #expect(result.whole(0) == .max)
  }

  @Test("long sums keep float32's precision") func longSums() {
    let count = 400_000
    let x = Memory(.float32, [count]), result = Memory(.float32, [1])
    let values = x.bytes.assumingMemoryBound(to: Float.self)
    for i in 0..<count { values[i] = 0.1 }
    _ = st_reduce(ST_SUM, result.view, x.view, 0)
    let exact = Double(Float(0.1)) * Double(count)
    #expect(abs(result[0] - exact) < 3e-7 * exact)
    let columns = Memory(.float32, [1, 40])
    let matrix = st_view(
      data: x.bytes, shape: [count / 40, 40].withUnsafeBufferPointer { Self.keep($0) },
      strides: [40, 1].withUnsafeBufferPointer { Self.keep($0) }, rank: 2, dtype: Element.float32.rawValue)
    _ = st_reduce(ST_SUM, columns.view, matrix, 0)
    #expect(columns.values.allSatisfy { abs($0 - exact / 40) < 3e-7 * exact / 40 })
    // A mean far from zero leaves the variance its digits.
    for i in 0..<count { values[i] = 1000 + Float(i % 2) }
    _ = st_reduce(ST_VAR, result.view, x.view, 0)
    #expect(abs(result[0] - 0.25) < 1e-7)
    _ = st_reduce(ST_VAR, columns.view, matrix, 0)
    #expect(columns.values.allSatisfy { abs($0) < 1e-7 || abs($0 - 0.25) < 1e-7 })
  }
  private static func keep(_ values: UnsafeBufferPointer<Int>) -> UnsafePointer<Int> {
    let kept = UnsafeMutablePointer<Int>.allocate(capacity: values.count)
    kept.initialize(from: values.baseAddress!, count: values.count)
    return UnsafePointer(kept)
  }

  @Test("extremes with their places", arguments: Element.allCases.filter { $0 != .bool }, Placement.allCases)
  func extremes(_ element: Element, _ placement: Placement) {
    var random = Sequence64(state: 8)
    for (shape, _) in cases where !shape.isEmpty {
      let x = placement.make(element, shape)
      for i in 0..<x.count { x[i] = Double(Int.random(in: 0...5, using: &random)) }
      if element.isFloat && x.count > 8 { for i in [x.count / 2, x.count - 1] { x[i] = .nan } }
      for largest in [true, false] {
        func first(_ values: [Double]) -> Int {
          if let nan = values.firstIndex(where: \.isNaN) { return nan }
          let extreme = largest ? values.max()! : values.min()!
          return values.firstIndex(of: extreme)!
        }
        for d in shape.indices {
          let values = placement.make(element, reduced(shape, [d]))
          let places = placement.make(.int64, reduced(shape, [d]))
          #expect(st_extremum(largest, values.view, places.view, x.view, Int32(d)).code == 0)
          for (i, group) in groups(x, [d]).enumerated() {
            let at = first(group)
            let same = values[i] == group[at] || (values[i].isNaN && group[at].isNaN)
            if places.whole(i) != Int64(at) || !same { Issue.record("\(shape) along \(d)") }
          }
        }
        let place = Memory(.int64, shape.map { _ in 1 })
        var none = place.view
        none.data = nil
        _ = st_extremum(largest, none, place.view, x.view, -1)
        #expect(place.whole(0) == Int64(first(x.values)))
      }
    }
  }
}
