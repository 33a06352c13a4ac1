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
        // Scripts beyond Latin-1 take the slow path; E2 is punctuation only.
        let normalized = text.utf8.contains { $0 >= 0xC4 && $0 != 0xE2 } ? text.lowercased() : text
        let bytes = Array(normalized.utf8)
        var scanner = Scanner()
        var index = 0
        while index < bytes.count { index += take(index, of: bytes, &scanner) }
        endWord(&scanner)
    }

    /// Whether no word of the same clause stands at `position` after another.
    func endsClause(at position: Int) -> Bool {
        position >= words.count || words[position].clause != words[position - 1].clause
    }

    /// Where a scan is. Two states: between words, and in a word, whose hash grows byte by byte. A letter or digit enters
    /// or continues a word; an apostrophe before another letter continues it; everything else ends it. The marks in
    /// ``isClauseEnd(_:)``, a dash after a space and a word of ``clauseOpeners`` begin a new clause.
    private struct Scanner {
        var clause = 0
        var hash = Words.emptyHash
        var isInWord = false
        /// The first byte of what stood before.
        var previous: UInt8 = 0

        mutating func extend(_ byte: UInt8) { hash = Words.extend(hash, byte) }

        func lowered(_ byte: UInt8) -> UInt8 {
            if (0x41...0x5A).contains(byte) { return byte + 0x20 }
            // Latin-1 capitals (Ä, Ö, Ü, É …) are C3 80–C3 9E in UTF-8; C3 97 is the multiplication sign.
            if previous == 0xC3, (0x80...0x9E).contains(byte), byte != 0x97 { return byte + 0x20 }
            return byte
        }
    }

    /// Takes the byte at `index`, or a punctuation mark of several bytes; how many.
    private mutating func take(_ index: Int, of bytes: [UInt8], _ scanner: inout Scanner) -> Int {
        let byte = bytes[index]
        defer { scanner.previous = byte }
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xBF, 0xC3...0xE1, 0xE3...0xFF:
            scanner.extend(scanner.lowered(byte))
            scanner.isInWord = true
        case Self.apostrophe where scanner.isInWord:
            takeApostrophe(isInside: index + 1 < bytes.count && Self.isWordStart(bytes[index + 1]), &scanner)
        case 0xE2:
            // General punctuation (quotes, dashes, arrows) is E2 xx xx; U+2019 inside a word is an apostrophe.
            takeApostrophe(
                isInside: scanner.isInWord && index + 3 < bytes.count && bytes[index + 1] == 0x80
                    && bytes[index + 2] == 0x99 && Self.isWordStart(bytes[index + 3]), &scanner)
            return 3
        case 0xC2:
            // Latin-1 punctuation and the no-break space are C2 xx.
            endWord(&scanner)
            return 2
        case let mark where Self.isClauseEnd(mark):
            endWord(&scanner)
            if mark == UInt8(ascii: "?") { questions.insert(scanner.clause) }
            scanner.clause += 1
        case UInt8(ascii: "-"):
            // A hyphen joins two words, a dash after a space separates two clauses.
            endWord(&scanner)
            if scanner.previous == UInt8(ascii: " ") { scanner.clause += 1 }
        default:
            endWord(&scanner)
        }
        return 1
    }

    private mutating func takeApostrophe(isInside: Bool, _ scanner: inout Scanner) {
        if isInside { scanner.extend(Self.apostrophe) } else { endWord(&scanner) }
    }

    private mutating func endWord(_ scanner: inout Scanner) {
        guard scanner.isInWord else { return }
        if Self.clauseOpeners.contains(scanner.hash) { scanner.clause += 1 }
        words.append(Word(hash: scanner.hash, clause: scanner.clause))
        scanner.hash = Self.emptyHash
        scanner.isInWord = false
    }

    private static let apostrophe = UInt8(ascii: "'")

    private static func isClauseEnd(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: "."),
            UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "?"), UInt8(ascii: "\n"):
            true
        default: false
        }
    }

    private static func isWordStart(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte >= 0xC3
    }

    // FNV-1a, 64 bits (Fowler, Noll, Vo).
    static let emptyHash: UInt64 = 0xCBF2_9CE4_8422_2325
    static func extend(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    static func hash(of word: String) -> UInt64 { word.utf8.reduce(emptyHash, extend) }

    /// Conjunctions that start a new thought, so that "cannot test because blocked" is not read as "not blocked".
    private static let clauseOpeners = Set(
        [
            "but", "because", "since", "although", "however", "so", "and",
            "aber", "sondern", "doch", "weil", "da", "und",
        ].map(hash(of:)))
}
