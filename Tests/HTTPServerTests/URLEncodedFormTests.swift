import Foundation
import HTTPServer
import TestSupport
import Testing

@Suite struct URLEncodedFormTests {
    @Test func fieldsAreDecoded() {
        let form = URLEncodedForm("name=Ada+Nowak&note=a%26b%3Dc%2B%C3%B6&empty=&flag&x=1=2")
        #expect(form["name"] == "Ada Nowak")
        #expect(form["note"] == "a&b=c+ö")
        #expect(form["empty"] == "" && form["flag"] == "")
        #expect(form["x"] == "1=2")
        #expect(form["other"] == nil)
    }

    @Test func theLastOfANameCountsAndWhatCannotBeDecodedStaysAsItIs() {
        let form = URLEncodedForm("a=1&a=2&b=%zz&c=%ff&&=")
        #expect(form["a"] == "2" && form["b"] == "%zz" && form["c"] == "%ff")
        #expect(form.all("a") == ["1", "2"] && form.all("other").isEmpty)
        #expect(URLEncodedForm("")["a"] == nil)
    }

    /// Whatever the values: what a browser's encoding makes of them is read back.
    @Test func whatIsEncodedIsReadBack() throws {
        var random = SeededGenerator(seed: 3)
        let pieces = ["a", " ", "+", "&", "=", "%", "ö", "😀", "\n", "%41", "/?"]
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyz0123456789*-._")
        func text() -> String {
            (0..<Int.random(in: 0...8, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
                .joined()
        }
        func encoded(_ text: String) throws -> String {
            try #require(text.addingPercentEncoding(withAllowedCharacters: plain)).replacing("%20", with: "+")
        }
        for _ in 0..<200 {
            let fields = Dictionary((0..<4).map { ("\($0)\(text())", text()) }) { first, _ in first }
            let form = URLEncodedForm(
                try fields.map { "\(try encoded($0.key))=\(try encoded($0.value))" }.joined(separator: "&"))
            for (name, value) in fields { #expect(form[name] == value) }
        }
    }
}
