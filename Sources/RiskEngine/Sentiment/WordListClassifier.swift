public import Domain

/// The sentiment classifier that needs no model: it weighs the words of ``AffectLexicon``, English and German.
///
/// It listens for affect (annoyance, worry, apology, thanks, praise), not for the state of the work: a defect that is
/// reported plainly has no tone. The stronger side is the label, a tie of both is negative, and the longer the text, the
/// more it takes to be its tone: one mild word in a long comment is neutral. The score grows with how clearly one side
/// outweighs the other, from 0.5 towards 1.
///
/// It knows neither irony nor context and stands in until a model is there; its readings are labelled
/// `wordlist-3`, so that they can be redone. The same text always gives the same reading.
public struct WordListClassifier: SentimentClassifier {
    private let scanner = ToneScanner()

    /// Prepares the words once.
    public init() {}

    /// `wordlist-3`. The number goes up with every change of the words or the rule.
    public var modelID: String { "wordlist-3" }

    /// English and German.
    public func reads(_ language: TextLanguage) -> Bool { language == .english || language == .german }

    /// One reading per text, in the same order; never throws.
    public func classify(_ texts: [String]) -> [SentimentReading] { texts.map(reading(of:)) }

    private func reading(of text: String) -> SentimentReading {
        let tone = scanner.tone(of: text)
        let difference = abs(tone.positive - tone.negative)
        let score = 0.5 + difference / (2 * (difference + 1))
        let needed = Self.strength(for: tone.length)
        if tone.negative >= needed, tone.negative >= tone.positive {
            return SentimentReading(label: .negative, score: score)
        }
        if tone.positive >= needed, tone.positive > tone.negative {
            return SentimentReading(label: .positive, score: score)
        }
        return SentimentReading(label: .neutral, score: 0.5)
    }

    /// What a text of so many words must at least say to have a tone.
    private static func strength(for length: Int) -> Double {
        switch length {
        case ...25: 1
        case ...60: 1.5
        case ...120: 2
        default: 2.5
        }
    }
}
