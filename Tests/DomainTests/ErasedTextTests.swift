import Domain
import Testing

/// What stands in place of erased texts and people.
@Suite struct ErasedTextTests {
    @Test func whatIsLeftIsReadBack() throws {
        let left = ErasedText(
            id: "0123456789abcdef", length: 42, mood: SentimentReading(label: .negative, score: 0.875),
            isAutomatic: false,
            statement: ErasedText.Statement(
                opens: true, asks: true, repeatsEarlier: true, categories: ["dependency"], keys: ["ENG-2"]),
            keywords: ["external", "dependency"])
        let body = try left.body()
        #expect(ErasedText(body) == left)
        #expect(try ErasedText(body)?.body() == body)
        let comment = Comment(
            id: "1", author: nil, body: body, created: Timestamp(seconds: 1), updated: Timestamp(seconds: 1))
        #expect(comment.textLength == 42)
        #expect(comment.shownStart(10) == ErasedText.quotation)
    }

    @Test func whatSomebodyWroteIsATextAndNothingElse() {
        for text in ["", "[erased text ]", "[erased text {}]", #"[erased text {"id": 1}]"#, "see [erased text {}]"] {
            #expect(ErasedText(text) == nil, "\(text)")
        }
    }

    @Test func rolesAndPlacesStay() {
        let person = ErasedPerson(token: "0123456789abcdef", role: "Sr. Dev (QA), lead", location: "London, UK")
        let shown = Person(id: person.id, displayName: person.name)
        #expect(ErasedPerson.staffing(of: shown)?.role == "Sr. Dev (QA), lead")
        #expect(ErasedPerson.staffing(of: shown)?.location == "London, UK")
        #expect(ErasedPerson.staffing(of: Person(id: "ada", displayName: person.name)) == nil)
    }
}
