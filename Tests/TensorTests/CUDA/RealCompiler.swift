import CTensorCUDA
import Foundation

/// The real NVRTC, which compiles for GPUs that are not there.
struct RealCompiler {
  private let handle: UnsafeMutableRawPointer
  let version: (major: Int, minor: Int)

  private typealias Program = OpaquePointer
  private typealias Text = UnsafePointer<CChar>

  /// Opens the library; nil when it is none.
  init?(path: String) {
    // Some of its packages give it no way to find this library beside itself.
    let folder = URL(filePath: path).deletingLastPathComponent()
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    where name.hasPrefix("libnvrtc-builtins.so") { dlopen(folder.appending(path: name).path, RTLD_NOW) }
    guard let handle = dlopen(path, RTLD_NOW), dlsym(handle, "nvrtcVersion") != nil else { return nil }
    self.handle = handle
    var (major, minor): (Int32, Int32) = (0, 0)
    typealias Version = @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32
    _ = unsafeBitCast(dlsym(handle, "nvrtcVersion"), to: Version.self)(&major, &minor)
    version = (Int(major), Int(minor))
  }

  private func function<Function>(_ name: String, _ type: Function.Type) -> Function {
    unsafeBitCast(dlsym(handle, name), to: type)
  }

  /// Compiles a program with the library's own sources; nil machine code when that fails, and what the compiler said.
  func compile(_ text: String, architecture: Int) -> (cubin: Cubin?, log: String) {
    typealias Texts = UnsafeMutablePointer<Text?>
    typealias Create =
      @convention(c) (UnsafeMutablePointer<Program?>, Text, Text, Int32, Texts?, Texts?) -> Int32
    typealias Compile = @convention(c) (Program, Int32, Texts) -> Int32
    typealias Destroy = @convention(c) (UnsafeMutablePointer<Program?>) -> Int32
    let sources = (0..<st_cuda_source_count()).map { st_cuda_source_at($0) }
    var names = sources.map { $0.name }
    var texts = sources.map { $0.text }
    var program: Program?
    _ = function("nvrtcCreateProgram", Create.self)(
      &program, text, "program.cu", Int32(sources.count), &texts, &names)
    guard let made = program else { return (nil, "the program could not be made") }
    defer { _ = function("nvrtcDestroyProgram", Destroy.self)(&program) }
    let options = [
      "--gpu-architecture=sm_\(architecture)", "--std=c++20", "--minimal", "--ptxas-options=-v", "--fmad=true",
    ]
    var pointers = options.map { Text?(UnsafePointer(strdup($0))) }
    defer { for pointer in pointers { free(UnsafeMutableRawPointer(mutating: pointer)) } }
    let status = function("nvrtcCompileProgram", Compile.self)(made, Int32(options.count), &pointers)
    let log = String(decoding: bytes("nvrtcGetProgramLog", of: made).prefix { $0 != 0 }, as: UTF8.self)
    return (status == 0 ? Cubin(bytes("nvrtcGetCUBIN", of: made)) : nil, log)
  }

  private func bytes(_ name: String, of program: Program) -> [UInt8] {
    typealias Size = @convention(c) (Program, UnsafeMutablePointer<Int>) -> Int32
    typealias Get = @convention(c) (Program, UnsafeMutableRawPointer) -> Int32
    var size = 0
    guard function(name + "Size", Size.self)(program, &size) == 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: size + 1)
    _ = function(name, Get.self)(program, &bytes)
    return bytes
  }
}
