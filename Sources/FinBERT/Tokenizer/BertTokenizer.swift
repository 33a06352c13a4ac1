/// WordPiece as BERT uses it, identical to Hugging Face's `BertTokenizer`: special tokens found in the raw text,
/// cleaning, ideographs apart, accents off, lower case, words split at white space and punctuation, greedy
/// longest-match pieces, `[UNK]` for a word that has no pieces or more than 100 scalars.
public struct BertTokenizer: Sendable {
    /// What the tokenizer's files may set.
    struct Options: Sendable {
        var steps = BertCharacters.Steps()
        var continuationPrefix = "##"
        /// A longer word, in scalars, is unknown.
        var longestWord = 100
        var unknown = "[UNK]"
        /// Matched in the raw text, whole and case-sensitive, before any other step.
        var special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    }

    /// How many ids there are: one more than the largest.
    public var vocabularySize: Int { vocabulary.count }
    /// The id that fills short texts of a batch.
    public let padding: Int32
    /// The id in front of every text, `[CLS]`.
    public let start: Int32
    /// The id after every text, `[SEP]`.
    public let end: Int32

    private let vocabulary: Vocabulary
    private let options: Options
    private let unknown: Int32
    /// Longest first.
    private let special: [(bytes: [UInt8], id: Int32)]
    private let characters = BertCharacters.standard

    /// Throws ``ModelError`` when the vocabulary lacks a token that every text needs.
    init(pieces: [(String, Int32)], options: Options = Options()) throws {
        let vocabulary = Vocabulary(pieces: pieces, continuationPrefix: options.continuationPrefix)
        func id(_ piece: String) throws -> Int32 {
            guard let id = vocabulary[piece] else {
                throw ModelError(.malformed, "the vocabulary has no \(piece)")
            }
            return id
        }
        (padding, start, end, unknown) = (try id("[PAD]"), try id("[CLS]"), try id("[SEP]"), try id(options.unknown))
        special = options.special.compactMap { piece in vocabulary[piece].map { (Array(piece.utf8), $0) } }
            .sorted { $0.bytes.count > $1.bytes.count }
        (self.vocabulary, self.options) = (vocabulary, options)
    }

    /// Whether this is a whole word of the vocabulary.
    func holds(_ word: String) -> Bool { vocabulary[word] != nil }

    /// `text` between `[CLS]` and `[SEP]`, cut to `limit` ids in all (2 or more).
    public func encode(_ text: String, limit: Int = 512) -> [Int32] {
        [start] + ids(of: text).prefix(max(limit - 2, 0)) + [end]
    }

    /// The ids of `text` alone, uncut.
    public func ids(of text: String) -> [Int32] {
        var text = text
        return text.withUTF8 { bytes in
            var result: [Int32] = []
            result.reserveCapacity(bytes.count / 4 + 2)
            var from = 0
            var index = 0
            while index < bytes.count {
                if let token = special.first(where: { Self.stands($0.bytes, in: bytes, at: index) }) {
                    appendWords(UnsafeBufferPointer(rebasing: bytes[from..<index]), to: &result)
                    result.append(token.id)
                    index += token.bytes.count
                    from = index
                } else {
                    index += 1
                }
            }
            appendWords(UnsafeBufferPointer(rebasing: bytes[from...]), to: &result)
            return result
        }
    }

    private static func stands(_ token: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
        guard bytes[index] == token[0], index + token.count <= bytes.count else { return false }
        return token.indices.allSatisfy { bytes[index + $0] == token[$0] }
    }

    private func appendWords(_ bytes: UnsafeBufferPointer<UInt8>, to result: inout [Int32]) {
        guard !bytes.isEmpty else { return }
        var word = Word()
        for scalar in normalised(bytes) {
            if scalar == 0x20 || scalar > 0x7F && Self.isSpace(scalar) {
                append(&word, to: &result)
            } else if characters.isPunctuation(scalar) {
                append(&word, to: &result)
                word.append(scalar)
                append(&word, to: &result)
            } else {
                word.append(scalar)
            }
        }
        append(&word, to: &result)
    }

    /// White space that remains in texts that the tokenizer does not clean.
    private static func isSpace(_ scalar: UInt32) -> Bool {
        Unicode.Scalar(scalar)?.properties.isWhitespace ?? false
    }

    private func normalised(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt32] {
        var scalars: [UInt32] = []
        scalars.reserveCapacity(bytes.count + bytes.count / 8)
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            characters.append(scalar.value, after: options.steps, to: &scalars)
        }
        return scalars
    }

    /// A word being read: its UTF-8 bytes and its length in scalars.
    private struct Word {
        var bytes: [UInt8] = []
        var scalars = 0

        mutating func append(_ scalar: UInt32) {
            scalars += 1
            if scalar < 0x80 {
                bytes.append(UInt8(scalar))
            } else if let encoded = Unicode.Scalar(scalar).flatMap(UTF8.encode) {
                bytes += encoded
            }
        }
    }

    /// Appends the pieces of `word` and empties it.
    private func append(_ word: inout Word, to result: inout [Int32]) {
        guard word.scalars > 0 else { return }
        defer { word = Word() }
        guard word.scalars <= options.longestWord else {
            result.append(unknown)
            return
        }
        let before = result.count
        var index = 0
        while index < word.bytes.count {
            guard let piece = vocabulary.longestPiece(in: word.bytes, from: index) else {
                result.removeSubrange(before...)
                result.append(unknown)
                return
            }
            result.append(piece.id)
            index = piece.end
        }
    }
}
