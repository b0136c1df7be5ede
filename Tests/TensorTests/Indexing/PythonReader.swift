import Tensor

/// Evaluates the small part of Python that the indexing fixture is written in, with `x` as its tensor.
struct PythonReader {
  let x: Tensor
  private let text: [Character]
  private var at = 0

  init(_ text: String, x: Tensor) {
    self.x = x
    self.text = Array(text.filter { $0 != " " })
  }

  mutating func evaluate() throws -> PythonValue {
    let value = try expression()
    if at < text.count { throw PythonError(description: "unread: \(String(text[at...]))") }
    return value
  }

  /// The entries between brackets that are all of the text.
  mutating func entries() throws -> [IndexEntry] {
    try expect("[")
    return try PythonValue.list(index()).entries()
  }

  private var next: Character? { at < text.count ? text[at] : nil }

  private mutating func take(_ token: String) -> Bool {
    guard text[at...].starts(with: token) else { return false }
    at += token.count
    return true
  }

  private mutating func expect(_ token: String) throws {
    if !take(token) { throw PythonError(description: "expected \(token) before \(String(text[at...]))") }
  }

  // MARK: Operators, from the loosest to the tightest

  private mutating func expression() throws -> PythonValue {
    let left = try sum()
    if take("==") { return .tensor(try left.tensor() .== sum().int()) }
    if take(">") { return .tensor(try left.tensor() .> sum().int()) }
    return left
  }

  private mutating func sum() throws -> PythonValue {
    var left = try product()
    while take("+") {
      switch try product() {
      case .integer(let number): left = .tensor(try left.tensor() + number)
      case let right: left = .tensor(try left.tensor() + right.tensor())
      }
    }
    return left
  }

  private mutating func product() throws -> PythonValue {
    var left = try postfix()
    while take("%") { left = .tensor(try left.tensor() % postfix().int()) }
    return left
  }

  private mutating func postfix() throws -> PythonValue {
    var value = try primary()
    while true {
      if take("[") {
        let entries = try index()
        // Indexing a Python list, such as the result of chunk.
        if case .list(let values) = value {
          value = values[try entries[0].int()]
        } else {
          value = .tensor(try read(value.tensor(), PythonValue.list(entries).entries()))
        }
      } else if take(".") {
        let name = word()
        let arguments = take("(") ? try arguments() : PythonArguments()
        value = try value.call(name, arguments)
      } else {
        return value
      }
    }
  }

  private mutating func primary() throws -> PythonValue {
    if take("...") { return .ellipsis }
    if take("-") {
      let value = try primary()
      if case .real(let number) = value { return .real(-number) }
      return .integer(-(try value.int()))
    }
    if take("[") { return .list(try items(until: "]")) }
    if take("(") {
      let values = try items(until: ")")
      // One value without a comma is no tuple.
      return values.count == 1 && text[at - 2] != "," ? values[0] : .list(values)
    }
    if next?.isNumber == true {
      let start = at
      while let next, next.isNumber || next == "." { at += 1 }
      let number = String(text[start..<at])
      return number.contains(".") ? .real(Double(number)!) : .integer(Int(number)!)
    }
    if next == "'" {
      let end = text[(at + 1)...].firstIndex(of: "'")!
      defer { at = end + 1 }
      return .name(String(text[(at + 1)..<end]))
    }
    switch word() {
    case "x": return .tensor(x)
    case "True": return .truth(true)
    case "False": return .truth(false)
    case "None": return .none
    case "T":
      try expect("(")
      let arguments = try arguments()
      return .tensor(try arguments.values[0].made(dtype: arguments.named["dtype"]?.dtype()))
    case "torch": return .name("torch")
    case let name: throw PythonError(description: "unknown name \(name)")
    }
  }

  private mutating func word() -> String {
    let start = at
    while let next, next.isLetter || next.isNumber || next == "_" { at += 1 }
    return String(text[start..<at])
  }

  private mutating func items(until end: String) throws -> [PythonValue] {
    var values: [PythonValue] = []
    while !take(end) {
      values.append(try expression())
      if !take(",") {
        try expect(end)
        return values
      }
    }
    return values
  }

  private mutating func arguments() throws -> PythonArguments {
    var arguments = PythonArguments()
    while !take(")") {
      let start = at
      let name = word()
      if !name.isEmpty, next == "=", take("=") {
        arguments.named[name] = try expression()
      } else {
        at = start
        arguments.values.append(try expression())
      }
      _ = take(",")
    }
    return arguments
  }

  private mutating func index() throws -> [PythonValue] {
    var entries: [PythonValue] = []
    while !take("]") {
      var parts: [PythonValue] = []
      var current = PythonValue.none
      var isSlice = false
      while let next, next != ",", next != "]" {
        if take(":") {
          isSlice = true
          parts.append(current)
          current = .none
        } else {
          current = try expression()
        }
      }
      parts.append(current)
      while isSlice && parts.count < 3 { parts.append(.none) }
      let entry = isSlice ? PythonValue.slice(parts[0], parts[1], parts[2]) : current
      // A tuple in brackets is its entries.
      if case .list(let values) = entry, text[at - 1] == ")" { entries += values } else { entries.append(entry) }
      _ = take(",")
    }
    return entries
  }
}

/// What stands between a call's parentheses.
struct PythonArguments {
  var values: [PythonValue] = []
  var named: [String: PythonValue] = [:]

  func int(_ i: Int, or fallback: Int) throws -> Int { i < values.count ? try values[i].int() : fallback }

  /// All values as integers, given one by one or as one tuple.
  func ints() throws -> [Int] {
    values.count == 1 ? try values[0].ints() : try values.map { try $0.int() }
  }
}
