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

  @Test("each family's small cases give the right result and a time")
  func cases() throws {
    let small =
      "eager/*,train/seed*,train/lenet,ew/*/1000,cmp/*/1000,where/*/1000,cast/*/1000,bcast/*/128x512,reduce/*/*/128x1000,"
      + "argmax/all/100000,cumsum/100000,sort/1000,softmax*/1536x128,log_softmax/1536x128,*norm*/128x384,xent*/128x10,"
      + "permute/16*,gather/*,embedding*/256x128/*,matmul*/256x256x256,linear/*/20x10x1,bmm/*/512x*,conv2d*/64x1x*,"
      + "sdpa*/1x12x*,rand*/100000"
    let count = try run("Benchmark", ["--list", "--cases", small]).output.split(separator: "\n").count
    let results = try lines(run("Benchmark", ["--budget", "0.001", "--cases", small]))
    #expect(results.count == count && count > 90)
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
