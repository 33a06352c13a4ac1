/// A phrase with gaps, looked for in the clauses of a sentence.
///
/// It is written as words and signs between blanks:
///
/// | sign | meaning |
/// |---|---|
/// | `wait\|hold` | one of these words; `?` after the last makes it optional, `$` as one of them is the clause's end |
/// | `@people` | one of the words of a class |
/// | `KEY` | an issue's key |
/// | `~3` | up to three words of any kind |
/// | `-3` | up to three words, none of them `to`, `and`, `or` or `from` |
/// | `~~` | up to five words, into other clauses |
/// | `^`, `!` | first: the beginning of a clause (`^ ~1`: but for one word), of the sentence |
/// | `$` | the end of a clause |
struct SentencePattern: Sendable {
    private enum Element: Sendable {
        case word(Set<UInt64>, isOptional: Bool, orEnd: Bool)
        case gap(Int)
        case plainGap(Int)
        case bridge
        case end
    }

    private enum Beginning: Sendable {
        case anywhere, sentence
        case clause(slack: Int)
    }

    private static let bridgeLength = 5
    private static let connectives = SentenceWords.hashes("to and or from")

    private let beginning: Beginning
    private let elements: [Element]

    /// The words that the pattern may begin with.
    let firstWords: Set<UInt64>

    /// Nil for a text that is no pattern: unknown classes, or no word to begin with.
    init?(_ text: Substring, classes: [String: Set<UInt64>]) {
        var signs = text.split(separator: " ")[...]
        var beginning = Beginning.anywhere
        if signs.first == "!" {
            beginning = .sentence
            signs.removeFirst()
        } else if signs.first == "^" {
            signs.removeFirst()
            var slack = 0
            if let gap = signs.first, gap.hasPrefix("~"), let count = Int(gap.dropFirst()) {
                slack = count
                signs.removeFirst()
            }
            beginning = .clause(slack: slack)
        }
        var elements: [Element] = []
        for sign in signs {
            guard let element = Self.element(sign, classes: classes) else { return nil }
            elements.append(element)
        }
        guard case .word(let words, false, false)? = elements.first, !words.isEmpty else { return nil }
        self.beginning = beginning
        self.elements = elements
        firstWords = words
    }

    /// A phrase of whole words in a row; nil without a word.
    init?(phrase: String) {
        let words = Sentence.all(in: phrase).flatMap(\.words).map(\.hash)
        guard let first = words.first else { return nil }
        beginning = .anywhere
        elements = words.map { .word([$0], isOptional: false, orEnd: false) }
        firstWords = [first]
    }

    private static func element(_ sign: Substring, classes: [String: Set<UInt64>]) -> Element? {
        if sign == "~~" { return .bridge }
        if sign == "$" { return .end }
        if sign.hasPrefix("~"), let count = Int(sign.dropFirst()) { return .gap(count) }
        if sign.hasPrefix("-"), let count = Int(sign.dropFirst()) { return .plainGap(count) }
        let isOptional = sign.hasSuffix("?")
        var words: Set<UInt64> = []
        var orEnd = false
        for word in (isOptional ? sign.dropLast() : sign).split(separator: "|") {
            if word == "$" {
                orEnd = true
            } else if word == "KEY" {
                words.insert(Sentence.key)
            } else if word.hasPrefix("@") {
                guard let members = classes[String(word)] else { return nil }
                words.formUnion(members)
            } else {
                words.insert(Words.hash(of: String(word)))
            }
        }
        return .word(words, isOptional: isOptional, orEnd: orEnd)
    }

    /// Where the pattern stands if its first word is at `start`; nil if it does not stand there.
    func match(in words: [Sentence.Word], at start: Int) -> Range<Int>? {
        guard begins(at: start, in: words), let end = end(of: 0, in: words, at: start, clause: words[start].clause)
        else { return nil }
        return start..<end
    }

    private func begins(at start: Int, in words: [Sentence.Word]) -> Bool {
        switch beginning {
        case .anywhere: true
        case .sentence: start == 0
        case .clause(let slack):
            (max(0, start - slack)...start).contains {
                $0 == 0 || words[$0 - 1].clause != words[start].clause && words[$0].clause == words[start].clause
            }
        }
    }

    private func end(of element: Int, in words: [Sentence.Word], at index: Int, clause: Int) -> Int? {
        guard element < elements.count else { return index }
        let isInside = index < words.count && words[index].clause == clause
        switch elements[element] {
        case .word(let choices, let isOptional, let orEnd):
            if isInside, choices.contains(words[index].hash),
                let end = end(of: element + 1, in: words, at: index + 1, clause: clause)
            {
                return end
            }
            guard isOptional || orEnd && !isInside else { return nil }
            return end(of: element + 1, in: words, at: index, clause: clause)
        case .end:
            return isInside ? nil : end(of: element + 1, in: words, at: index, clause: clause)
        case .gap(let most):
            return endAfterGap(element, most, in: words, at: index, clause: clause) { _ in true }
        case .plainGap(let most):
            return endAfterGap(element, most, in: words, at: index, clause: clause) {
                !Self.connectives.contains($0.hash)
            }
        case .bridge:
            for next in index...(index + Self.bridgeLength) where next < words.count {
                if let end = end(of: element + 1, in: words, at: next, clause: words[next].clause) { return end }
            }
            return nil
        }
    }

    private func endAfterGap(
        _ element: Int, _ most: Int, in words: [Sentence.Word], at index: Int, clause: Int,
        allows: (Sentence.Word) -> Bool
    ) -> Int? {
        for length in 0...most {
            if length > 0 {
                let skipped = index + length - 1
                guard skipped < words.count, words[skipped].clause == clause, allows(words[skipped]) else { return nil }
            }
            if let end = end(of: element + 1, in: words, at: index + length, clause: clause) { return end }
        }
        return nil
    }
}
