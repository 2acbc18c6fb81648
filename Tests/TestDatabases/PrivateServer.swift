import Foundation
import Synchronization

/// What private servers of every kind need.
enum PrivateServer {
  /// Something that was run for a server did not work.
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Runs a program to its end.
  /// - Returns: What it wrote.
  @discardableResult
  static func run(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process(), output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(([path] + arguments.prefix(1)).joined(separator: " ")) failed: \(text.suffix(800))")
    }
    return text
  }

  /// A port of the loopback interface that nobody listens on.
  static func freePort() throws -> Int {
    #if canImport(Glibc)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
      }
    }
    guard code == 0 else { throw Failure(description: "no free port: errno \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// Takes a server's folder away when the process ends.
  static func removeAtExit(_ directory: String) {
    let isFirst = leftBehind.withLock { directories in
      directories.append(directory)
      return directories.count == 1
    }
    guard isFirst else { return }
    atexit { for directory in leftBehind.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: directory) } }
  }
}

private let leftBehind = Mutex<[String]>([])

/// A server's shell, which ends the server when a pipe ends that only this process holds.
final class ServerLife: Sendable {
  private struct Running {
    var process: Process
    var life: Pipe
  }
  private let running = Mutex<Running?>(nil)

  /// Runs a shell script that starts the server and waits for the end of its standard input.
  func begin(_ arguments: [String]) throws {
    let process = Process(), life = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = arguments
    process.standardInput = life
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    running.withLock { $0 = Running(process: process, life: life) }
  }

  /// Ends it in the middle of whatever it does.
  func end() {
    let running = running.withLock { running in
      defer { running = nil }
      return running
    }
    try? running?.life.fileHandleForWriting.close()
    running?.process.waitUntilExit()
  }
}
