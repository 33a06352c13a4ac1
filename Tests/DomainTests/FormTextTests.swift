import Domain
import Foundation
import TestSupport
import Testing

@Suite struct FormTextTests {
    @Test(arguments: [
        ("a=b", "a=b"), ("a=Ada+Lovelace&b=", "a=Ada Lovelace|b="), ("a=1%2B1", "a=1+1"), ("q=%C3%A9", "q=é"),
        ("a", "a="), ("a=b=c", "a=b=c"), ("a=%zz", "a=%zz"), ("a=%", "a=%"), ("a=%FF", "a=%FF"), ("", ""),
        ("&&a=1&", "a=1"), ("a%20b=c", "a b=c"),
    ])
    func aQueryIsReadAsBrowsersWriteIt(query: String, pairs: String) {
        #expect(FormText.pairs(query).map { "\($0.name)=\($0.value)" }.joined(separator: "|") == pairs)
    }

    @Test func whatIsEncodedIsReadAgain() throws {
        var generator = SeededGenerator(seed: 7)
        let pieces = ["a", "+", "%", "&", "=", " ", "é", "日", "\u{301}", "%41", "\"", "'", "/", "?", "#"]
        for _ in 0..<300 {
            let value = (0..<6).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let encoded = try #require(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            #expect(FormText.pairs("x=\(encoded)").map { Array($0.value.utf8) } == [Array(value.utf8)])
        }
    }
}
