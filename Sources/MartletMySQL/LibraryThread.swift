import CMariaDB
import Foundation
import MartletSQL

/// Threads that may call the C library: its state for each is set up and taken down with it.
enum LibraryThread {
  /// Runs `body` on a new thread that may call the C library.
  @Sendable static func start(_ name: String, _ body: @escaping JobThread.Job) {
    // Where it fails, for want of memory, each connection fails with the library's own error.
    _ = library
    JobThread.start(name) {
      blockSIGPIPE()
      mysql_thread_init()
      body()
      mysql_thread_end()
    }
  }

  /// Initialises the C library, once for the process: its own way of doing so is not safe among threads.
  private static let library = mysql_server_init(0, nil, nil)

  /// TLS writes to a closed socket without MSG_NOSIGNAL; the signal goes to the thread that wrote.
  private static func blockSIGPIPE() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
