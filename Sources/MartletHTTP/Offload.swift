import NIOPosix

/// Runs blocking or long computing work on a thread of its own, and returns what it returns.
///
/// Handlers run on the event loop of their connection, which serves other connections too: what blocks (files, C libraries,
/// `sleep`) or computes for more than a few milliseconds belongs here.
///
/// ```swift
/// Post("thumbnails") { request in
///   let image = try await request.body.collect(10_000_000)
///   return Response(body: .bytes(try await offload { try scaled(image, to: 200) }))
/// }
/// ```
/// Work that is cancelled before a thread takes it does not run.
///
/// - Throws: What `work` throws; `CancellationError`.
public func offload<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await NIOThreadPool.singleton.runIfActive(work)
}
