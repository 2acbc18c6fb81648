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
  private var slots: [(key: ObjectIdentifier, value: any Sendable)] = []

  /// No slot filled.
  public init() {}

  /// The value of a slot, or `nil` where nobody filled it.
  public subscript<K: ContextKey>(_ key: K.Type) -> K.Value? {
    get {
      let id = ObjectIdentifier(key)
      for slot in slots where slot.key == id { return slot.value as? K.Value }
      return nil
    }
    set {
      let id = ObjectIdentifier(key)
      slots.removeAll { $0.key == id }
      if let newValue { slots.append((id, newValue)) }
    }
  }
}
