// Believable texts from the lists of words.

/// Writes people, articles and comments, one after the other; the same ones for the same seed.
struct SeedText {
  var random: SeedRandom

  /// A name nobody has had yet: `number` is how many came before.
  mutating func username(_ number: Int) -> String {
    let first = SeedWords.firstNames, last = SeedWords.lastNames
    // 17 and 40 have no common factor, so that the first 1,600 names are all different.
    let name = first[number % first.count] + "." + last[(number / first.count + number * 17) % last.count]
    let round = number / (first.count * last.count)
    return round == 0 ? name : name + String(round + 1)
  }

  mutating func bio() -> String {
    let topic = random.pick(SeedWords.topics)
    return random.pick(SeedWords.bios).replacing("%@", with: random.pick(topic.tags))
  }

  /// Title, description, body in Markdown, and tags.
  mutating func article() -> (title: String, description: String, body: String, tags: [String]) {
    let topic = random.pick(SeedWords.topics), deed = random.pick(topic.deeds), thing = random.pick(topic.things)
    func filled(_ pattern: String) -> String {
      pattern.replacing("%d", with: deed).replacing("%D", with: deed.prefix(1).uppercased() + deed.dropFirst())
        .replacing("%t", with: thing)
    }
    let title = filled(random.pick(SeedWords.titles)), description = filled(random.pick(SeedWords.descriptions))
    var paragraphs: [String] = []
    for part in 0..<random.number(2...5) {
      if part > 0 { paragraphs.append("## " + random.pick(SeedWords.headings)) }
      let start = random.below(SeedWords.sentences.count)  // From here on in a stride, so that none comes twice.
      let sentences = (0..<random.number(3...6)).map { SeedWords.sentences[(start + $0 * 5) % SeedWords.sentences.count] }
      paragraphs.append(sentences.map(filled).joined(separator: " "))
    }
    var tags = topic.tags.filter { _ in random.chance(percent: 70) }
    if random.chance(percent: 50) { tags.append(random.pick(SeedWords.moreTags)) }
    return (title, description, paragraphs.joined(separator: "\n\n"), tags)
  }

  mutating func comment() -> String {
    let first = random.pick(SeedWords.comments), second = random.pick(SeedWords.comments)
    return random.chance(percent: 30) && second != first ? first + " " + second : first
  }
}
