// swift-tools-version: 6.2
import PackageDescription

// The kernels are the library's inner loops: they stay optimised in debug builds too.
let optimised: [CSetting] = [.unsafeFlags(["-O3"], .when(configuration: .debug))]
let optimisedCXX: [CXXSetting] = [.unsafeFlags(["-O3"], .when(configuration: .debug))]

// Smaller programs: the C++ code throws nothing, and no other library calls it.
let small: [CXXSetting] = [
  .unsafeFlags(["-fno-exceptions", "-fno-asynchronous-unwind-tables", "-fvisibility=hidden"])
]

// Each recorded operation would check some thirty accesses to memory that locks guard already.
let unchecked: [SwiftSetting] = [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let package = Package(
  name: "swift-tensor",
  platforms: [.macOS(.v26), .iOS(.v26)],
  products: [
    .library(name: "Tensor", targets: ["Tensor"]),
    .library(name: "Autograd", targets: ["Autograd"]),
    .library(name: "NN", targets: ["NN"]),
    // For tests of programs: they load it in place of the CUDA libraries.
    .library(name: "CUDAEmulator", type: .dynamic, targets: ["CUDAEmulator"]),
  ],
  targets: [
    .target(name: "CTensorKernels", cSettings: optimised, cxxSettings: optimisedCXX + small),
    // It reads a header of CTensorKernels, but not by a dependency: C++20 would take it for a module, which nobody builds.
    .target(
      name: "CTensorCUDA", exclude: ["kernels"], cSettings: optimised,
      cxxSettings: optimisedCXX + small + [.headerSearchPath("../CTensorKernels/include")]),
    .target(name: "Tensor", dependencies: ["CTensorKernels", "CTensorCUDA"], swiftSettings: unchecked),
    .target(name: "Autograd", dependencies: ["Tensor"], swiftSettings: unchecked),
    .target(name: "NN", dependencies: ["Autograd", "CTensorKernels"]),
    // The examples: one program each.
    .target(
      name: "CDigits", path: "Examples/CDigits", exclude: ["digits.bin", "LICENSE.md"]),
    .target(name: "ExampleSupport", dependencies: ["NN"], path: "Examples/ExampleSupport"),
    .executableTarget(
      name: "TypeConversion", dependencies: ["NN", "ExampleSupport"], path: "Examples/TypeConversion"),
    .executableTarget(name: "Initialization", dependencies: ["NN"], path: "Examples/Initialization"),
    .executableTarget(name: "WeightInit", dependencies: ["NN", "ExampleSupport"], path: "Examples/WeightInit"),
    .executableTarget(
      name: "MixedPrecision", dependencies: ["NN", "ExampleSupport"], path: "Examples/MixedPrecision"),
    .executableTarget(
      name: "TrainDigits", dependencies: ["NN", "ExampleSupport", "CDigits"], path: "Examples/TrainDigits"),
    .executableTarget(
      name: "Benchmark", dependencies: ["NN", "ExampleSupport"], path: "Examples/Benchmark",
      exclude: ["pytorch_cuda.py"]),
    // A driver, compiler, cuBLASLt and cuDNN played by the processor, which runs the CUDA kernels' own source.
    .target(
      name: "CUDAEmulator", path: "Tests/CUDAEmulator", cSettings: optimised,
      cxxSettings: [
        .define("ST_EMULATED"), .headerSearchPath("."), .headerSearchPath("../../Sources/CTensorCUDA/include"),
        .headerSearchPath("../../Sources/CTensorCUDA/kernels"), .headerSearchPath("../../Sources/CTensorKernels"),
        .headerSearchPath("../../Sources/CTensorKernels/include"),
        // The kernels' unrolled loops cost minutes when optimised; their tests are small.
        .unsafeFlags(["-O0"]),
      ]),
    // A program that counts what operations allocate, by functions in place of the C library's.
    .target(name: "CAllocations", path: "Tests/Allocations/CAllocations"),
    .executableTarget(
      name: "Allocations", dependencies: ["NN", "CAllocations"], path: "Tests/Allocations/Program"),
    // PyTorch's own cases replayed: the table of its operations, the program that replays a directory, the test of a part.
    .target(name: "ConformanceSuite", dependencies: ["NN"], path: "Tests/Conformance/Suite"),
    .executableTarget(name: "Conformance", dependencies: ["ConformanceSuite"], path: "Tests/Conformance/Runner"),
    .testTarget(
      name: "ConformanceTests", dependencies: ["ConformanceSuite", "TestSupport"], path: "Tests/Conformance/Tests"),
    // Fixtures, comparisons, layouts and devices that all tests share; a test target, so that clients never build it.
    .testTarget(name: "TestSupport", dependencies: ["Tensor", "CUDAEmulator"]),
    .testTarget(name: "KernelTests", dependencies: ["CTensorKernels", "TestSupport"]),
    .testTarget(name: "AutogradTests", dependencies: ["Autograd", "TestSupport"]),
    .testTarget(name: "TensorTests", dependencies: ["Tensor", "CTensorCUDA", "TestSupport"]),
    .testTarget(name: "NNTests", dependencies: ["NN", "TestSupport"]),
    // These run the programs that were built beside them.
    .testTarget(name: "ExampleTests", dependencies: ["TestSupport"]),
    // Compiles the samples of the documentation.
    .testTarget(name: "DocsTests", dependencies: ["NN", "ConformanceSuite", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)
