/// A reference that may be missing, for what is often copied and dropped and as a rule is missing.
///
/// To copy or to drop an optional reference calls the runtime even where it is nil. This one looks first.
@usableFromInline package struct OptionalReference<Object: AnyObject> {
  // The compiler looks first only where several cases have payloads and not all of them are references.
  @usableFromInline enum Slot { case none(UInt8), some(AnyObject) }
  @usableFromInline var slot: Slot

  @inlinable @inline(__always)
  package init(_ object: consuming Object?) {
    if let object { slot = .some(object) } else { slot = .none(0) }
  }

  @inlinable package var object: Object? {
    @inline(__always) get {
      if case .some(let object) = slot { unsafeDowncast(object, to: Object.self) } else { nil }
    }
  }

  @inlinable package var isNil: Bool {
    @inline(__always) get { if case .none = slot { true } else { false } }
  }

  /// The reference, moved out.
  @inlinable
  package mutating func take() -> Object? {
    let old = exchange(&slot, with: .none(0))
    guard case .some(let object) = consume old else { return nil }
    return unsafeDowncast(object, to: Object.self)
  }

  /// Whether there is an object that nobody else holds.
  package mutating func isUniquelyReferenced() -> Bool {
    guard var object = take() else { return false }
    defer { slot = .some(object) }
    return isKnownUniquelyReferenced(&object)
  }
}

extension OptionalReference: @unchecked Sendable where Object: Sendable {}
