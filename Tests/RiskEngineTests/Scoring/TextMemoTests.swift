import TestSupport
import Testing

@testable import RiskEngine

struct TextMemoTests {
    /// Whatever is asked in whatever order, the answer is the function's, and what is held stays within the limit.
    @Test(arguments: 0..<20)
    func givesWhatTheFunctionGivesAndStaysWithinItsLimit(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let memo = TextMemo<Int>(byteLimit: 1000)
        for _ in 0..<2000 {
            let text = String(repeating: "ä", count: Int.random(in: 0...200, using: &random))
            #expect(memo.value(of: text) { $0.utf8.count } == text.utf8.count)
            #expect(memo.heldBytes <= 1000)
        }
    }

    @Test func twoFormsOfALetterAreTwoTexts() {
        let memo = TextMemo<Int>()
        for text in ["caf\u{e9}", "cafe\u{301}"] {
            #expect(memo.value(of: text) { $0.utf8.count } == text.utf8.count)
        }
    }

    @Test func asksTheFunctionOnceForATextThatIsAskedOften() {
        let memo = TextMemo<Int>()
        var calls = 0
        for _ in 0..<10 {
            for text in ["waiting for legal", "done"] {
                _ = memo.value(of: text) { text in
                    calls += 1
                    return text.count
                }
            }
        }
        #expect(calls == 2)
    }
}
