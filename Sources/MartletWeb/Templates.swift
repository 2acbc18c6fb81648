import Foundation
import MartletHTTP
import Mustache

/// Mustache templates by name: logic-free, escaped by default.
///
/// ```swift
/// let templates = try Templates(directory: "templates")
/// Get("articles") { request in
///   try templates.render("articles", ["title": "News", "articles": articles])
/// }
/// ```
/// `{{name}}` is escaped, `{{{name}}}` is not: use the latter for ``HTML`` values only. `{{#list}}…{{/list}}` repeats
/// or tests, `{{>other}}` includes another template, `{{<layout}}…{{/layout}}` fills in the `{{$block}}`s of one.
/// Values are dictionaries or structs, whose properties are found by name.
public struct Templates: Sendable {
  private let library: MustacheLibrary
  private let source: Folder?

  private struct Folder: Sendable {
    var directory: String
    var fileExtension: String
  }

  /// The templates of a folder: `articles/list.mustache` has the name `articles/list`.
  ///
  /// - Parameter reload: Whether every rendering reads the folder anew: for development.
  /// - Throws: ``HTTPError`` (`template-failed`) naming the file that is not valid, or the folder that is not there.
  public init(directory: String, fileExtension: String = "mustache", reload: Bool = false) throws {
    let folder = Folder(directory: directory, fileExtension: fileExtension)
    library = try Templates.load(folder)
    source = reload ? folder : nil
  }

  /// Templates by name.
  ///
  /// - Throws: ``HTTPError`` (`template-failed`) naming the template that is not valid.
  public init(_ texts: [String: String]) throws {
    library = try Templates.parse(texts)
    source = nil
  }

  /// A template filled with values.
  ///
  /// - Throws: ``HTTPError`` (`template-failed`) for an unknown name.
  public func render(_ name: String, _ values: Any = [String: String]()) throws -> HTML {
    let library = try source.map(Templates.load) ?? library
    guard let text = library.render(values, withTemplate: name) else {
      throw HTTPError(.templateFailed, "There is no template “\(name)”.")
    }
    return HTML(unescaped: text)
  }

  private static func load(_ folder: Folder) throws -> MustacheLibrary {
    let root = URL(fileURLWithPath: folder.directory, isDirectory: true).standardizedFileURL
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isDirectory), isDirectory.boolValue,
      let files = FileManager.default.enumerator(atPath: root.path)
    else { throw HTTPError(.templateFailed, "The folder of templates “\(folder.directory)” is not there.") }
    var texts: [String: String] = [:]
    for case let path as String in files where path.hasSuffix("." + folder.fileExtension) {
      let name = String(path.dropLast(folder.fileExtension.count + 1))
      do {
        texts[name] = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      } catch {
        throw HTTPError(.templateFailed, "The template “\(name)” cannot be read: \(error)")
      }
    }
    return try parse(texts)
  }

  private static func parse(_ texts: [String: String]) throws -> MustacheLibrary {
    var library = MustacheLibrary()
    for (name, text) in texts {
      do {
        try library.register(text, named: name)
      } catch let error as MustacheTemplate.ParserError {
        throw HTTPError(
          .templateFailed, "The template “\(name)” is not valid at line \(error.context.lineNumber): \(error.error)")
      }
    }
    return library
  }
}
