import Domain
import Testing

@Suite struct JQLTests {
    @Test(arguments: [
        (#"PAY"#, #""PAY""#), (#"A" OR project = "B"#, #""A\" OR project = \"B""#), (#"back\slash"#, #""back\\slash""#),
    ])
    func aTextIsOneTextWhateverIsInIt(text: String, quoted: String) {
        #expect(JQL.quoted(text) == quoted)
    }

    @Test func projectsAreNamedOneByOne() {
        #expect(JQL.projects(["PAY", "OPS"]) == #"project in ("PAY", "OPS")"#)
    }
}
