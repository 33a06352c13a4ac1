public import Domain

/// Reads texts for their sentiment: the word list that is built in, or a model.
public protocol SentimentClassifier: Sendable {
    /// The identity under which readings are cached and analyses are labelled: `wordlist-3`, `finberttrc2-…`.
    var modelID: String { get }

    /// Whether it can read texts in this language. It is given no others: a text in another language has no reading.
    func reads(_ language: TextLanguage) -> Bool

    /// One reading per text, in the same order. The texts are as ``ReadableText`` gives them. Throws when the model
    /// cannot answer now; nothing is then stored.
    func classify(_ texts: [String]) async throws -> [SentimentReading]
}

extension SentimentClassifier {
    /// Every language, for a classifier that says nothing else.
    public func reads(_ language: TextLanguage) -> Bool { true }
}
