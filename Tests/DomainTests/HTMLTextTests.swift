import Domain
import TestSupport
import Testing

@Suite struct HTMLTextTests {
    @Test(arguments: ["\"\u{301}", "'\u{20E3}", "<\u{338}", ">\u{338}", "&\u{301}", "\"\u{200D}", "<\u{FE0F}script>"])
    func aMarkThatCombinesHidesNothing(text: String) {
        let html = HTMLText.escaped(text)
        #expect(!html.unicodeScalars.contains { ["\"", "'", "<", ">"].contains($0) }, "\(html)")
    }

    @Test func whatIsEscapedReadsAsItWas() {
        var generator = SeededGenerator(seed: 5)
        let pieces = ["a", "&", "<", ">", "\"", "'", "\u{301}", "é", "&amp;", "👩‍👩‍👧", "\r\n"]
        for _ in 0..<300 {
            let text = (0..<5).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            var read = HTMLText.escaped(text).unicodeScalars
            for (name, scalar) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
                read = replacing(name, by: scalar, in: read)
            }
            #expect(Array(read) == Array(text.unicodeScalars))
        }
    }

    private func replacing(
        _ name: String, by scalar: String, in text: String.UnicodeScalarView
    ) -> String.UnicodeScalarView {
        let (name, scalars) = (Array(name.unicodeScalars), Array(text))
        var result = String.UnicodeScalarView()
        var at = 0
        while at < scalars.count {
            if scalars[at...].starts(with: name) {
                result.append(contentsOf: scalar.unicodeScalars)
                at += name.count
            } else {
                result.append(scalars[at])
                at += 1
            }
        }
        return result
    }
}
