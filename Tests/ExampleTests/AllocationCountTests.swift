import Testing

/// What operations may allocate: two objects and a block for a result, a node more when it is recorded (and a handle where
/// backward reads the result), nothing in place.
@Suite("Allocations")
struct AllocationTests {
  // In debug builds, whose collections allocate what optimised ones do not.
  static let limits = [
    "a + b": 3, "a.exp()": 3, "square.matmul(square)": 3, "square.sum(dim: 1)": 12, "square.t()": 5,
    "x + b, recorded": 4, "x.exp(), recorded": 5, "a += b": 0, "a.item()": 3, "forward": 18, "training step": 90,
  ]

  @Test("operations and a training step allocate no more than they should")
  func counts() throws {
    let lines = try run("Allocations").output.split(separator: "\n")
    #expect(lines.count == AllocationTests.limits.count)
    for line in lines {
      let fields = line.split(separator: "\t")
      let (count, limit) = (Int(fields[0]), AllocationTests.limits[String(fields[1])])
      // Where the C library's functions cannot be replaced, the count is -1.
      #expect(try #require(count) <= #require(limit), "\(line)")
    }
  }
}
