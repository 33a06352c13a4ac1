import Domain
import RiskEngine
import Synchronization
import Testing

@Suite struct LanguageRouterTests {
    /// An English model that calls everything positive, and keeps what it was given.
    private final class EnglishModel: SentimentClassifier {
        let texts = Mutex<[String]>([])
        let modelID = "english-1"

        func reads(_ language: TextLanguage) -> Bool { language == .english }

        func classify(_ texts: [String]) async throws -> [SentimentReading] {
            self.texts.withLock { $0 += texts }
            return texts.map { _ in SentimentReading(label: .positive, score: 0.9) }
        }
    }

    @Test func eachTextGoesToTheOneThatReadsItAndTheOrderStays() async throws {
        let model = EnglishModel()
        let router = LanguageRouter(model, fallback: WordListClassifier())
        let readings = try await router.classify([
            "Das ist nicht gut, und wir haben noch keine Antwort.", "It is terrible.", "See the file.",
            "Das ist wirklich furchtbar und nervt uns.",
        ])
        #expect(readings.map(\.label) == [.negative, .positive, .positive, .negative])
        #expect(model.texts.withLock { $0 } == ["It is terrible.", "See the file."])
    }

    @Test func readsWhatEitherReadsAndIsNamedAfterBoth() {
        let router = LanguageRouter(EnglishModel(), fallback: WordListClassifier())
        #expect(TextLanguage.allCases.filter(router.reads) == [.english, .german])
        #expect(router.modelID == "english-1+wordlist-3")
    }
}
