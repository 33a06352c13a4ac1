import Foundation

/// What is left of a comment whose author was erased: what it contributed to scores, as classes and numbers, and no word of it
/// (decision 0052). It stands where the text stood, in the form of ``body``, so that every copy of the comment that is folded, in
/// whatever order, holds the same.
public struct ErasedText: Sendable, Hashable, Codable {
    /// What the comment says of impediments.
    public struct Statement: Sendable, Hashable, Codable {
        /// Whether it says last that the work is impeded.
        public var opens: Bool
        /// Whether it says that earlier impediments are over.
        public var closesEarlier: Bool
        /// Whether somebody else has to answer.
        public var asks: Bool
        /// Whether its words say that it was so before.
        public var repeatsEarlier: Bool
        /// The categories of the impediment, in the words of analyses; empty where none is opened.
        public var categories: [String]
        /// The keys of issues that the sentence names.
        public var keys: [String]

        public init(
            opens: Bool = false, closesEarlier: Bool = false, asks: Bool = false, repeatsEarlier: Bool = false,
            categories: [String] = [], keys: [String] = []
        ) {
            self.opens = opens
            self.closesEarlier = closesEarlier
            self.asks = asks
            self.repeatsEarlier = repeatsEarlier
            self.categories = categories
            self.keys = keys
        }
    }

    /// What stands in place of a quotation.
    public static let quotation = "(text erased)"

    private static let prefix = "[erased text "
    private static let suffix = "]"

    /// A random name, so that two comments with the same classes stay two texts; 16 hexadecimal digits.
    public var id: String
    /// How long the text was, in Unicode scalars.
    public var length: Int
    /// How it was read; nil where it was not.
    public var mood: SentimentReading?
    /// The language, by ``TextLanguage``'s raw value; nil where `mood` is known.
    public var language: String?
    /// Whether it was an automatic reply.
    public var isAutomatic: Bool
    /// What it says of impediments, as the profile `standard` reads it.
    public var statement: Statement
    /// The categories of the profile `classic`; nil where it held none of its keywords.
    public var keywords: [String]?

    public init(
        id: String, length: Int, mood: SentimentReading? = nil, language: String? = nil, isAutomatic: Bool = false,
        statement: Statement = Statement(), keywords: [String]? = nil
    ) {
        self.id = id
        self.length = length
        self.mood = mood
        self.language = language
        self.isAutomatic = isAutomatic
        self.statement = statement
        self.keywords = keywords
    }

    /// Reads what stands in a comment's body; nil for every other text.
    public init?(_ body: String) {
        guard body.hasPrefix(Self.prefix), body.hasSuffix(Self.suffix) else { return nil }
        let json = body.dropFirst(Self.prefix.count).dropLast(Self.suffix.count)
        do {
            self = try CanonicalJSON.decode(ErasedText.self, from: Data(json.utf8))
        } catch {
            // Somebody wrote a text that begins alike.
            return nil
        }
    }

    /// What stands in place of the text. Throws where `mood` is no finite number.
    public func body() throws -> String {
        Self.prefix + String(decoding: try CanonicalJSON.encode(self), as: UTF8.self) + Self.suffix
    }
}

extension Comment {
    /// How long its text is, or was before it was erased, in Unicode scalars.
    public var textLength: Int { ErasedText(body)?.length ?? body.unicodeScalars.count }
}

extension Comment {
    /// Its first characters, for everybody who sees the issue; nil where not everybody may read it.
    public func shownStart(_ length: Int) -> String? {
        if ErasedText(body) != nil { return ErasedText.quotation }
        return isRestricted ? nil : String(body.prefix(length))
    }
}
