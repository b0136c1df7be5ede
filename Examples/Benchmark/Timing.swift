import NN

/// How long a case takes.
struct Timing {
  /// Seconds of a call: the median, the least and the spread of the middle half of the repeats.
  let median: Double
  let least: Double
  let spread: Double
  /// How often the time was taken, and over how many calls each.
  let repeats: Int
  let inner: Int

  /// Times a case for about `budget` seconds.
  init(_ work: Work, budget: Double) {
    let first = Timing.time(1, work)
    var each = first
    if first < 2 {
      // Warm up: caches, the allocator, the processor's clock.
      var calls = 0
      let start = ContinuousClock.now
      repeat {
        work.run(1)
        calls += 1
        each = (ContinuousClock.now - start) / .seconds(1)
      } while (calls < 2 || each < min(0.1, budget / 3)) && calls < 1000
      each /= Double(calls)
    }
    let inner = each < 0.0005 ? max(1, Int(0.001 / each)) : 1
    let repeats = max(each > 1 ? 3 : 5, min(200, Int(budget / (Double(inner) * each))))
    let times = (0..<repeats).map { _ in Timing.time(inner, work) / Double(inner) }.sorted()
    median = times[repeats / 2]
    least = times[0]
    spread = times[3 * repeats / 4] - times[repeats / 4]
    self.repeats = repeats
    self.inner = inner
  }

  private static func time(_ count: Int, _ work: Work) -> Double {
    let start = ContinuousClock.now
    work.run(count)
    return (ContinuousClock.now - start) / .seconds(1)
  }
}
