import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

@Suite struct SQLColumnsTests {
    private enum Column: Int, SQLColumns {
        case id, issueID, jiraURL, analysisJSON, sentimentNegativePct, count
        static let list = columnList()

        var sql: String { self == .count ? "COUNT(*)" : columnName }
    }

    private enum Further: Int, SQLColumns {
        case wholeAt, isDone
        static let list = columnList()
    }

    @Test func aColumnIsItsCaseInSnakeCaseOrWhatTheQuerySays() {
        #expect(Column.list == "id, issue_id, jira_url, analysis_json, sentiment_negative_pct, COUNT(*)")
    }

    @Test func columnsAreReadByNameAlsoBehindOthers() throws {
        let row = SQLRow(values: [
            .integer(1), .text("10001"), .text("https://acme.example"), .null, .real(0.5), .integer(7),
            .timestamp(StoreFixture.start), .flag(true),
        ])
        let record = SQLRecord<Column>(row)
        #expect(try record.text(.issueID) == "10001")
        #expect(try record.optionalText(.analysisJSON) == nil)
        #expect(try record.integer(.count) == 7)
        let further = record.following(Further.self)
        #expect(try further.timestamp(.wholeAt) == StoreFixture.start)
        #expect(try further.flag(.isDone))
        #expect(throws: StorageError.self) { try record.text(.analysisJSON) }
    }

    /// A list is one argument in both engines, whatever is in it.
    @Test func textsOfAnyKindAreFoundInAList() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let ids: [IssueID] = [#"a"b"#, #"a\b"#, "a'b", "ä{},[]", "line\nbreak", "\u{1F600}", "null", "10001"]
        for (index, id) in ids.enumerated() {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery("d\(index)", of: tenant, issues: [id]))
        }
        let unknown: [IssueID] = ["b", #"a\"b"#, "a", ""]
        let outlines = try await fixture.store.issueOutlines(tenant, ids + unknown)
        #expect(Set(outlines.keys) == Set(ids))
        #expect(!outlines.values.contains { !$0.hasPendingEvents })
        #expect(try await fixture.store.issueOutlines(tenant, []).isEmpty)
        let other = try await fixture.makeTenant("other")
        #expect(try await fixture.store.issueOutlines(other, ids).isEmpty)
    }
}
