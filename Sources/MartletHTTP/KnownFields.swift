/// Fields that answers have again and again, checked once: here.
enum KnownFields {
  static let text = HeaderFields.Field(name: "Content-Type", value: "text/plain; charset=utf-8")
  static let html = HeaderFields.Field(name: "Content-Type", value: "text/html; charset=utf-8")
  static let json = HeaderFields.Field(name: "Content-Type", value: "application/json")
  static let varyEncoding = HeaderFields.Field(name: "Vary", value: "Accept-Encoding")
}
