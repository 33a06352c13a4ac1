/// A sentence of prose, cut into lower-case words and clauses.
///
/// Words are hashes, as in ``Words``: only equality matters. A clause ends at a comma, a colon, a bracket or a dash, and
/// before a conjunction that opens a new thought. An issue's key, and everything that is no word (``MarkupReader``'s
/// objects, identifiers, passages in quotation marks), is one word with a hash of its own.
struct Sentence: Sendable {
    struct Word: Sendable {
        var hash: UInt64
        /// Counted from 0 within the sentence.
        var clause: Int
        /// Whether it begins with a digit.
        var isNumber = false
    }

    var words: [Word] = []
    var isQuestion = false
    /// The sentence as it was written.
    var text: Substring

    func isNumber(at position: Int) -> Bool { words.indices.contains(position) && words[position].isNumber }

    /// Stands for every issue's key.
    static let key = Words.hash(of: "KEY")
    /// Stands for what is no word.
    static let object = Words.hash(of: "\u{FFFC}")

    /// The sentences of `text`, which has a paragraph a line. Those without a word are left out.
    static func all(in text: String) -> [Sentence] {
        // Other scripts than Latin are folded as a whole, where that keeps the places of the bytes.
        let folds = text.utf8.contains { $0 >= 0xC4 && $0 < 0xE2 }
        let lowered = folds ? text.lowercased() : text
        var scanner = SentenceScanner(
            text: text, bytes: Array((lowered.utf8.count == text.utf8.count ? lowered : text).utf8))
        return scanner.scan(original: folds ? Array(text.utf8) : nil)
    }
}

/// Cuts a text byte by byte, because it runs over every comment of every re-scored issue.
struct SentenceScanner {
    private static let mostWords = 120

    private let text: String
    private let bytes: [UInt8]
    private var index = 0
    private var start = 0
    private var clause = 0
    private var words: [Sentence.Word] = []
    private var isAbbreviated = false
    private var sentences: [Sentence] = []

    init(text: String, bytes: [UInt8]) {
        self.text = text
        self.bytes = bytes
    }

    /// `original` has the capitals that tell an issue's key, where `bytes` lost them.
    mutating func scan(original: [UInt8]?) -> [Sentence] {
        while index < bytes.count {
            let byte = bytes[index]
            if isWordByte(index) {
                if let end = endOfKey(in: original ?? bytes) {
                    append(Sentence.key, lengthOf: end - index)
                    index = end
                } else {
                    takeWord()
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\n"): endSentence(after: index, isQuestion: false)
            case UInt8(ascii: "?"): endSentence(after: index + 1, isQuestion: true)
            case UInt8(ascii: "!"): endSentence(after: index + 1, isQuestion: false)
            case UInt8(ascii: "."):
                if endsAtDot() { endSentence(after: index + 1, isQuestion: false) }
            case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: "("), UInt8(ascii: ")"):
                beginClause()
            case UInt8(ascii: "-"):
                if index > 0, bytes[index - 1] == UInt8(ascii: " ") { beginClause() }
            case UInt8(ascii: "\""):
                if skipQuotation(closing: [[UInt8(ascii: "\"")]], from: index + 1) { continue }
            case 0xE2, 0xC2, 0xEF:
                takePunctuation()
                continue
            default: break
            }
            index += 1
        }
        endSentence(after: bytes.count, isQuestion: false)
        return sentences
    }

    // MARK: Words

    private func isWordByte(_ position: Int) -> Bool {
        switch bytes[position] {
        case UInt8(ascii: "_"):
            // Within a name; at the edge of a word it is a mark of emphasis.
            position > 0 && position + 1 < bytes.count && Self.isASCIIWord(bytes[position - 1])
                && Self.isASCIIWord(bytes[position + 1])
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xBF, 0xC3...0xE1, 0xE3...0xEE,
            0xF0...0xFF:
            true
        default: false
        }
    }

