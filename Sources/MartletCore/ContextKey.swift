/// A typed slot of a request's context.
///
/// A module that has something to hand along with a request declares a key; whoever can see the
/// key reads and writes the slot. That is how the request carries a database although the HTTP
/// module knows nothing of databases.
///
/// ```swift
/// enum TenantKey: ContextKey { typealias Value = Tenant }
/// request[TenantKey.self] = tenant
/// ```
public protocol ContextKey: Sendable {
  /// What the slot holds.
  associatedtype Value: Sendable
}

/// The slots of one request, by key.
///
/// A handful of entries at most, so a linear search over a small array costs less than hashing.
public struct ContextValues: Sendable {
  @usableFromInline var slots: [(key: ObjectIdentifier, slot: AnyContextSlot)] = []

  /// No slot filled.
  public init() {}

  /// The value of a slot, or `nil` where nobody filled it.
  @inlinable public subscript<K: ContextKey>(_ key: K.Type) -> K.Value? {
    get {
      let id = ObjectIdentifier(key)
      for index in slots.indices where slots[index].key == id {
        // Whoever fills the slot of a key does it here, with a value of the key's type: no cast that asks the runtime, which
        // takes a thousand instructions.
        return unsafeDowncast(slots[index].slot, to: ContextSlot<K.Value>.self).value
      }
      return nil
    }
    set {
      let id = ObjectIdentifier(key)
      let place = slots.firstIndex { $0.key == id }
      guard let newValue else {
        if let place { slots.remove(at: place) }
        return
      }
      if let place {
        slots[place].slot = ContextSlot(newValue)
      } else {
        if slots.isEmpty { slots.reserveCapacity(ContextValues.usualCount) }
        slots.append((id, ContextSlot(newValue)))
      }
    }
  }
  /// The slots that an app with a database, sessions and logins fills.
  @usableFromInline static let usualCount = 8
}

/// The value of a slot, whatever its type.
@usableFromInline class AnyContextSlot: @unchecked Sendable {  // No lock: immutable, and so is its only subclass.
  @usableFromInline init() {}
}

/// The value of a slot.
@usableFromInline final class ContextSlot<Value: Sendable>: AnyContextSlot, @unchecked Sendable {  // No lock: one `let`.
  @usableFromInline let value: Value

  @usableFromInline init(_ value: Value) {
    self.value = value
    super.init()
  }
}
