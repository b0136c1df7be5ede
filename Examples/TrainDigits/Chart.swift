import ExampleSupport

/// A line of a chart: one value per epoch.
struct Curve {
  let name: String
  let color: String
  let values: [Double]
}

/// A chart of curves over the epochs, as SVG.
struct Chart {
  let title: String
  let curves: [Curve]
  /// The vertical axis: from `low` to `high` in steps, whose labels have `digits` after the point.
  let low: Double
  let high: Double
  let step: Double
  let digits: Int
  var unit = ""

  static let width = 460.0
  static let height = 300.0
  private let left = 56.0, right = 16.0, top = 44.0, bottom = 46.0

  /// An axis from 0 that holds every value, in about five round steps.
  static func range(for values: [Double]) -> (high: Double, step: Double, digits: Int) {
    let largest = max(values.filter(\.isFinite).max() ?? 1, 1e-6)
    var step = 1e-6
    var factors = [2.0, 2.5, 2.0]
    while step * 5 < largest {
      step *= factors[0]
      factors.append(factors.removeFirst())
    }
    let digits = (0...6).first { abs((step * power($0)).rounded() - step * power($0)) < 1e-6 * step * power($0) } ?? 6
    return ((largest / step).rounded(.up) * step, step, digits)
  }

  private static func power(_ exponent: Int) -> Double { (0..<exponent).reduce(1) { value, _ in value * 10 } }

  private func x(_ epoch: Double, of count: Int) -> Double {
    left + (count > 1 ? (epoch - 1) / Double(count - 1) : 0.5) * (Chart.width - left - right)
  }

  private func y(_ value: Double) -> Double {
    top + (1 - (min(max(value, low), high) - low) / (high - low)) * (Chart.height - top - bottom)
  }

  /// The chart as an SVG group.
  func group(at offset: Double) -> String {
    let count = curves.map(\.values.count).max() ?? 0
    let base = Chart.height - bottom
    let edge = Chart.width - right
    var lines = ["<g transform=\"translate(\(fixed(offset, 0)) 0)\">"]
    lines.append(text(title, left, 24, "font-size=\"16\" font-weight=\"600\""))
    // The horizontal grid and the vertical axis's labels.
    for i in 0...Int(((high - low) / step).rounded()) {
      let value = low + Double(i) * step
      let height = fixed(y(value), 1)
      lines.append("<path d=\"M\(fixed(left, 1)) \(height)H\(fixed(edge, 1))\" stroke=\"#e3e6ea\"/>")
      lines.append(text(fixed(value, digits) + unit, left - 8, y(value) + 4, "text-anchor=\"end\""))
    }
    // About six whole epochs under the horizontal axis.
    let stride = max(1, Int((Double(max(count - 1, 1)) / 5).rounded()))
    var ticks = Array(Swift.stride(from: stride, through: count, by: stride))
    if ticks.first != 1 { ticks.insert(1, at: 0) }
    for epoch in ticks {
      lines.append(text("\(epoch)", x(Double(epoch), of: count), base + 18, "text-anchor=\"middle\""))
    }
    lines.append(text("epoch", (left + edge) / 2, base + 36, "text-anchor=\"middle\""))
    lines.append("<path d=\"M\(fixed(left, 1)) \(fixed(base, 1))H\(fixed(edge, 1))\" stroke=\"#8a929c\"/>")
    for curve in curves { lines.append(line(curve, count)) }
    legend(into: &lines, edge)
    lines.append("</g>")
    return lines.joined(separator: "\n")
  }

  private func line(_ curve: Curve, _ count: Int) -> String {
    let points = curve.values.enumerated().filter { $0.element.isFinite }.map { position, value in
      "\(fixed(x(Double(position + 1), of: count), 1)),\(fixed(y(value), 1))"
    }
    if points.count == 1 {
      let place = points[0].split(separator: ",")
      return "<circle cx=\"\(place[0])\" cy=\"\(place[1])\" r=\"3\" fill=\"\(curve.color)\"/>"
    }
    return "<polyline fill=\"none\" stroke=\"\(curve.color)\" stroke-width=\"2\" stroke-linejoin=\"round\" "
      + "points=\"\(points.joined(separator: " "))\"/>"
  }

  /// The curves' names, right of the title.
  private func legend(into lines: inout [String], _ edge: Double) {
    var end = edge
    for curve in curves.reversed() {
      // Text is about 6.6 wide a letter at this size.
      let start = end - Double(curve.name.count) * 6.6
      lines.append(text(curve.name, start, 24, ""))
      lines.append(
        "<path d=\"M\(fixed(start - 24, 1)) 20h18\" stroke=\"\(curve.color)\" stroke-width=\"3\"/>")
      end = start - 40
    }
  }

  private func text(_ content: String, _ x: Double, _ y: Double, _ attributes: String) -> String {
    "<text x=\"\(fixed(x, 1))\" y=\"\(fixed(y, 1))\" \(attributes)>\(content)</text>"
  }

  /// A picture of charts side by side.
  static func picture(_ charts: [Chart], description: String) -> String {
    let width = fixed(Chart.width * Double(charts.count), 0)
    let height = fixed(Chart.height, 0)
    let groups = charts.enumerated().map { $1.group(at: Double($0) * Chart.width) }.joined(separator: "\n")
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#2b3037" role="img">
      <title>\(description)</title>
      <rect width="\(width)" height="\(height)" fill="#ffffff"/>
      \(groups)
      </svg>

      """
  }
}
