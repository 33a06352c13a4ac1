import RiskEngine
import TestSupport
import Testing

@Suite struct ReadableTextTests {
    @Test(arguments: [
        ("We are *blocked* by [the vendor|https://vendor.example/x].", "We are blocked by the vendor."),
        ("h2. Status\n* first point\n** nested point\n# third", "Status\nfirst point\nnested point\nthird"),
        ("[~accountid:712020:ada] see [^log.txt] and !shot.png|thumbnail! please", "see and please"),
        ("look at https://jira.example/browse/PAY-1?x=1 now", "look at now"),
        ("{color:red}late{color} and {{mono}} and {panel:title=x}inside{panel}", "late and mono and inside"),
        ("||Name||State||\n|login|broken|", "Name State\nlogin broken"),
        ("{quote}this is terrible{quote}\nI disagree", "I disagree"), ("{code:java}throw late();{code}", ""),
        ("bq. old words\nnew words", "new words"),
        ("plain text, untouched: 3 * 4 = 12!", "plain text, untouched: 3 * 4 = 12!"),
        ("wow! what a mess! really", "wow! what a mess! really"),
        ("{not a macro} and [plain brackets]", "{not a macro} and [plain brackets]"),
        ("Größe  stimmt\u{A0}nicht", "Größe stimmt nicht"), ("", ""), (" \n\t\n", ""),
    ])
    func keepsTheProse(body: String, text: String) {
        #expect(ReadableText.of(body) == text)
    }

    @Test func stackTracesAndLogsAreNoProse() {
        let body = """
            It crashed again:
            java.lang.IllegalStateException: deadline blocked
                at org.example.Worker.run(Worker.java:42)
                at org.example.Main.main(Main.java:7) [classes/:na]
            Caused by: java.io.IOException: broken pipe
            ... 23 more
            Traceback (most recent call last):
              File "/srv/app.py", line 3, in <module>
            ValueError.Error: bad
            2026-11-25 10:31:07,123 ERROR failed badly
            [ERROR] terrible
            Error: we cannot reproduce it at home (yet)
            at least it is fast
            """
        #expect(
            ReadableText.of(body)
                == "It crashed again:\nError: we cannot reproduce it at home (yet)\nat least it is fast")
    }

    @Test func hostileMarkupIsReadInLinearTimeAndNeverGrows() {
        var random = SeededGenerator(seed: 11)
        let pieces = [
            "{", "}", "[", "]", "|", "!", "*", "h1. ", "{code}", "{quote}", "https://", "a", " ", "\n", "~", "é", "👩‍👩‍👧",
        ]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0...400, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            #expect(ReadableText.of(text).unicodeScalars.count <= text.unicodeScalars.count)
        }
        for piece in pieces {
            #expect(ReadableText.of(String(repeating: piece, count: 5000)).utf8.count <= 130_000)
        }
    }
}
