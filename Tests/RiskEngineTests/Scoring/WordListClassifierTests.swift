import Domain
import RiskEngine
import TestSupport
import Testing

/// The rule of the word list; what single kinds of texts sound like is in ``ToneTextsTests``.
@Suite struct WordListClassifierTests {
    private let classifier = WordListClassifier()

    private func label(_ text: String) -> SentimentLabel? {
        classifier.classify([ReadableText.of(text)]).first?.label
    }

    private static let displeased = [
        "terrible", "annoying", "angry", "stupid", "frustrating", "ridiculous", "furchtbar", "ärgerlich", "lächerlich",
        "enttäuschend",
    ]
    private static let pleased = ["great", "excellent", "nice", "good", "happy", "perfekt", "gut", "toll"]

    /// Said of the work or its subject, not of how anybody feels.
    private static let technical = [
        "problem", "cannot", "failed", "fails", "error", "bug", "regression", "reopened", "critical", "blocked",
        "crash",
        "fixed", "resolved", "done", "working", "verified", "passed", "merged", "delayed", "Fehler", "Absturz",
        "kritisch", "behoben", "erledigt", "blockiert", "fehlgeschlagen",
    ]

    @Test(arguments: [
        ("Ärgerlich, schon wieder ein Ausfall", SentimentLabel.negative), ("THAT’S RIDICULOUS", .negative),
        ("I can’t believe how terrible this is", .negative), ("{quote}this is terrible{quote}\nsee above", .neutral),
        ("{code}damn{code} in the example", .neutral), ("", .neutral), ("🤷", .neutral), ("🎉", .positive),
        ("Not so great", .negative), ("Das ist nicht so schlimm", .neutral), ("thanks ... but sorry", .negative),
        ("see C:\\:(x and 10:/2", .neutral),
    ])
    func readsProseWithItsMarks(text: String, expected: SentimentLabel) {
        #expect(label(text) == expected)
    }

    @Test(arguments: displeased) func aNegationTakesDispleasureAway(word: String) {
        #expect(label("this is \(word)") == .negative)
        for negation in ["not", "never", "nicht"] { #expect(label("this is \(negation) \(word)") == .neutral) }
    }

    @Test(arguments: pleased) func aNegationTurnsPraiseIntoMildDispleasure(word: String) {
        #expect(label("this is \(word)") == .positive)
        #expect(label("this is not \(word)") == .negative)
    }

    /// A report keeps its tone, none, whatever technical words stand in it, in any number and order.
    @Test func technicalWordsNeverGiveAReportATone() {
        var rng = SeededGenerator(seed: 3)
        let reports = [
            "The export of the table stops after the first page", "Steps: open the form and save it twice",
            "Beim Speichern der Datei erscheint eine Meldung", "Expected a list of users",
        ]
        for _ in 0..<400 {
            var words = (reports.randomElement(using: &rng) ?? "").split(separator: " ").map(String.init)
            for _ in 0..<Int.random(in: 1...12, using: &rng) {
                let word = Self.technical.randomElement(using: &rng) ?? ""
                words.insert(word, at: Int.random(in: 0...words.count, using: &rng))
            }
            let text = words.joined(separator: " ")
            #expect(label(text) == .neutral, "\(text)")
        }
    }

    @Test func whatIsLouderScoresHigher() {
        let scores = classifier.classify(["see file", "bad", "very bad", "terrible", "really terrible!!"]).map(\.score)
        #expect(scores == scores.sorted())
        #expect(scores.first == 0.5)
        #expect(scores.allSatisfy { (0.5..<1).contains($0) })
    }

    @Test func answersInOrderAndAlwaysTheSame() {
        let texts = ["thanks", "terrible", "file"]
        #expect(classifier.classify(texts).map(\.label) == [.positive, .negative, .neutral])
        #expect(classifier.classify(texts) == WordListClassifier().classify(texts))
        #expect(classifier.classify([]).isEmpty)
        #expect(classifier.modelID == "wordlist-3")
        #expect(TextLanguage.allCases.filter(classifier.reads) == [.english, .german])
    }

    /// Quadratic work on one of these would take minutes.
    @Test(.timeLimit(.minutes(2)), arguments: ["bad ", "not so good "])
    func hostileTextsTakeLinearTime(part: String) {
        let text = String(repeating: part, count: 100_000)
        #expect(classifier.classify([text]).count == 1)
    }
}
