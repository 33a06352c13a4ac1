/// Tells what a text asserts from what it denies, supposes or asks.
struct Assertion: Sendable {
    /// How many words a negation reaches forward: "not currently blocked", "no open blockers".
    private static let negationReach = 3

    private let negations: Set<UInt64>
    private let hypotheticals: Set<UInt64>

    init(negations: [String], hypotheticals: [String]) {
        self.negations = Set(negations.flatMap { Words($0).words.map(\.hash) })
        self.hypotheticals = Set(hypotheticals.flatMap { Words($0).words.map(\.hash) })
    }

    /// Whether a negation stands shortly before `range` in its clause.
    func denies(_ range: Range<Int>, in text: Words) -> Bool {
        let first = max(clauseStart(of: range, in: text), range.lowerBound - Self.negationReach)
        return text.words[first..<range.lowerBound].contains { negations.contains($0.hash) }
    }

    /// Whether the clause of `range` is stated as a fact: no denial, no supposition before it, no question.
    func asserts(_ range: Range<Int>, in text: Words) -> Bool {
        if text.questions.contains(text.words[range.lowerBound].clause) || denies(range, in: text) { return false }
        let first = clauseStart(of: range, in: text)
        return !text.words[first..<range.lowerBound].contains { hypotheticals.contains($0.hash) }
    }

    private func clauseStart(of range: Range<Int>, in text: Words) -> Int {
        let clause = text.words[range.lowerBound].clause
        var start = range.lowerBound
        while start > 0, text.words[start - 1].clause == clause { start -= 1 }
        return start
    }
}
