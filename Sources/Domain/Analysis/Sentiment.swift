/// The three classes of the financial-sentiment models consilod reads comments with.
public enum SentimentLabel: String, Sendable, Codable, CaseIterable {
    case positive, negative, neutral
}

/// What a model said of one text.
public struct SentimentReading: Sendable, Hashable, Codable {
    /// The most probable class.
    public var label: SentimentLabel
    /// The model's confidence in `label`, 0–1.
    public var score: Double

    public init(label: SentimentLabel, score: Double) {
        self.label = label
        self.score = score
    }
}

/// The key of a text in the sentiment cache: lower-case hex SHA-256 of its UTF-8 bytes.
public struct ContentHash: StringIdentifier {
    /// 64 hexadecimal digits.
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
}
