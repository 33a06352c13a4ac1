import Domain
import TestSupport
import Testing

@testable import Store

@Suite struct IssueWordsTests {
    private func words(_ text: String, limit: Int = 2000) -> [String] { IssueWords.words(in: text, limit: limit) }

    @Test func areFoldedRunsOfLettersAndDigits() {
        #expect(
            words("Überweisung schlägt FEHL: HTTP-502 (SEPA)") == ["uberweisung", "schlagt", "fehl", "502", "sepa"])
        #expect(words("Café déjà-vu, ﬁle №5 and １２") == ["cafe", "deja", "vu", "file", "no5", "12"])
        #expect(words("e\u{301}t\u{e9}") == ["ete"])
        #expect(words("the login of a user is not in the log") == ["login", "user", "log"])
        #expect(words("") == [])
    }

    @Test func areNeighboursWhereAScriptWritesNoSpaces() {
        #expect(words("決済が失敗") == ["決済", "済か", "か失", "失敗"])
        #expect(words("API決済 x 金") == ["api", "決済", "金"])
    }

    @Test func leaveOutWhatIsNoWord() {
        #expect(words(String(repeating: "A", count: IssueWords.longestWord + 1) + " key") == ["key"])
        #expect(words("refund refund", limit: 8) == ["refund"])
    }

    /// No word can be syntax of a search, and none is longer than an engine takes.
    @Test(arguments: 0..<200) func holdLettersAndDigitsOnly(seed: UInt64) {
        for word in words(HostileText.make(seed: seed)) {
            #expect(!word.isEmpty && word.unicodeScalars.count <= IssueWords.longestWord)
            #expect(
                word.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0.properties.numericType != nil },
                "\(word.debugDescription)")
            #expect(word.lowercased() == word)
        }
    }
}

/// Texts that a full text search may take for its syntax, or cannot hold.
enum HostileText {
    private static let pieces = [
        "\"", "'", "''", "\"\"", "*", "-", "+", "^", ":", "(", ")", "{", "}", "\\", "\0", "&", "|", "!", "<->", "<2>",
        "%", "_",
        "?", "$1", ";", "--", "AND", "OR", "NOT", "NEAR", "NEAR(refund payment, 2)", "title:", "tenant_id :",
        "{title body}:",
        "refund*", ":*", ":ABC", "payment", "refund", "l'été", "O'Brien", "決済が失敗する", "결제 실패", "ล้มเหลว", "भुगतान", "🙁",
        "\u{FFFD}", "\u{202E}", "\u{10FFFF}", "İ", "ß", "ﬃ", "Ⅷ", "½", "1e5", "0x1F", "-1.5", "a@b.example",
        "/usr/bin/x",
        "https://x.example/a?b=c", String(repeating: "x", count: 3000), "\n", "\t", " ",
    ]

    static func make(seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed)
        var text = ""
        for _ in 0..<Int.random(in: 0...30, using: &generator) {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                // Any scalar at all.
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator)) {
                    text.unicodeScalars.append(scalar)
                }
            case 1: text += " "
            default: text += pieces.randomElement(using: &generator) ?? ""
            }
        }
        return text
    }
}
