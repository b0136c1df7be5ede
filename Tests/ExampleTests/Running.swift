import Foundation

/// What a program printed and how it ended.
struct Outcome {
  let output: String
  let errors: String
  let status: Int32
}

/// Runs an example that was built beside the tests.
///
/// - Parameter device: "cuda" lets the program find a GPU, emulated unless the tests run on real ones; else there is none.
func run(
  _ name: String, _ arguments: [String] = [], in folder: URL? = nil, input: String = "", device: String = "cpu"
) throws -> Outcome {
  let process = Process()
  var environment = ProcessInfo.processInfo.environment
  let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
  if device == "cpu" {
    environment["CUDA_VISIBLE_DEVICES"] = ""
  } else if environment["SWIFT_TENSOR_TEST_CUDA"] != "real" {
    environment["SWIFT_TENSOR_CUDA_STAND_IN"] = products.appending(path: "libCUDAEmulator.so").path
  }
  process.environment = environment
  process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: name)
  process.arguments = arguments
  process.currentDirectoryURL = folder
  let (output, errors, standardInput) = (Pipe(), Pipe(), Pipe())
  process.standardOutput = output
  process.standardError = errors
  process.standardInput = standardInput
  try process.run()
  try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
  try standardInput.fileHandleForWriting.close()
  // The error stream is short here, so reading one after the other cannot block.
  let text = try output.fileHandleForReading.readToEnd() ?? Data()
  let errorText = try errors.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return Outcome(
    output: String(decoding: text, as: UTF8.self), errors: String(decoding: errorText, as: UTF8.self),
    status: process.terminationStatus)
}

/// A folder of its own that is removed afterwards.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
