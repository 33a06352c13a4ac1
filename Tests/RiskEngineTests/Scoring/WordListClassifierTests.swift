import Domain
import RiskEngine
import Testing

@Suite struct WordListClassifierTests {
    private let classifier = WordListClassifier()

    @Test(arguments: [
        ("The deployment failed again, this is frustrating", SentimentLabel.negative),
        ("Unfortunately we are behind schedule", .negative), ("It is not working", .negative),
        ("Das ist leider immer noch kaputt", .negative), ("Funktioniert nicht", .negative),
        ("ÄRGERLICH, schon wieder ein Ausfall", .negative), ("can’t log in", .negative),
        ("Great work, thanks!", .positive), ("No problems, all tests passed", .positive),
        ("Läuft wieder, vielen Dank", .positive), ("Keine Probleme mehr", .positive), ("LGTM", .positive),
        ("See the attached file", .neutral), ("", .neutral), ("🤷", .neutral), ("Siehe Anhang", .neutral),
        ("{quote}this is broken and terrible{quote}\nsee above", .neutral),
    ])
    func readsDeliveryTalk(text: String, label: SentimentLabel) {
        #expect(classifier.classify([ReadableText.of(text)]).map(\.label) == [label])
    }

    @Test func theScoreGrowsWithTheMargin() {
        let scores = classifier.classify(["see file", "broken", "broken and late", "broken but fixed"]).map(\.score)
        #expect(scores == [0.5, 0.75, 0.5 + 2.0 / 6, 0.5])
    }

    @Test func answersInOrderAndAlwaysTheSame() {
        let texts = ["thanks", "broken", "file"]
        #expect(classifier.classify(texts).map(\.label) == [.positive, .negative, .neutral])
        #expect(classifier.classify(texts) == WordListClassifier().classify(texts))
        #expect(classifier.classify([]).isEmpty)
        #expect(classifier.modelID == "wordlist-2")
    }
}
