public import Domain

/// A model for the texts it can read, and another classifier for those it cannot.
///
/// An English model calls nearly every German text neutral; the word list knows German.
public struct LanguageRouter: SentimentClassifier {
    private let model: any SentimentClassifier
    private let fallback: any SentimentClassifier

    /// `fallback` is given only texts in languages that `model` does not read.
    public init(_ model: any SentimentClassifier, fallback: any SentimentClassifier) {
        self.model = model
        self.fallback = fallback
    }

    /// Both ids: a new model or new words make a new reader.
    public var modelID: String { "\(model.modelID)+\(fallback.modelID)" }

    /// What either reads.
    public func reads(_ language: TextLanguage) -> Bool { model.reads(language) || fallback.reads(language) }

    /// One reading per text, in the same order; a text that neither reads goes to the model. Throws what they throw.
    public func classify(_ texts: [String]) async throws -> [SentimentReading] {
        let isForFallback = texts.map { text in
            let language = LanguageDetector.language(of: text)
            return !model.reads(language) && fallback.reads(language)
        }
        func portion(forFallback wanted: Bool) -> [String] {
            zip(texts, isForFallback).compactMap { $1 == wanted ? $0 : nil }
        }
        var own = try await model.classify(portion(forFallback: false)).makeIterator()
        var foreign = try await fallback.classify(portion(forFallback: true)).makeIterator()
        return isForFallback.compactMap { $0 ? foreign.next() : own.next() }
    }
}
