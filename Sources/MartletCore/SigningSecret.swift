/// What a module signs with that hands something to clients to get it back unchanged: the app's secret key, and those it
/// replaced. By reference, as it goes along with every request.
package final class SigningSecret: Sendable {
  /// The present key first.
  package let keys: [String]
  package init(_ keys: [String]) { self.keys = keys }
}

/// The slot of a request's context that holds the app's signing secret.
package enum SigningSecretContext: ContextKey {
  package typealias Value = SigningSecret
}
