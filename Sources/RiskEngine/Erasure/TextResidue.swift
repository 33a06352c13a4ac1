import Crypto
public import Domain
import Foundation

/// Says what a text contributed to scores, for the time when the text is erased: what the score would read of it again.
public struct TextResidue: Sendable {
    private let openBlockers: OpenBlockers
    private let seedBlockers = SeedBlockers()
    private let staffing: Staffing
    private let classifiers: ClassifierSlot

    /// - Parameters:
    ///   - configuration: the rules that texts are read by. What they make of a text now is what stays of it.
    ///   - classifiers: whose readings scores rest on.
    public init(_ configuration: RiskConfiguration, classifiers: ClassifierSlot) {
        openBlockers = OpenBlockers(configuration)
        staffing = Staffing(configuration)
        self.classifiers = classifiers
    }

    /// The model whose readings scores rest on now.
    public var model: String { classifiers.current.modelID }

    /// What the reading of a comment is stored under.
    public func hash(of body: String) -> ContentHash {
        ContentHash(SHA256.hash(data: Data(ReadableText.of(body).utf8)).hexadecimal)
    }

    /// The residue of a comment's text.
    ///
    /// - Parameters:
    ///   - mood: the model's reading; nil where it has none.
    ///   - id: a random name.
    public func residue(of body: String, mood: SentimentReading?, id: String) -> ErasedText {
        let language = mood == nil ? LanguageDetector.language(of: ReadableText.of(body)).rawValue : nil
        return ErasedText(
            id: id, length: body.unicodeScalars.count, mood: mood, language: language,
            isAutomatic: AutomaticReply.isOne(body), statement: openBlockers.statement(in: body).said,
            keywords: seedBlockers.categories(of: body))
    }

    /// Whom a person counts as, as far as cost is concerned.
    public func staffing(of person: Person) -> (role: String, location: String) {
        (staffing.role(of: person), staffing.location(of: person))
    }
}
