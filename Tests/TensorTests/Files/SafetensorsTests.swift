import Foundation
import Tensor
import TestSupport
import Testing

/// A path in a folder of its own that is removed afterwards.
private func withTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "safetensors-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.appending(path: "file.safetensors").path)
}

/// A file of a header and data bytes.
private func file(_ header: String, _ data: [UInt8] = []) -> Data {
  var bytes = Data()
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
  bytes.append(contentsOf: Array(header.utf8))
  bytes.append(contentsOf: data)
  return bytes
}

private func load(_ bytes: Data) throws -> Safetensors {
  try withTemporaryFile { path in
    try bytes.write(to: URL(filePath: path))
    // The mapping outlives the file's name.
    return try Safetensors.load(from: path)
  }
}

private func expectFileError(
  _ part: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  expectError(.file, part, sourceLocation: sourceLocation, body)
}

@Suite("Safetensors", .everyDevice)
struct SafetensorsTests {
  struct Verdict: Decodable, Sendable, CustomTestStringConvertible {
    let file: String
    let accept: Bool
    var testDescription: String { file }
  }

  static let verdicts: [Verdict] = {
    do { return try Fixture.decode([Verdict].self, from: "hostile/safetensors.json") } catch { fatalError("\(error)") }
  }()

  @Test("well-formed and hostile files are judged as the reference reader judges them", arguments: verdicts)
  func verdict(_ verdict: Verdict) throws {
    let path = Fixture.folder.appending(path: "hostile/\(verdict.file)").path
    do {
      let file = try Safetensors.load(from: path)
      #expect(verdict.accept)
      for name in file.names where verdict.file != "st_zero_times_huge.safetensors" { _ = try file.tensor(name) }
    } catch {
      #expect(!verdict.accept, "\(error)")
      #expect(error.kind == .file)
    }
  }

  @Test("a shape beyond the address space is refused when the tensor is asked for")
  func hugeEmptyShapes() throws {
    let path = Fixture.folder.appending(path: "hostile/st_zero_times_huge.safetensors").path
    let huge = try Safetensors.load(from: path)
    expectFileError("too large to address") { _ = try huge.tensor("a") }
    let header = #"{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}"#
    expectFileError("too large to address") { _ = try load(file(header)).tensor("a") }
  }

  @Test("a good file cut at any byte throws, and so does one with a byte more")
  func truncation() throws {
    let good = try withTemporaryFile { path in
      try Safetensors.save(
        ["weight": .make([1, 2, 3, 4], [2, 2], dtype: .float32), "é\n": .make([1], [], dtype: .int16)],
        metadata: ["note": "\u{1}\"\\ü𝄞"], to: path)
      return try Data(contentsOf: URL(filePath: path))
    }
    #expect(try load(good).names == ["weight", "é\n"])
    for count in 0..<good.count {
      #expect(throws: TensorError.self, "\(count) of \(good.count) bytes") { try load(good.prefix(count)) }
    }
    expectFileError("the tensors take 18 bytes, but the file holds 19") { _ = try load(good + [0]) }
  }

  @Test("a good file with any one bit of its header changed throws or loads, and never crashes")
  func flippedBits() throws {
    let good = file(
      #"{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
        + #""y":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}"#,
      Array(repeating: 7, count: 9))
    var accepted = 0
    for position in 0..<good.count - 9 {
      for bit in 0..<8 {
        var bad = good
        bad[position] ^= 1 << UInt8(bit)
        if let result = try? load(bad) {
          accepted += 1
          for name in result.names { _ = try? result.tensor(name) }
        }
      }
    }
    // Names and metadata may change without breaking a rule.
    #expect(accepted > 0 && accepted < 150)
  }

