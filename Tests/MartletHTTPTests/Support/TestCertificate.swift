import Foundation

@testable import MartletHTTP

/// Runs a program to its end.
@discardableResult
func runProgram(_ arguments: String...) throws -> (status: Int32, output: String) {
  let process = Process(), pipe = Pipe()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = arguments
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// A certificate for localhost that nobody has signed, in a folder of its own.
struct TestCertificate: Sendable {
  let folder: TemporaryFolder
  var files: TLSFiles { TLSFiles(certificate: folder.path + "/cert.pem", key: folder.path + "/key.pem") }

  init() throws {
    folder = try TemporaryFolder()
    try renew(name: "localhost")
  }

  func renew(name: String) throws {
    let made = try runProgram(
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
      "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name),IP:127.0.0.1", "-keyout", files.key + ".new", "-out",
      files.certificate + ".new")
    guard made.status == 0 else { throw HTTPError(.internalError, "openssl made no certificate") }
    for file in [files.key, files.certificate] { guard rename(file + ".new", file) == 0 else { throw RawSocket.Failure() } }
  }
}
