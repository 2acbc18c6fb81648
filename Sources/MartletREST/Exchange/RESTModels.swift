public import MartletORM

/// The models of this module, for an app's list of models: the answers kept for idempotency keys.
///
/// `makemigrations` covers them like the app's own.
public enum RESTModels {
  /// In an order in which each comes after those it refers to.
  public static let all: [any Model.Type] = [IdempotencyRecord.self]
}
