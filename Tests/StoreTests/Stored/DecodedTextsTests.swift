import Domain
import StoreTestSupport
import Testing

@testable import Store

@Suite struct DecodedTextsTests {
    @Test func aTextIsDecodedOnce() throws {
        let texts = DecodedTexts<Int>(byteLimit: 100)
        var decoded = 0
        for _ in 0..<3 {
            let value = texts.value(of: "{}") {
                decoded += 1
                return 7
            }
            #expect(value == 7)
        }
        #expect(decoded == 1)
    }

    @Test func textsOfOtherBytesAreOthers() {
        let texts = DecodedTexts<String>(byteLimit: 100)
        // The same for Swift: one letter, and a letter with a mark that combines with it.
        for text in ["\u{e9}", "e\u{301}"] {
            #expect(Array(texts.value(of: text) { text }.utf8) == Array(text.utf8))
        }
        #expect(texts.count == 2)
    }

    @Test func whatIsKeptIsBounded() {
        let texts = DecodedTexts<Int>(byteLimit: 100)
        for number in 0..<1000 {
            #expect(texts.value(of: "a text of number \(number)") { number } == number)
            #expect(texts.count <= 10)
        }
        _ = texts.value(of: String(repeating: "x", count: 101)) { 1 }
        #expect(texts.count <= 10)
    }

    @Test func aChangedRuleIsReadByTheNextIssue() async throws {
        let fixture = try await StoreFixture()
        var rule = AlertRule(
            id: StoredSamples.uuid(9), name: "Rule", condition: .threshold(raiseAt: 70, clearBelow: 60),
            notifiesResolved: false)
        let tenant = try await fixture.makeTenant(rules: [rule])
        let now = StoreFixture.start
        let first = try await fixture.store.loadWork(for: fixture.claim("1", of: tenant, at: now))
        #expect(first?.rules == [rule])
        rule.condition = .threshold(raiseAt: 80, clearBelow: 50)
        // As another node does it.
        let other = try await fixture.reopened()
        try await other.saveAlertRule(tenant, rule, by: .system("test"))
        let second = try await fixture.store.loadWork(for: fixture.claim("2", of: tenant, at: now))
        #expect(second?.rules == [rule])
        try other.close()
    }
}
