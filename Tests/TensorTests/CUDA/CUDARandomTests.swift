import Foundation
import Tensor
import TestSupport
import Testing

/// Draws on a GPU against PyTorch's: integers and uniforms bit for bit, what goes through logarithms and sines nearly.
///
/// The records are those of a model of PyTorch's generator for a GPU of 132 multiprocessors with 2048 threads each; up to
/// 270,336 elements they are the same on every GPU. A few were printed by PyTorch itself.
@Suite("Random numbers on a GPU", .enabled(if: CUDA.isAvailable))
struct CUDARandomTests {
  struct Fixtures: Decodable {
    let exact: [String: [Record]]
    let close: [String: [Record]]
    let printed: [Printed]
  }

  struct Record: Decodable {
    let seed: UInt64
    let n: Int
    let hex: String?
    let first8: String?
    let last8: String?
    let fnv1a64: String?
    let next: String
  }

  struct Printed: Decodable {
    let seed: UInt64
    let call: String
    let skip: Int
    let values: [Double]
  }

  private let fixtures: Fixtures = try! Fixture.decode(from: "rng_cuda.json")
  private var isRecordedGeometry: Bool { CUDA.properties()?.multiprocessorCount == 132 }

  private func each(
    _ records: [String: [Record]], _ body: (Tensor, Record, DType, Comment) -> Void
  ) {
    var compared = 0
    for (call, records) in records {
      let words = call.split(separator: " ")
      let dtype = DType.allCases.first { $0.name == words.last! }!
      for record in records where record.n <= 270_336 || isRecordedGeometry {
        let generator = Generator(seed: record.seed, device: .cuda)
        let x = withDefaultDevice(.cuda) { draw(words[0], record.n, dtype, generator) }
        guard let x else {
          Issue.record("\(call) is not drawn")
          break
        }
        let comment: Comment = "\(call), seed \(record.seed), \(record.n) elements"
        body(x, record, dtype, comment)
        // The generator stands where PyTorch's does.
        let next = Tensor.rand(1, device: .cuda, generator: generator).elementBytes
        #expect(next == bytes(hex: record.next, itemSize: 4), comment)
        compared += 1
      }
    }
    #expect(compared > 50)
  }

  private func draw(_ function: Substring, _ n: Int, _ dtype: DType, _ generator: Generator) -> Tensor? {
    guard let p = function.wholeMatch(of: /dropout\((.*)\)/).flatMap({ Double($0.1) }) else {
      return GoldenRandomTests.draw(function, n, dtype, generator)
    }
    let x = Tensor.ones(n, dtype: dtype)
    return checked { () throws(TensorError) in try run(RandomDropout(of: x, p: p, generator: generator), x) }
  }

  @Test("integers and uniforms are PyTorch's, bit for bit")
  func exact() {
    each(fixtures.exact) { x, record, dtype, comment in
      let (found, size) = (x.elementBytes, dtype.itemSize)
      if let hex = record.hex { #expect(found == bytes(hex: hex, itemSize: size), comment) }
      if let first = record.first8 {
        #expect(Array(found.prefix(8 * size)) == bytes(hex: first, itemSize: size), comment)
      }
      if let last = record.last8 {
        #expect(Array(found.suffix(8 * size)) == bytes(hex: last, itemSize: size), comment)
      }
      if let sum = record.fnv1a64 { #expect(fnv1a64(found) == UInt64(sum, radix: 16), comment) }
    }
  }

  @Test("normals and exponentials are PyTorch's within a few units in the last place")
  func close() {
    each(fixtures.close) { x, record, dtype, comment in
      let tolerance: Double
      switch dtype {
      case .float16: tolerance = 0x1p-9
      case .bfloat16: tolerance = 0x1p-6
      case .float32: tolerance = 4e-6
      default: tolerance = 1e-13
      }
      func compare(_ found: [Double], _ hex: String) {
        let reference = Tensor(
          bytes: bytes(hex: hex, itemSize: dtype.itemSize), shape: [found.count], dtype: dtype, device: .cpu
        ).doubles
        for (value, expected) in zip(found, reference) {
          #expect(abs(value - expected) <= tolerance * max(1, abs(expected)), comment)
        }
      }
      let found = x.doubles
      if let hex = record.hex { compare(found, hex) }
      if let first = record.first8 { compare(Array(found.prefix(8)), first) }
      if let last = record.last8 { compare(Array(found.suffix(8)), last) }
    }
  }

  @Test("draws that PyTorch printed on GPUs")
  func printed() {
    for record in fixtures.printed {
      let generator = Generator(seed: record.seed, device: .cuda)
      let words = record.call.split(separator: " ")
      withDefaultDevice(.cuda) {
        if record.skip > 0 { _ = GoldenRandomTests.draw(words[0], record.skip, .float32, generator) }
        let x = GoldenRandomTests.draw(words[0], record.values.count, .float32, generator)!
        expectClose(x, record.values, atol: 5.1e-5, "\(record.call), seed \(record.seed)")
      }
    }
  }
}