    private static func isASCIIWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }

    private mutating func takeWord() {
        let first = index
        var hash = Words.emptyHash
        var isIdentifier = false
        while index < bytes.count {
            let byte = bytes[index]
            if isWordByte(index) {
                if byte == UInt8(ascii: "_"), index > first { isIdentifier = true }
                hash = Words.extend(hash, lowered(byte, after: index > first ? bytes[index - 1] : 0))
                index += 1
            } else if let length = lengthOfApostrophe(), index + length < bytes.count, isWordByte(index + length) {
                hash = Words.extend(hash, UInt8(ascii: "'"))
                index += length
            } else {
                break
            }
        }
        append(
            isIdentifier ? Sentence.object : hash, lengthOf: index - first,
            isNumber: (0x30...0x39).contains(bytes[first]))
    }

    /// `'` and U+2019.
    private func lengthOfApostrophe() -> Int? {
        if bytes[index] == UInt8(ascii: "'") { return 1 }
        if bytes[index] == 0xE2, index + 2 < bytes.count, bytes[index + 1] == 0x80, bytes[index + 2] == 0x99 {
            return 3
        }
        return nil
    }

    private func lowered(_ byte: UInt8, after previous: UInt8) -> UInt8 {
        if (0x41...0x5A).contains(byte) { return byte + 0x20 }
        // Latin-1 capitals are C3 80–C3 9E in UTF-8; C3 97 is the multiplication sign.
        if previous == 0xC3, (0x80...0x9E).contains(byte), byte != 0x97 { return byte + 0x20 }
        return byte
    }

    private mutating func append(_ hash: UInt64, lengthOf length: Int, isNumber: Bool = false) {
        // What is longer is no sentence; the limit keeps the time of a text without any dot linear.
        if words.count == Self.mostWords { endSentence(after: max(start, index - length), isQuestion: false) }
        if !words.isEmpty {
            if SentenceWords.openers.contains(hash) { clause += 1 }
            if words.count > 1, SentenceWords.connectives.contains(words[words.count - 1].hash),
                SentenceWords.subjects.contains(hash)
            {
                clause += 1
                words[words.count - 1].clause = clause
            }
        }
        words.append(Sentence.Word(hash: hash, clause: clause, isNumber: isNumber))
        isAbbreviated = length == 1 && !isNumber || SentenceWords.abbreviations.contains(hash)
    }

    /// `PAY-17`: a capital, capitals and digits, a hyphen, digits.
    private func endOfKey(in original: [UInt8]) -> Int? {
        guard (0x41...0x5A).contains(original[index]) else { return nil }
        var end = index + 1
        while end < original.count, isKeyByte(original[end]) { end += 1 }
        guard end - index >= 2, end + 1 < original.count, original[end] == UInt8(ascii: "-"),
            (0x30...0x39).contains(original[end + 1])
        else { return nil }
        end += 1
        while end < original.count, (0x30...0x39).contains(original[end]) { end += 1 }
        return end < original.count && isWordByte(end) ? nil : end
    }

    private func isKeyByte(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
    }

    // MARK: Between words

    private mutating func beginClause() {
        if !words.isEmpty { clause += 1 }
        isAbbreviated = false
    }

    /// A dot ends a sentence before a blank or a closing mark, not within `0.5` and not after `e.g`.
    private func endsAtDot() -> Bool {
        guard index + 1 < bytes.count else { return true }
        switch bytes[index + 1] {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: ")"), UInt8(ascii: "\""), UInt8(ascii: "'"),
            UInt8(ascii: "."), 0xE2:
            return !isAbbreviated
        default: return false
        }
    }

    /// General punctuation is E2 xx xx, Latin-1 punctuation C2 xx; EF BF BC is the object.
    private mutating func takePunctuation() {
        let length = bytes[index] == 0xC2 ? 2 : 3
        let second = index + 1 < bytes.count ? bytes[index + 1] : 0
        let third = index + 2 < bytes.count ? bytes[index + 2] : 0
        switch (bytes[index], second, third) {
        case (0xEF, 0xBF, 0xBC): append(Sentence.object, lengthOf: 3)
        case (0xE2, 0x80, 0x93), (0xE2, 0x80, 0x94), (0xE2, 0x80, 0xA6): beginClause()
        case (0xE2, 0x80, 0x9C): if skipQuotation(closing: [[0xE2, 0x80, 0x9D]], from: index + 3) { return }
        case (0xE2, 0x80, 0x9E):
            if skipQuotation(closing: [[0xE2, 0x80, 0x9C], [0xE2, 0x80, 0x9D], [0x22]], from: index + 3) { return }
        case (0xC2, 0xAB, _): if skipQuotation(closing: [[0xC2, 0xBB]], from: index + 2) { return }
        default: break
        }
        index += length
    }

    /// Takes what stands in quotation marks, up to 300 bytes in the same line, as one object.
    private mutating func skipQuotation(closing marks: [[UInt8]], from first: Int) -> Bool {
        let limit = min(bytes.count, first + 300)
        var position = first
        while position < limit, bytes[position] != UInt8(ascii: "\n") {
            if let mark = marks.first(where: { bytes[position...].starts(with: $0) }) {
                append(Sentence.object, lengthOf: 3)
                index = position + mark.count
                return true
            }
            position += 1
        }
        return false
    }

    private mutating func endSentence(after end: Int, isQuestion: Bool) {
        if !words.isEmpty {
            let from = text.utf8.index(text.utf8.startIndex, offsetBy: start)
            let to = text.utf8.index(text.utf8.startIndex, offsetBy: min(end, bytes.count))
            sentences.append(Sentence(words: words, isQuestion: isQuestion, text: text[from..<to]))
        }
        words.removeAll(keepingCapacity: true)
        clause = 0
        start = end
        isAbbreviated = false
    }
}

/// Words that cut sentences into clauses.
enum SentenceWords {
    static let openers = hashes(
        """
        but because although however and though while which whereas since therefore
        aber sondern doch weil da und denn sowie daher
        """)
    /// `as` and `so` open a clause before these: "as we wait for", but not "as soon as" and "so far".
    static let connectives = hashes("as so")
    static let subjects = hashes("we i it the this they our there i'm we're nothing nobody no please")
    static let abbreviations = hashes("approx etc vs mr mrs dr nr bzw ca usw resp incl")

    static func hashes(_ words: String) -> Set<UInt64> {
        Set(words.split { $0 == " " || $0 == "\n" }.map { Words.hash(of: String($0)) })
    }
}
