import Domain
import Testing

@testable import Dashboard

/// What templates read of the values of pages.
@Suite struct PageFieldsTests {
    private struct Row: Sendable {
        var name: String
        var note: String?
        var count: Int?
        var isOpen: Bool
    }

    private struct Content: Sendable {
        var rows: [Row]
        var names: [String]
        var first: Row?
        var last: Row?
        var key: IssueKey
        var share: Double
    }

    @Test func valuesAreDictionariesByTheNamesOfTheirProperties() throws {
        let row = Row(name: "One", note: nil, count: 2, isOpen: true)
        let content = Content(rows: [row, row], names: ["a"], first: row, last: nil, key: "PAY-1", share: 0.5)
        let fields = try #require(PageFields.of(content) as? [String: Any])
        #expect(Set(fields.keys) == ["rows", "names", "first", "key", "share"])
        let rows = try #require(fields["rows"] as? [[String: Any]])
        let first = try #require(fields["first"] as? [String: Any])
        for fields in rows + [first] {
            #expect(Set(fields.keys) == ["name", "count", "isOpen"])
            #expect(fields["name"] as? String == "One" && fields["count"] as? Int == 2)
            #expect(fields["isOpen"] as? Bool == true)
        }
        #expect(rows.count == 2 && fields["names"] as? [String] == ["a"])
        // What is printed as it is stays as it is.
        #expect(fields["key"] as? IssueKey == "PAY-1" && fields["share"] as? Double == 0.5)
    }

    @Test func nothingIsNotThere() {
        #expect(PageFields.of(String?.none as Any) == nil)
        #expect(PageFields.of(Int?.some(3) as Any) as? Int == 3)
    }
}