  @Test(
    "what a header must not say",
    arguments: [
      (
        #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}"#,
        "stands twice"
      ),
      (#"{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}"#, "unknown dtype"),
      (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, "whole number"),
      (#"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, "begins with 0"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],}}"#, "expected a string"),
      (#"{"a":{"dtype":"F32","shape":[1]}}"#, "lacks its dtype, shape or two data_offsets"),
      (#"{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}"#, "shape stands twice"),
      (#"{"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}}"#, "does not fit 64 bits"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "0 comes next"),
      (#"{"a":"F32"}"#, "expected an object"),
      (#"{"__metadata__":{"a":null}}"#, "expected a string"),
      ("{\"\t\":1}", "control character"),
      (#"{"\x":1}"#, "unknown escape"),
      (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} {}"#, "characters follow the end"),
      (#"{"a":{"b":tru,"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "expected a value"),
    ])
  func badHeaders(header: String, message: String) {
    expectFileError(message) { _ = try load(file(header, [0, 0, 0, 0])) }
  }

  @Test("unknown fields are passed over, whatever they hold")
  func unknownFields() throws {
    let header =
      #" {"a":{"note":[1,-2.5e+3,{"x":[]},"\u00e9\ud834\udd1e",null,true],"dtype":"U8","#
      + #""shape":[1],"data_offsets":[0,1]}} "#
    #expect(try load(file(header, [9])).tensor("a").doubles == [9])
  }

  @Test(
    "bytes that are no UTF-8 are refused",
    arguments: [
      [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0xF0, 0x80, 0x80, 0x80],
    ] as [[UInt8]])
  func notUTF8(bytes: [UInt8]) {
    var data = file(#"{"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#)
    data.insert(contentsOf: bytes, at: 8 + 2)
    data[0] += UInt8(bytes.count)
    expectFileError("not UTF-8 at byte 2") { _ = try load(data) }
  }

  @Test("element types that the library lacks are refused by name", arguments: ["U16", "U32", "U64", "C64", "F8_E4M3"])
  func foreignTypes(type: String) throws {
    let size = ["U16": 2, "U32": 4, "F8_E4M3": 1][type] ?? 8
    let foreign = try load(
      file(
        #"{"a":{"dtype":"\#(type)","shape":[1],"data_offsets":[0,\#(size)]}}"#, Array(repeating: 0, count: size)))
    #expect(foreign.names == ["a"])
    expectFileError("has the dtype \(type), which this library does not have") { _ = try foreign.tensor("a") }
    expectFileError("there is no tensor \"b\"") { _ = try foreign.tensor("b") }
  }

  @Test("every dtype and layout comes back bit for bit", arguments: DType.allCases, LayoutCase.allCases)
  func roundTrip(dtype: DType, layout: LayoutCase) throws {
    let values: [Double] = dtype == .bool ? [1, 0, 1, 1, 0, 0] : [0, 1, 2, 100, 7, 3]
    let tensors = [
      "matrix": layout.make(.make(values, [3, 2], dtype: dtype)), "number": layout.make(.make([1], [], dtype: dtype)),
      "empty": layout.make(.make([], [2, 0], dtype: dtype)), "": layout.make(.make([1], [1, 1, 1], dtype: dtype)),
    ]
    let back = try withTemporaryFile { path in
      try Safetensors.save(tensors, to: path)
      return try Safetensors.load(from: path)
    }
    #expect(back.names == ["", "empty", "matrix", "number"])
    for (name, tensor) in try back.tensors() {
      #expect(tensor.dtype == dtype)
      #expect(tensor.shape == tensors[name]?.shape)
      #expect(tensor.elementBytes == tensors[name]?.elementBytes)
    }
  }

  @Test("a file's bytes are those of the reference writer")
  func exactBytes() throws {
    let written = try withTemporaryFile { path in
      try Safetensors.save(
        [
          "b": .make([1], [1], dtype: .float32), "a": .make([2, 3], [2], dtype: .uint8),
          "c": .make([4], [], dtype: .int64), "a\"é": .make([5], [1], dtype: .float32),
        ], metadata: ["k": "v"], to: path)
      return try Data(contentsOf: URL(filePath: path))
    }
    let header =
      #"{"__metadata__":{"k":"v"},"c":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
      + #""a\"é":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"#
      + #""b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},"#
      + #""a":{"dtype":"U8","shape":[2],"data_offsets":[16,18]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(written == file(padded, [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xA0, 0x40, 0, 0, 0x80, 0x3F, 2, 3]))
  }

  @Test("metadata and names of any characters come back")
  func texts() throws {
    let notes = ["": "", "a/../b": "\u{0}\u{1F}\u{7F}\"\\/\r\n\t𝄞é", "e": String(repeating: "ü", count: 1000)]
    let back = try withTemporaryFile { path in
      try Safetensors.save(notes.map { ($0.key, .make([1], [1], dtype: .bool)) }, metadata: notes, to: path)
      return try Safetensors.load(from: path)
    }
    #expect(back.metadata == notes)
    #expect(Set(back.names) == Set(notes.keys))
  }

  @Test("a write to a loaded tensor stays in memory, and aligned bytes are not copied")
  func privateMapping() throws {
    try withTemporaryFile { path in
      try Safetensors.save(["a": .make([1, 2], [2], dtype: .float32)], to: path)
      let before = try Data(contentsOf: URL(filePath: path))
      let first = try Safetensors.load(from: path)
      let a = try first.tensor("a")
      apply(Fill(.int(9)), on: a)
      #expect(a.doubles == [9, 9])
      // A second handle shares the mapping.
      #expect(try first.tensor("a").doubles == [9, 9])
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
      #expect(try Safetensors.load(from: path).tensor("a").doubles == [1, 2])
    }
  }

  @Test("saving over a file that tensors are mapped from leaves them whole")
  func saveOverMapping() throws {
    try withTemporaryFile { path in
      try Safetensors.save(["a": .make([1, 2, 3], [3], dtype: .float32)], to: path)
      let a = try Safetensors.load(from: path).tensor("a")
      try Safetensors.save(["b": a], to: path)
      try Safetensors.save(["c": .make([0], [1], dtype: .float32)], to: path)
      #expect(a.doubles == [1, 2, 3])
      #expect(try Safetensors.load(from: path).names == ["c"])
    }
  }

  @Test("truth values other than 0 and 1 read as true")
  func truthValues() throws {
    let bytes = file(#"{"a":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}"#, [0, 255, 1])
    #expect(try load(bytes).tensor("a").elementBytes == [0, 1, 1])
  }

  @Test("a failed save leaves the old file and no other")
  func failedSave() throws {
    try withTemporaryFile { path in
      let folder = URL(filePath: path).deletingLastPathComponent()
      try Safetensors.save(["a": .make([1], [1])], to: path)
      let before = try Data(contentsOf: URL(filePath: path))
      let one = Tensor.make([1], [1])
      expectFileError("stands twice") { try Safetensors.save([("x", one), ("x", one)], to: path) }
      expectFileError("kept for the file's notes") { try Safetensors.save(["__metadata__": one], to: path) }
      expectFileError("No such file or directory") { try Safetensors.save(["x": one], to: path + ".no/file") }
      expectFileError("not a regular file") { try Safetensors.save(["x": one], to: folder.path) }
      expectFileError("contains a NUL") { try Safetensors.save(["x": one], to: "a\u{0}b") }
      #expect(try Data(contentsOf: URL(filePath: path)) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file.safetensors"])
    }
  }

  @Test("a file that is not there or no file at all is an error with its path")
  func unreadable() {
    expectFileError("cannot open \"/nowhere/x.safetensors\": No such file or directory") {
      _ = try Safetensors.load(from: "/nowhere/x.safetensors")
    }
    expectFileError("not a regular file") { _ = try Safetensors.load(from: "/") }
    expectFileError("the file has 0 bytes") { _ = try load(Data()) }
  }

  @Test(
    "a header that lies about its length costs no memory", arguments: [UInt64.max, 1 << 63, 100_000_001, 100_000_000])
  func hugeLengths(length: UInt64) {
    var bytes = Data()
    withUnsafeBytes(of: length.littleEndian) { bytes.append(contentsOf: $0) }
    expectFileError("the header's length \(length) exceeds") { _ = try load(bytes + Data("{}".utf8)) }
  }
}
