import MartletCore
import MartletHTTP

/// What a client asks of one row by its query string: `?expand=author&fields=title,author.name`.
struct ReadParameters {
  var selection = FieldSelection.plain

  /// - Throws: ``HTTPError`` (400, `invalid-parameter`) with an error for each parameter at fault.
  init(_ query: QueryParameters, _ shape: ResourceShape) throws {
    let names = ListParameterNames(shape), known = [names.expand, names.fields].compactMap { $0 }
    var errors: [FieldError] = []
    // What is kept of expanded rows can be read when it is known which are.
    for item in query.items.filter({ $0.name != names.fields }) + query.items.filter({ $0.name == names.fields })
    where errors.count < InputLimits.errors {
      do {
        switch item.name {
        case names.expand: try selection.expand(item.value)
        case names.fields: try selection.keep(item.value)
        default:
          throw InputFault("unknown_parameter", "There is no such parameter. Allowed: \(known.joined(separator: ", ")).")
        }
      } catch let fault as InputFault {
        errors.append(FieldError(String(item.name.prefix(80)), code: fault.code, fault.message))
      }
    }
    if !errors.isEmpty { throw HTTPError(parameters: errors) }
  }
}

extension HTTPError {
  /// 400 for parameters of the query string, all of those at fault.
  init(parameters errors: [FieldError]) {
    let first = errors.first
    self.init(
      .invalidParameter, "The query parameter “\(first?.field ?? "")” is not valid: \(first?.message ?? "")", errors: errors)
  }
}

extension InputFault {
  /// 400 for what a selection cannot be: of its fields, or else of its relations.
  var ofSelection: HTTPError { parameter(code == "unknown_field" ? "fields" : "expand") }
  /// 400 for one parameter of the query string.
  func parameter(_ name: String) -> HTTPError { HTTPError(parameters: [FieldError(name, code: code, message)]) }
}
