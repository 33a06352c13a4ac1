/// Phrases of one or more whole words, each with a label, that are looked for in one pass over a text.
struct PhraseTable<Label: Sendable>: Sendable {
    struct Match {
        /// Positions in ``Words/words``.
        var range: Range<Int>
        var label: Label
    }

    private struct Phrase: Sendable {
        var hashes: [UInt64]
        var label: Label
    }

    /// By first word; the longest first, then in the given order.
    private var phrases: [UInt64: [Phrase]] = [:]

    /// Phrases without a single word are ignored.
    init(_ entries: [(phrase: String, label: Label)]) {
        for (text, label) in entries {
            let hashes = Words(text).words.map(\.hash)
            guard let first = hashes.first else { continue }
            var bucket = phrases[first, default: []]
            let place = bucket.firstIndex { $0.hashes.count < hashes.count } ?? bucket.endIndex
            bucket.insert(Phrase(hashes: hashes, label: label), at: place)
            phrases[first] = bucket
        }
    }

    /// The phrases in `text` from left to right, the longest at each place, never overlapping, never across clauses.
    func matches(in text: Words) -> [Match] {
        let words = text.words
        var found: [Match] = []
        var index = 0
        while index < words.count {
            if let bucket = phrases[words[index].hash],
                let phrase = bucket.first(where: { Self.stands($0.hashes, in: words, at: index) })
            {
                let end = index + phrase.hashes.count
                found.append(Match(range: index..<end, label: phrase.label))
                index = end
            } else {
                index += 1
            }
        }
        return found
    }

    private static func stands(_ hashes: [UInt64], in words: [Words.Word], at index: Int) -> Bool {
        guard index + hashes.count <= words.count, words[index].clause == words[index + hashes.count - 1].clause
        else { return false }
        return hashes.indices.allSatisfy { words[index + $0].hash == hashes[$0] }
    }
}
