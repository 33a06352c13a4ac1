/// A text cut into lower-case words and clauses, ready for whole-word phrase matching.
///
/// A word is a run of letters and digits, with apostrophes inside; everything else separates. Words are kept as
/// hashes: only equality matters, and 64 bits make an accidental match with the few hundred configured words
/// practically impossible. The cut is made byte by byte because it runs over every comment of every re-scored issue.
struct Words: Sendable {
    struct Word: Sendable {
        var hash: UInt64
        /// Which clause of the text the word stands in, counted from 0.
        var clause: Int
    }

    private(set) var words: [Word] = []
    /// The clauses that end with a question mark.
    private(set) var questions: Set<Int> = []

    init(_ text: String) {
        words.reserveCapacity(text.utf8.count / 6)
        var clause = 0
        var hash = Self.emptyHash
        var isInWord = false
        var previous: UInt8 = 0

        func lowered(_ byte: UInt8) -> UInt8 {
            if (0x41...0x5A).contains(byte) { return byte + 0x20 }
            // Latin-1 capitals (Ä, Ö, Ü, É …) are C3 80–C3 9E in UTF-8; C3 97 is the multiplication sign.
            if previous == 0xC3, (0x80...0x9E).contains(byte), byte != 0x97 { return byte + 0x20 }
            return byte
        }
        func endWord() {
            guard isInWord else { return }
            if Self.clauseOpeners.contains(hash) { clause += 1 }
            words.append(Word(hash: hash, clause: clause))
            hash = Self.emptyHash
            isInWord = false
        }

        // Scripts beyond Latin-1 take the slow road; E2 is mere punctuation.
        let normalised = text.utf8.contains { $0 >= 0xC4 && $0 != 0xE2 } ? text.lowercased() : text
        let bytes = Array(normalised.utf8)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xBF, 0xC3...0xE1, 0xE3...0xFF:
                hash = Self.extend(hash, lowered(byte))
                isInWord = true
            case 0x27 where isInWord:
                if index + 1 < bytes.count, Self.isWordStart(bytes[index + 1]) {
                    hash = Self.extend(hash, 0x27)
                } else {
                    endWord()
                }
            case 0xE2:
                // General punctuation (quotes, dashes, arrows) is E2 xx xx; U+2019 inside a word is an apostrophe.
                if isInWord, index + 3 < bytes.count, bytes[index + 1] == 0x80, bytes[index + 2] == 0x99,
                    Self.isWordStart(bytes[index + 3])
                {
                    hash = Self.extend(hash, 0x27)
                } else {
                    endWord()
                }
                index += 2
            case 0xC2:
                // Latin-1 punctuation and the no-break space are C2 xx.
                endWord()
                index += 1
            case 0x21, 0x28, 0x29, 0x2C, 0x2E, 0x3A, 0x3B, 0x3F, 0x0A:  // ! ( ) , . : ; ? newline
                endWord()
                if byte == 0x3F { questions.insert(clause) }
                clause += 1
            case 0x2D:  // a hyphen joins two words, a dash after a space parts two clauses
                endWord()
                if previous == 0x20 { clause += 1 }
            default:
                endWord()
            }
            previous = byte
            index += 1
        }
        endWord()
    }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte >= 0xC3
    }

    // FNV-1a, 64 bits (Fowler, Noll, Vo).
    private static let emptyHash: UInt64 = 0xCBF2_9CE4_8422_2325
    private static func extend(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    private static func hash(of word: String) -> UInt64 { word.utf8.reduce(emptyHash, extend) }

    /// Conjunctions that start a new thought, so that "cannot test because blocked" is not read as "not blocked".
    private static let clauseOpeners = Set(
        [
            "but", "because", "since", "although", "however", "so", "and",
            "aber", "sondern", "doch", "weil", "da", "und",
        ].map(hash(of:)))
}
