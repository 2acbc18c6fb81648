import MartletORM
import Testing

@Suite("Patterns without backtracking")
struct TextPatternTests {
  @Test(
    "what is found, and what is not",
    arguments: [
      ("^[A-Z]{2}[0-9]{6}$", ["AB123456"], ["AB12345", "AB1234567", "ab123456", "AB123456\n", ""]),
      ("b", ["abc", "b"], ["a", ""]), ("", ["", "x"], []), ("^$", [""], ["\n", " "]),
      ("^(a|bc)*d$", ["d", "abcd", "bcbcad"], ["cd", "abd"]), ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]),
      ("^a{2,}$", ["aa", "aaaaa"], ["a"]), ("^a{0}b?$", ["", "b"], ["a", "bb"]), ("^(?:ab)+?$", ["ab", "abab"], ["a", ""]),
      ("^(?<year>\\d{4})-\\d\\d$", ["2026-11"], ["2026-1", "٢٠٢٦-١١"]), ("^\\w+$", ["a_9"], ["é", "a b", "a-b"]),
      ("^\\S+\\s\\S+$", ["a b", "a\u{A0}b"], ["ab", "a  b"]), ("^[^a-c\\d]+$", ["xyz"], ["xaz", "x1"]),
      ("^[\\w.-]+$", ["a.b-c"], ["a/b"]), ("^[]a]$".replacing("]a", with: "\\]a"), ["]", "a"], ["b"]),
      ("^[a-]$", ["a", "-"], ["b"]),
      ("\\bcat\\b", ["a cat!", "cat"], ["cats", "concat"]), ("^\\Bx", [], ["x"]),
      ("^.$", ["a", "😀", "\u{301}"], ["\n", "\u{2028}", ""]),
      ("^\\p{Lu}\\p{Ll}*$", ["Ä", "Émile"], ["émile", "E1"]), ("^\\P{L}+$", ["123"], ["1a"]), ("^[\\p{N}_]+$", ["1٢_"], ["a"]),
      ("^\\u0041\\x42\\u{1F600}$", ["AB😀"], ["AB"]), ("^\\t\\n\\$\\^\\.\\(\\/$", ["\t\n$^.(/"], ["x"]),
      ("^a|b$", ["ax", "xb"], ["xax", "bx"]), ("^(|a)b$", ["b", "ab"], ["aab"]), ("^((a*)*)*$", ["", "aaa"], ["b"]),
      ("[[]", ["["], ["]"]), ("^[\\d-x]+$", ["1"], ["y"]),
    ])
  func found(_ pattern: String, _ matching: [String], _ others: [String]) throws {
    if pattern == "^[\\d-x]+$" {  // A range has no beginning: refused, not guessed.
      #expect(throws: TextPatternError.self) { try TextPattern(pattern) }
      return
    }
    let compiled = try TextPattern(pattern)
    for text in matching { #expect(compiled.isFound(in: text), "\(pattern) in \(text.debugDescription)") }
    for text in others { #expect(!compiled.isFound(in: text), "\(pattern) in \(text.debugDescription)") }
  }

  @Test(
    "what cannot be read, or would need backtracking, is refused with a reason",
    arguments: [
      "(", ")", "[a", "a{", "a{2", "a{3,2}", "a{1001}", "a**", "a+*", "*", "+a", "?", "^*", "\\", "\\1", "(a)\\1", "\\k<x>",
      "(?=a)", "(?!a)",
      "(?<=a)", "(?<!a)", "(?i)a", "(?P<n>a)", "(?<n", "(?<a-b>x)", "[z-a]", "\\p", "\\p{Greek}", "\\p{", "\\xZZ", "\\u12",
      "\\u{110000}",
      "\\u{d800}", "\\ud800", "\\q", "\\é", "]", "}", "(a{1000}){1000}", "((((a{100}){100}){100}){100})",
      String(repeating: "(", count: 60),
      String(repeating: "a", count: 5000),
    ])
  func refused(_ pattern: String) {
    let error = #expect(throws: TextPatternError.self) { try TextPattern(pattern) }
    #expect(error?.reason.isEmpty == false)
  }

  @Test(
    "no pattern and no text make the search slow",
    arguments: [
      "^(a+)+$", "^(a|aa)+$", "^(a*)*b$", "^([a-z]+)*[0-9]$", "(.*a){20}$", "^(a?){200}a{200}$", "(x+x+)+y", "((){1000}){1000}",
    ])
  func hostile(_ pattern: String) throws {
    let compiled = try TextPattern(pattern)
    let clock = ContinuousClock()
    let time = clock.measure {
      for text in [String(repeating: "a", count: 5000) + "!", String(repeating: "x", count: 5000)] {
        _ = compiled.isFound(in: text)
      }
    }
    // A debug build under load; backtracking would take longer than the universe is old.
    #expect(time < .seconds(20), "\(pattern): \(time)")
  }

  @Test("a text beyond the limit matches nothing")
  func tooLong() throws {
    let pattern = try TextPattern("a")
    #expect(pattern.isFound(in: String(repeating: "b", count: 65_535) + "a"))
    #expect(!pattern.isFound(in: String(repeating: "a", count: 65_537)))
  }
}
