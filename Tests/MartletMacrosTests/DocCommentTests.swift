import SwiftParser
import SwiftSyntax
import Testing

@testable import MartletMacros

@Suite("Doc comments in the schema")
struct DocCommentTests {
  /// The text of the comment before `var x`.
  private func text(_ comment: String) -> String? {
    let file = Parser.parse(source: comment + "\nvar x = 1")
    return file.statements.first.flatMap { DocComment.text(of: $0.leadingTrivia) }
  }

  @Test("the comments of a model, its columns and its to-many relations go into the schema")
  func model() throws {
    try Golden.expect(
      "documentation",
      #"""
      /// What people **write**.
      ///
      /// Drafts are "private" \(really).
      /// - Note: Not for API documents.
      @Model public struct Post {
        /// The key.
        public var id: ID
        /** Shown in lists. */
        @Field(maxLength: 200) public var title: String
        // No doc comment.
        public var body: String
        /// Who wrote it,
        /// alone.
        public var author: Ref<User>
        /// What readers say.
        @HasMany public var comments: Many<Comment>
        /// Not in the schema.
        @Transient var score = 0
      }
      """#)
  }

  @Test("marks and shared indentation go, the rest of the Markdown stays")
  func indentation() {
    #expect(text("/// One.\n///\n/// - a\n///   - b\n///\n///     code") == "One.\n\n- a\n  - b\n\n    code")
    #expect(text("///One.\n///   Two.") == "One.\n   Two.")
    #expect(text("  ///   One.\n\t///   Two.   ") == "One.\nTwo.")
    #expect(text("/** One. */") == "One.")
    #expect(text("/**\n  One.\n\n    Two.\n  */") == "One.\n\n  Two.")
    #expect(text("/**\n * One.\n *\n *   Two.\n */") == "One.\n\n  Two.")
    #expect(text("/**One.\n   Two. */") == "One.\nTwo.")
    #expect(text("/// One.\r\n/// Two.\r") == "One.\nTwo.")
  }

  @Test("the last comment counts, and what is no doc comment does not")
  func last() {
    #expect(text("/// Old.\n\n/// New.") == "New.")
    #expect(text("/// Old.\n/** New. */") == "New.")
    #expect(text("/// One.\n// an aside") == "One.")
    #expect(text("// No.") == nil)
    #expect(text("/* No. */") == nil)
    #expect(text("///\n///   ") == nil)
    #expect(text("/***/") == nil)
    #expect(text("/** */") == nil)
    #expect(text("") == nil)
  }

  @Test("DocC's callouts are left out with what belongs to them")
  func callouts() {
    #expect(text("/// One.\n/// - Note: Two\n///   and three.\n/// - Parameter x: Four.\n/// - Returns: Five.") == "One.")
    #expect(text("/// One.\n///\n/// - Important: Two\n/// still two.\n///\n/// Three.") == "One.\n\nThree.")
    #expect(text("/// - Parameters:\n///   - a: One.\n///   - b: Two.") == nil)
    #expect(text("/// - TODO: Two.\n/// - other: stays\n/// - Notes are fine") == "- other: stays\n- Notes are fine")
    #expect(text("/// ```\n/// - Note: code\n/// ```") == "```\n- Note: code\n```")
  }

  @Test(
    "no character of a comment gets out of the literal",
    arguments: [#"a"b"#, #"\(x)"#, #"\"#, #"""" + x + """"#, "#\"", "\u{2028}", "é\u{301}🇨🇭", "\\u{0}"])
  func hostile(_ comment: String) throws {
    let source = "@Model struct Post {\n  var id: ID\n  /// \(comment)\n  var title: String\n}"
    let expansion = Expansion(source)
    #expect(!Parser.parse(source: expansion.text).hasError)
    let call = try #require(expansion.text.split(separator: "\n").first { $0.contains("b.document(\"title\"") })
    let parsed = Parser.parse(source: String(call))
    let literal = parsed.statements.first?.item.as(FunctionCallExprSyntax.self)?.arguments.last?.expression
    #expect(literal?.as(StringLiteralExprSyntax.self)?.representedLiteralValue == comment)
  }
}
