import Testing

@testable import MartletORM

@Suite("What a person types into a search field") struct SearchWordsTests {
  private func read(_ text: String) -> [[[String]]] { SearchWords(text).alternatives.map { [$0.wanted, $0.unwanted] } }

  @Test("words, phrases, words to leave out, alternatives")
  func reading() {
    #expect(read("swift web") == [[["swift", "web"], []]])
    #expect(read("swift AND web") == [[["swift", "web"], []]])
    #expect(read("swift and web or not") == [[["swift", "and", "web", "or", "not"], []]])
    #expect(read("\"on the web\" -\"not this\" -that") == [[["on the web"], ["not this", "that"]]])
    #expect(read("a OR b c OR -d") == [[["a"], []], [["b", "c"], []], [[], ["d"]]])
    #expect(read("OR a OR OR") == [[["a"], []]])
    #expect(read("\"open phrase") == [[["open phrase"], []]])
    #expect(read("a-b -- - \"\" \"?!\" -+ c") == [[["a-b", "c"], []]])
    #expect(read("a\u{0}b\u{1}c") == [[["a", "b", "c"], []]])
    #expect(read("\"a\u{0}b\"") == [[["a b"], []]])
    #expect(read("-OR \"OR\"") == [[["OR"], ["OR"]]])
    #expect(read("") == [] && read(" - \" ") == [])
  }

  @Test("more than a person types is cut")
  func limits() {
    #expect(SearchWords(String(repeating: "a ", count: 1000)).wanted.count == SearchWords.maximumCount)
    #expect(SearchWords(String(repeating: "a", count: 1000)).wanted.map(\.count) == [SearchWords.maximumLength])
  }

  @Test("each database's language, with nothing of the text as an operator")
  func languages() {
    let words = SearchWords("c++ \"foo@bar.com x\" -it's OR -go OR swift")
    #expect(words.postgres == "\"c++\" \"foo@bar.com x\" -\"it's\" or -\"go\" or \"swift\"")
    #expect(words.sqlite.match == "((\"c++\" AND \"foo@bar.com x\") NOT (\"it's\")) OR (\"swift\")")
    #expect(words.sqlite.lacking == ["(\"go\")"])
    #expect(words.mysql.match == "(c +\"foo bar com x\" -\"it s\") (+swift)")
    #expect(SearchWords("the swift \"on the\" -The").mysql.match == "(the +swift \"on the\" -The)")
    #expect(words.mysql.lacking == ["go"])
    #expect(words.mysqlRank == "c foo bar com x swift")
  }
}
