/// The rules for a declaration: each looks for one kind of mistake.
enum Validators {
  static let all: [@Sendable (ModelDeclaration) -> [Mistake]] = [
    missingKey
  ]
}
