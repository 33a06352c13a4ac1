public import Foundation

/// The files a tokenizer is published as: `tokenizer.json`, else `vocab.txt` with `tokenizer_config.json`.
extension BertTokenizer {
    /// Reads the tokenizer of a model's folder. Throws ``ModelError`` naming the file and what is wrong with it.
    public init(folder: URL) throws {
        let vocabulary = try ModelFiles.read("vocab.txt", in: folder)
        if let data = try ModelFiles.read("tokenizer.json", in: folder) {
            try self.init(tokenizerJSON: data, vocabulary: vocabulary)
        } else if let vocabulary {
            try self.init(
                vocabulary: vocabulary, configuration: try ModelFiles.read("tokenizer_config.json", in: folder))
        } else {
            throw ModelError(.missing, "\(folder.path) has neither tokenizer.json nor vocab.txt")
        }
    }

    // MARK: vocab.txt

    private struct Configuration: Decodable {
        var do_lower_case: Bool?
        var strip_accents: Bool?
        var tokenize_chinese_chars: Bool?
    }

    /// One piece a line, its id the number of the line from 0.
    init(vocabulary: Data, configuration: Data?) throws {
        let pieces = try Self.pieces(vocabulary)
        var options = Options()
        if let configuration {
            let settings = try ModelFiles.decode(Configuration.self, from: configuration, name: "tokenizer_config.json")
            options.steps.lowercases = settings.do_lower_case ?? true
            options.steps.stripsAccents = settings.strip_accents ?? options.steps.lowercases
            options.steps.separatesIdeographs = settings.tokenize_chinese_chars ?? true
        }
        do { try self.init(pieces: pieces, options: options) } catch let error as ModelError {
            throw ModelError(error.code, "vocab.txt: \(error)")
        }
    }

    private static func pieces(_ vocabulary: Data) throws -> [(String, Int32)] {
        guard String(data: vocabulary, encoding: .utf8) != nil else {
            throw ModelError(.malformed, "vocab.txt is not UTF-8")
        }
        var lines = vocabulary.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.enumerated().map { number, line in
            // Hugging Face's reader strips white space at the end, and with it a carriage return.
            var piece = String(decoding: line, as: UTF8.self).unicodeScalars
            while let last = piece.last, last.properties.isWhitespace { piece.removeLast() }
            return (String(piece), Int32(number))
        }
    }

    // MARK: tokenizer.json

    private struct Document: Decodable {
        struct AddedToken: Decodable {
            var id: Int32
            var content: String
            var normalized: Bool
            var single_word: Bool
            var lstrip: Bool
            var rstrip: Bool
        }
        struct Normalizer: Decodable {
            var type: String
            var clean_text: Bool?
            var handle_chinese_chars: Bool?
            var strip_accents: Bool?
            var lowercase: Bool?
        }
        struct Typed: Decodable { var type: String }
        struct Model: Decodable {
            var type: String?
            var unk_token: String?
            var continuing_subword_prefix: String?
            var max_input_chars_per_word: Int?
            var vocab: [String: Int32]
        }
        var added_tokens: [AddedToken]?
        var normalizer: Normalizer?
        var pre_tokenizer: Typed?
        var model: Model
    }

    /// The library's own format, as far as it describes a BERT tokenizer; anything else is an error that names the part.
    ///
    /// The pieces come from `vocab.txt` if it exists: Foundation treats canonically equivalent keys of JSON as one.
    init(tokenizerJSON data: Data, vocabulary: Data? = nil) throws {
        let document = try ModelFiles.decode(Document.self, from: data, name: "tokenizer.json")
        func refuse(_ part: String, _ found: String?, _ expected: String) -> ModelError {
            ModelError(
                .unsupported, "tokenizer.json: the \(part) is \(found ?? "missing"); consilod reads \(expected)")
        }
        guard document.model.type ?? "WordPiece" == "WordPiece" else {
            throw refuse("model", document.model.type, "WordPiece")
        }
        guard let normalizer = document.normalizer, normalizer.type == "BertNormalizer" else {
            throw refuse("normalizer", document.normalizer?.type, "BertNormalizer")
        }
        guard document.pre_tokenizer?.type == "BertPreTokenizer" else {
            throw refuse("pre_tokenizer", document.pre_tokenizer?.type, "BertPreTokenizer")
        }
        let added = document.added_tokens ?? []
        if let other = added.first(where: {
            $0.content.isEmpty || $0.normalized || $0.single_word || $0.lstrip || $0.rstrip
        }) {
            throw refuse("added token '\(other.content)'", "matched by special rules", "plain special tokens")
        }
        guard document.model.vocab.values.allSatisfy({ $0 >= 0 }), added.allSatisfy({ $0.id >= 0 }) else {
            throw ModelError(.malformed, "tokenizer.json: a token has a negative id")
        }
        var options = Options()
        let lowercases = normalizer.lowercase ?? true
        options.steps = BertCharacters.Steps(
            cleans: normalizer.clean_text ?? true, separatesIdeographs: normalizer.handle_chinese_chars ?? true,
            stripsAccents: normalizer.strip_accents ?? lowercases, lowercases: lowercases)
        options.continuationPrefix = document.model.continuing_subword_prefix ?? "##"
        options.longestWord = document.model.max_input_chars_per_word ?? 100
        options.unknown = document.model.unk_token ?? "[UNK]"
        options.special = added.map(\.content)
        let listed = try vocabulary.map(Self.pieces) ?? document.model.vocab.map { ($0.key, $0.value) }
        let pieces = listed + added.map { ($0.content, $0.id) }
        do { try self.init(pieces: pieces, options: options) } catch let error as ModelError {
            throw ModelError(error.code, "tokenizer.json: \(error)")
        }
    }
}
