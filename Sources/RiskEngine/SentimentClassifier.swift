public import Domain

/// Reads texts for their sentiment: the word list that is built in, or a model.
public protocol SentimentClassifier: Sendable {
    /// The identity under which readings are cached and analyses are labelled: `wordlist-2`, `finbert-…`.
    var modelID: String { get }

    /// One reading per text, in the same order. The texts are as ``ReadableText`` gives them. Throws when the model
    /// cannot answer now; nothing is then stored.
    func classify(_ texts: [String]) async throws -> [SentimentReading]
}
