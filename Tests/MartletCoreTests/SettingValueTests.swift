import MartletCore
import Testing

@Suite("Sizes, times and switches in settings")
struct SettingValueTests {
  @Test(
    "sizes are powers of 1,024",
    arguments: [
      ("0", 0), ("1500", 1500), ("1KB", 1024), ("10MB", 10_485_760), ("2GB", 2_147_483_648), ("3 MiB", 3_145_728), ("4k", 4096),
    ])
  func sizes(text: String, bytes: Int) {
    #expect(ByteSize(text)?.bytes == bytes)
  }

  @Test("what is no size is refused", arguments: ["", "MB", "-1", "1.5MB", "10TBs", "99999999999999999999"])
  func noSizes(_ text: String) {
    #expect(ByteSize(text) == nil)
  }

  @Test(
    "a size prints in the largest exact unit and reads back", arguments: [0, 1, 1023, 1024, 1_048_576, 1_048_577, 5_368_709_120])
  func sizeRoundTrip(_ bytes: Int) {
    let size = ByteSize(bytes: bytes)
    #expect(ByteSize(size.description) == size)
    #expect(ByteSize.megabytes(10).description == "10MB")
    #expect(ByteSize.kilobytes(.max).bytes == .max)
    #expect(ByteSize.gigabytes(-1).bytes == 0)
  }

  @Test(
    "times have a unit or are seconds",
    arguments: [
      ("0", Duration.zero), ("90", .seconds(90)), ("250ms", .milliseconds(250)), ("1.5s", .milliseconds(1500)),
      ("15m", .seconds(900)),
      ("12h", .seconds(43_200)), ("14d", .seconds(1_209_600)),
    ])
  func times(text: String, duration: Duration) {
    #expect(Duration(setting: text) == duration)
    #expect(Duration(setting: duration.settingText) == duration)
  }

  @Test("what is no time is refused", arguments: ["", "s", "-1", "1w", "1..5s", "1e9", "nan", "99999999999999d"])
  func noTimes(_ text: String) {
    #expect(Duration(setting: text) == nil)
  }

  @Test("switches read the usual words and nothing else")
  func switches() {
    for word in ["true", "YES", "on", "1"] { #expect(Bool(setting: word) == true) }
    for word in ["false", "No", "off", "0"] { #expect(Bool(setting: word) == false) }
    #expect(Bool(setting: "maybe") == nil)
  }

  @Test("a list is wrong where one element is")
  func lists() {
    #expect([Int](setting: "1, 2,,3 ") == [1, 2, 3])
    #expect([Int](setting: "1,two") == nil)
    #expect([1, 2].settingText == "1,2")
  }
}

@Suite("System checks")
struct SystemChecksTests {
  @Test("findings come worst first and once each")
  func order() async {
    var checks = SystemChecks()
    checks.add { [CheckMessage("b.W001", .warning, "w"), CheckMessage("b.I001", .info, "i")] }
    checks.add { [CheckMessage("z.E001", .error, "e", object: "Post"), CheckMessage("b.W001", .warning, "w")] }
    #expect(await checks.run().map(\.id) == ["z.E001", "b.W001", "b.I001"])
  }

  @Test("an id that stands for two levels is itself an error")
  func clashes() async {
    var checks = SystemChecks()
    checks.add { [CheckMessage("a.W001", .warning, "one")] }
    checks.add { [CheckMessage("a.W001", .error, "two")] }
    #expect(await checks.run().map(\.id) == ["a.W001", "core.E001", "a.W001"])
  }

  @Test("warnings can be silenced, errors cannot")
  func silence() async {
    var checks = SystemChecks()
    checks.add { [CheckMessage("a.W001", .warning, "one"), CheckMessage("a.E001", .error, "two")] }
    #expect(await checks.run(silenced: ["a.W001", "a.E001"]).map(\.id) == ["a.E001"])
  }

  @Test("a finding prints its object, id, message and hint")
  func text() {
    let finding = CheckMessage("a.W001", .warning, "is odd", hint: "Make it even.", object: "blog.Post")
    #expect(finding.description == "blog.Post: (a.W001) is odd\n\tHINT: Make it even.")
  }
}
