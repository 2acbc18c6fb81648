import BareHTTP

/// A row each, as an object or as a list.
@Sendable func worlds(_ answers: [Answer], isList: Bool) -> [UInt8] {
  var json = JSONBytes(capacity: answers.count * 40 + 2)
  if isList { json.byte(UInt8(ascii: "[")) }
  for (place, answer) in answers.enumerated() {
    if place > 0 { json.byte(UInt8(ascii: ",")) }
    json.literal("{\"id\":")
    json.number(answer.int32(0, 0))
    json.literal(",\"randomNumber\":")
    json.number(answer.int32(0, 1))
    json.byte(UInt8(ascii: "}"))
  }
  if isList { json.byte(UInt8(ascii: "]")) }
  return json.bytes
}

/// The rows of the table.
@Sendable func items(_ answers: [Answer]) -> [UInt8] {
  var json = JSONBytes(capacity: 16_384)
  json.byte(UInt8(ascii: "["))
  for row in 0..<answers[0].count {
    if row > 0 { json.byte(UInt8(ascii: ",")) }
    json.literal("{\"id\":")
    json.number(answers[0].int32(row, 0))
    json.literal(",\"title\":")
    json.string(answers[0].bytes(row, 1))
    json.literal(",\"quantity\":")
    json.number(answers[0].int32(row, 2))
    json.literal(",\"price\":")
    json.number(Double(bitPattern: UInt64(bitPattern: answers[0].int64(row, 3))))
    json.literal(",\"active\":")
    json.bool(answers[0].bytes(row, 4)[0] != 0)
    json.literal(",\"created\":")
    // PostgreSQL counts from 2000.
    json.moment(answers[0].int64(row, 5) + 946_684_800_000_000)
    json.byte(UInt8(ascii: "}"))
  }
  json.byte(UInt8(ascii: "]"))
  return json.bytes
}
