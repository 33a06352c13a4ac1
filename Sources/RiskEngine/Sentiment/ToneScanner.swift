/// How strongly a text says that its author is pleased, and displeased.
struct Tone {
    /// 0 or more; one mild word is 1, a strong one 3.
    var positive = 0.0
    /// As `positive`.
    var negative = 0.0
    /// How many words the text has.
    var length = 0
}

/// Finds the words of ``AffectLexicon`` in a text and weighs them by the words around.
///
/// The strongest word of each side counts in full, each other one a quarter. A negation up to four words before, in the
/// same clause, takes a displeased word away and turns a pleased one into mild displeasure ("not good"). Words that
/// strengthen or weaken stand up to two words before. A word in capitals, in a text that is not all in capitals, and
/// exclamation marks strengthen what is there. Praise in a question or after "would" or "if" does not count, thanks do.
/// Linear in the length of the text.
struct ToneScanner: Sendable {
    private struct Affect: Sendable {
        /// Negative for displeasure.
        var weight: Double
        var isGratitude = false
    }

    private static let negationReach = 4
    private static let degreeReach = 2

    private let lexicon: PhraseTable<Affect>
    private let negations: Set<UInt64>
    private let wishes: Set<UInt64>
    private let strengthening: Set<UInt64>
    private let weakening: Set<UInt64>
    /// Opens a clause for ``Words``, but "not so good" is one thought.
    private let so: Set<UInt64>

    init() {
        func entries(_ phrases: [String], _ affect: Affect) -> [(String, Affect)] { phrases.map { ($0, affect) } }
        func hashes(_ words: [String]) -> Set<UInt64> { Set(words.flatMap { Words($0).words.map(\.hash) }) }
        lexicon = PhraseTable(
            entries(AffectLexicon.none, Affect(weight: 0))
                + entries(AffectLexicon.gratitude, Affect(weight: 2, isGratitude: true))
                + entries(AffectLexicon.pleased, Affect(weight: 1)) + entries(AffectLexicon.happy, Affect(weight: 2))
                + entries(AffectLexicon.uneasy, Affect(weight: -1)) + entries(AffectLexicon.upset, Affect(weight: -2))
                + entries(AffectLexicon.angry, Affect(weight: -3)))
        negations = hashes(ToneModifiers.negations)
        wishes = hashes(ToneModifiers.wishes)
        strengthening = hashes(ToneModifiers.strengthening)
        weakening = hashes(ToneModifiers.weakening)
        so = hashes(["so"])
    }

    func tone(of text: String) -> Tone {
        let words = Words(text)
        let shouted = Self.shoutedWords(in: text)
        var pleased: [Double] = []
        var displeased: [Double] = []
        var previousEnd = 0
        for match in lexicon.matches(in: words) {
            var weight = weigh(match, in: words, after: previousEnd)
            previousEnd = match.range.upperBound
            if weight != 0, shouted.contains(words.words[match.range.upperBound - 1].hash) {
                weight += weight > 0 ? 0.5 : -0.5
            }
            if weight > 0 { pleased.append(weight) } else if weight < 0 { displeased.append(-weight) }
        }
        let faces = Emoticons.tone(of: text)
        if faces.positive > 0 { pleased.append(faces.positive) }
        if faces.negative > 0 { displeased.append(faces.negative) }
        var tone = Tone(
            positive: Self.sum(pleased), negative: Self.sum(displeased), length: words.words.count)
        let loudness = 0.25 * Double(min(text.utf8.count { $0 == UInt8(ascii: "!") }, 4))
        if tone.positive > tone.negative { tone.positive += loudness }
        if tone.negative > tone.positive { tone.negative += loudness }
        return tone
    }

    /// The strongest in full, a quarter of each other.
    private static func sum(_ weights: [Double]) -> Double {
        let strongest = weights.max() ?? 0
        return strongest + (weights.reduce(0, +) - strongest) / 4
    }

    /// - Parameter after: where the phrase before ended: its words belong to it alone.
    private func weigh(_ match: PhraseTable<Affect>.Match, in text: Words, after: Int) -> Double {
        var weight = match.label.weight
        guard weight != 0 else { return 0 }
        let start = match.range.lowerBound
        let clauseStart = clauseStart(of: start, in: text, notBefore: after)
        func stands(_ set: Set<UInt64>, within reach: Int) -> Bool {
            text.words[max(clauseStart, start - reach)..<start].contains { set.contains($0.hash) }
        }
        if stands(strengthening, within: Self.degreeReach) { weight += weight > 0 ? 1 : -1 }
        if stands(weakening, within: Self.degreeReach) { weight /= 2 }
        if weight > 0, !match.label.isGratitude {
            let clause = text.words[start].clause
            if text.questions.contains(clause) || stands(wishes, within: start) { return 0 }
        }
        guard stands(negations, within: Self.negationReach) else { return weight }
        return weight > 0 && !match.label.isGratitude ? -max(1, weight / 2) : 0
    }

    /// - Parameter limit: no word before is looked at, so that all phrases of a text together take linear time.
    private func clauseStart(of index: Int, in text: Words, notBefore limit: Int) -> Int {
        var clause = text.words[index].clause
        var start = index
        while start > limit {
            if text.words[start - 1].clause != clause {
                guard so.contains(text.words[start].hash), text.words[start - 1].clause == clause - 1 else { break }
                clause -= 1
            }
            start -= 1
        }
        return start
    }

    /// The words of two or more letters that are all capitals; none where the text has hardly a small letter.
    private static func shoutedWords(in text: String) -> Set<UInt64> {
        let capitals = text.utf8.count { (0x41...0x5A).contains($0) }
        guard capitals > 1, text.utf8.count(where: { (0x61...0x7A).contains($0) }) > capitals else { return [] }
        let loud = text.split { !$0.isLetter }.filter { word in
            word.utf8.count > 1 && word.allSatisfy(\.isUppercase)
        }
        return Set(Words(loud.joined(separator: " ")).words.map(\.hash))
    }
}
