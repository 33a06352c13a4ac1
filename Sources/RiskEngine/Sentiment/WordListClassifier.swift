public import Domain

/// The sentiment classifier that needs no model: it counts words.
///
/// Some three hundred English and German words of delivery talk count as good or bad; a negation up to three words
/// before, in the same clause, turns one round ("no problems" is good). The larger count is the label, a tie
/// is neutral. The score grows with how clearly one side outweighs the other: 0.5 for a tie, towards 1.
///
/// It knows neither irony nor context and stands in until a model is there; its readings are labelled
/// `wordlist-2`, so that they can be redone. The same text always gives the same reading.
public struct WordListClassifier: SentimentClassifier {
    private let vocabulary: PhraseTable<Int>
    private let assertion: Assertion

    /// Prepares the words once.
    public init() {
        vocabulary = PhraseTable(
            DeliveryVocabulary.positive.map { ($0, 1) } + DeliveryVocabulary.negative.map { ($0, -1) })
        assertion = Assertion(negations: RiskConfiguration.defaultNegations, hypotheticals: [])
    }

    /// `wordlist-2`. The number goes up with every change of the words or the rule.
    public var modelID: String { "wordlist-2" }

    /// One reading per text, in the same order; never throws.
    public func classify(_ texts: [String]) -> [SentimentReading] { texts.map(reading(of:)) }

    private func reading(of text: String) -> SentimentReading {
        let words = Words(text)
        var (good, bad) = (0, 0)
        for match in vocabulary.matches(in: words) {
            let isGood = (match.label > 0) != assertion.denies(match.range, in: words)
            if isGood { good += 1 } else { bad += 1 }
        }
        let label: SentimentLabel = good > bad ? .positive : bad > good ? .negative : .neutral
        return SentimentReading(label: label, score: 0.5 + Double(abs(good - bad)) / Double(2 * (good + bad + 1)))
    }
}
