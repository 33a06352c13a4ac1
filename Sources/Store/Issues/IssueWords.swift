import Domain
import Foundation

/// The words by which an issue is found: folded here, in one way for both engines and every language (decision 0025).
struct IssueWords: Sendable, Hashable {
    /// Of the summary.
    var title: [String]
    /// Of the components and labels.
    var tags: [String]
    /// Of the beginning of the description.
    var body: [String]

    /// How much of a description is read. More finds no more.
    static let bodyLength = 2000
    /// How much is read of a summary (Jira allows 255 characters), and of components and labels.
    static let shortLength = 500
    /// The longest word, in scalars: what is longer is data.
    static let longestWord = 40

    init(summary: String?, components: [String], labels: [String], description: String?) {
        title = Self.words(in: summary ?? "", limit: Self.shortLength)
        tags = Self.words(in: (components + labels).joined(separator: " "), limit: Self.shortLength)
        body = Self.words(in: description ?? "", limit: Self.bodyLength)
    }

    init(_ issue: Issue) {
        self.init(
            summary: issue.summary, components: issue.components, labels: issue.labels, description: issue.description)
    }

    init(_ fields: IssueFields) {
        self.init(
            summary: fields.summary?.value, components: fields.components?.value ?? [],
            labels: fields.labels?.value ?? [], description: fields.description?.value)
    }

    /// The words of a text, in their order, of its first `limit` scalars: in small letters, without accents and marks.
    ///
    /// A word is a run of letters and digits, without the commonest words of English and German; in a script that writes
    /// without spaces, each pair of neighbours.
    static func words(in text: String, limit: Int) -> [String] {
        var reader = WordReader()
        let bytes = text.utf8.prefix(limit)
        if bytes.allSatisfy({ $0 < 0x80 }) {
            for byte in bytes { reader.read(byte) }
        } else {
            let beginning = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
            for scalar in beginning.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
                reader.read(scalar)
            }
        }
        reader.endWord()
        return reader.words
    }
}

/// Collects words. Most text is ASCII, and most of the time goes here: the word is kept as bytes of UTF-8.
private struct WordReader {
    private(set) var words: [String] = []
    private var word: [UInt8] = []
    /// In scalars.
    private var length = 0
    /// Where the last scalar begins, in a script that writes without spaces; nil elsewhere.
    private var lastUnspaced: Int?

    /// Reads a character of ASCII.
    mutating func read(_ byte: UInt8) {
        switch byte {
        case 0x61...0x7A, 0x30...0x39: add(byte)
        case 0x41...0x5A: add(byte + 0x20)
        default: endWord()
        }
    }

    mutating func read(_ scalar: Unicode.Scalar) {
        if scalar.isASCII { return read(UInt8(scalar.value)) }
        if scalar.properties.generalCategory == .nonspacingMark { return }
        guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil else { return endWord() }
        if Self.isOfUnspacedScript(scalar) { return addUnspaced(scalar) }
        if lastUnspaced != nil { endWord() }
        word.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        length += 1
    }

    private mutating func add(_ byte: UInt8) {
        if lastUnspaced != nil { endWord() }
        word.append(byte)
        length += 1
    }

    /// Two neighbours make a word; the second begins the next.
    private mutating func addUnspaced(_ scalar: Unicode.Scalar) {
        if lastUnspaced == nil { endWord() }
        let place = word.count
        word.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        if let lastUnspaced { words.append(String(decoding: word[lastUnspaced...], as: UTF8.self)) }
        lastUnspaced = place
        length += 1
    }

    mutating func endWord() {
        guard length > 0 else { return }
        let isOfPair = lastUnspaced != nil && length > 1
        let isLong = lastUnspaced == nil && !(2...IssueWords.longestWord).contains(length)
        if !isOfPair, !isLong {
            let text = String(decoding: word, as: UTF8.self)
            if !Self.common.contains(text) { words.append(text) }
        }
        word.removeAll(keepingCapacity: true)
        (length, lastUnspaced) = (0, nil)
    }

    /// Thai, Lao, Burmese, Khmer, kana and Chinese characters.
    private static func isOfUnspacedScript(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3005...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xF900...0xFAFF, 0x20000...0x3FFFF:
            true
        default: false
        }
    }

    /// Folded like all words. In a store with few issues they cannot be known by being frequent.
    private static let common = Set(
        """
        about after all also am an and any are as at be because been before but by can cannot could did do does doing for \
        from get gets had has have he her his how if in into is it its just may me more must my no not of off on only or \
        other our out over own per please should so some such than that the their them then there these they this those \
        to too under up us use used using very via was we were what when where which while who why will with without \
        would yes you your \
        aber als am an auch auf aus bei beim bis bitte da damit dann das dass dem den der des die dies diese dieser doch \
        durch ein eine einem einen einer eines er es fur hat haben hier ich ihr im in ist ja jetzt kann kein keine man \
        mehr mit muss nach nein nicht noch nur ob oder ohne sein sich sie sind so soll sollte uber um und uns unter vom \
        von vor war was weil wenn wer werden wie wir wird wo zu zum zur \
        http https www com org
        """.split(separator: " ").map(String.init))
}
