import NN

/// Something to time: a name, what it costs at least, and how it is set up.
struct Case: Sendable {
  let name: String
  /// Floating-point operations of one call, or elements where there are none to speak of.
  let flops: Double
  /// The least memory traffic of one call: inputs read once, outputs written once.
  let bytes: Double
  /// Makes the inputs.
  let build: @Sendable () throws -> Work

  init(_ name: String, flops: Int = 0, bytes: Int = 0, _ build: @escaping @Sendable () throws -> Work) {
    self.name = name
    self.flops = Double(flops)
    self.bytes = Double(bytes)
    self.build = build
  }

  /// All cases; a family is a file that adds its rows here.
  static let all: [Case] =
    products + elementwise + reductions + rows + movement + convolution + attention + random + eager + training
    + inference
}

/// A case with its inputs made.
struct Work {
  /// Runs one call and compares its result with a reference.
  let check: () throws -> Void
  /// Runs so many calls.
  let run: (Int) -> Void

  /// - Parameters:
  ///   - call: One call.
  ///   - check: Throws when the result of a call is wrong.
  @inline(__always)
  init<Result>(_ call: @escaping () -> Result, check: @escaping (Result) throws -> Void) {
    self.check = { try withThrowingErrors { try check(call()) } }
    run = { count in for _ in 0..<count { keep(call()) } }
  }
}

/// Uses a value, so that the compiler cannot leave out what made it.
@inline(never)
func keep<Value>(_ value: Value) {}

/// The dtype of a case's name, such as "bf16".
func dtype(_ name: String) -> DType {
  switch name {
  case "f64": .float64
  case "bf16": .bfloat16
  case "f16": .float16
  case "i32": .int32
  default: .float32
  }
}

/// Normal random numbers, or whole ones from -100 up to 99 for integers.
func numbers(_ shape: [Int], _ dtype: DType = .float32) -> Tensor {
  dtype.isFloatingPoint ? Tensor.randn(shape).to(dtype) : Tensor.randint(-100, 100, shape, dtype: dtype)
}

/// Normal random numbers.
func numbers(_ shape: Int...) -> Tensor { numbers(shape) }

/// Sizes as names have them: "2x3".
func sizes(_ numbers: Int...) -> String { numbers.map(String.init).joined(separator: "x") }
