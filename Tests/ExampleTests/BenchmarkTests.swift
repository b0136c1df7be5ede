import Foundation
import Testing

@Suite("Benchmark")
struct BenchmarkTests {
  private func lines(_ outcome: Outcome) throws -> [[String: Any]] {
    try outcome.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test("lists the cases that a pattern matches")
  func list() throws {
    let names = try run("Benchmark", ["--list", "--cases", "eager/chain*,train/seed"]).output.split(separator: "\n")
    #expect(names == ["eager/chain20", "eager/chain20_grad", "eager/chain20_fb", "train/seed"])
  }

  @Test("every case gives the right result and a time")
  func cases() throws {
    let count = try run("Benchmark", ["--list"]).output.split(separator: "\n").count
    let results = try lines(run("Benchmark", ["--budget", "0.001"]))
    #expect(results.count == count)
    for result in results {
      #expect(result["error"] == nil, "\(result)")
      #expect(result["framework"] as? String == "swift-tensor")
      let median = try #require(result["median_s"] as? Double)
      #expect(median > 0 && median < 1)
      #expect(try #require(result["min_s"] as? Double) <= median)
    }
  }

  @Test("answers names on its input")
  func serve() throws {
    let input = "eager/add\n\nno/such\nquit\neager/item\n"
    let results = try lines(run("Benchmark", ["--serve", "--threads", "2", "--budget", "0.001"], input: input))
    #expect(results.map { $0["case"] as? String } == ["eager/add", "no/such"])
    #expect(results[0]["threads"] as? Int == 2)
    #expect(results[1]["error"] as? String == "Benchmark: unknown case")
  }

  @Test("prints a table, and refuses wrong arguments")
  func table() throws {
    let table = try run("Benchmark", ["--table", "--cases", "eager/add", "--budget", "0.001"]).output
    #expect(table.split(separator: "\n").count == 2)
    let wrong = try run("Benchmark", ["--threads", "none"])
    #expect(wrong.status == 2)
    #expect(wrong.errors.hasPrefix("--threads needs a whole number"))
  }
}
