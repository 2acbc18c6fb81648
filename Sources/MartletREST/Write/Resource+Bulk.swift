import MartletORM

extension Resource {
  /// Writes many rows by one request.
  ///
  /// | request | |
  /// |---|---|
  /// | `POST /articles` with a list | creates them |
  /// | `PATCH /articles` with a list of objects, each with its key | changes them |
  /// | `DELETE /articles?id[in]=1,2,3` | deletes them |
  ///
  /// All or nothing; with `Prefer: handling=lenient` (RFC 7240) each that can be written is, and the answer is 207 with what
  /// became of each.
  /// - Parameter max: The most rows of one request.
  public func bulk(max: Int = 1000) -> Self {
    var copy = self
    copy.writing.bulkLimit = Swift.max(1, max)
    return copy
  }
}
