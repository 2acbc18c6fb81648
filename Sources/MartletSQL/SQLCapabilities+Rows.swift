extension SQLCapabilities {
  /// `FOR UPDATE OF table`: of joined rows, only some are locked.
  public static let lockOf = SQLCapabilities(rawValue: 1 << 32)
  /// `FOR UPDATE SKIP LOCKED`.
  public static let skipLocked = SQLCapabilities(rawValue: 1 << 33)
  /// `FOR UPDATE NOWAIT`.
  public static let lockNoWait = SQLCapabilities(rawValue: 1 << 34)
  /// `FOR NO KEY UPDATE` and `FOR KEY SHARE`.
  public static let noKeyLocks = SQLCapabilities(rawValue: 1 << 35)
}
