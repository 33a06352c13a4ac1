import Domain
import JiraCloud
import RiskEngine
import TestSupport
import Testing

/// P3 with consilod's own writes among the events: in any order they leave an issue as if they had not been.
@Suite struct OwnWritesFoldTests {
    private static let start = Timestamp(seconds: 1_790_000_000)
    private static let fields = CustomFields(own: OwnWrites(fields: ["customfield_10100"], accounts: ["bot"]))

    private static func update(_ entry: Int, at minute: Int, field: String, by account: String) -> String {
        let at = start.adding(seconds: Int64(minute) * 60)
        return """
            {"timestamp": \(at.milliseconds), "webhookEvent": "jira:issue_updated",
             "user": {"accountId": "\(account)", "displayName": "X"},
             "issue": {"id": "1", "key": "PAY-1", "fields": {"summary": "A", "created": "\(start)", "updated": "\(at)"}},
             "changelog": {"id": "\(entry)", "items": [
              {"field": "\(field)", "fieldId": "\(field)", "fromString": "1", "toString": "2"}]}}
            """
    }

    private static func comment(_ id: Int, at minute: Int, by account: String, _ text: String) -> String {
        let at = start.adding(seconds: Int64(minute) * 60)
        return """
            {"timestamp": \(at.milliseconds), "webhookEvent": "comment_created",
             "comment": {"id": "\(id)", "author": {"accountId": "\(account)", "displayName": "X"}, "body": "\(text)",
              "created": "\(at)", "updated": "\(at)"},
             "issue": {"id": "1", "key": "PAY-1", "fields": {"summary": "A"}}}
            """
    }

    private static let people = [
        update(100, at: 1, field: "summary", by: "ada"), comment(1, at: 3, by: "ada", "Done so far."),
        update(101, at: 5, field: "assignee", by: "bob"),
    ]
    private static let own = [
        update(102, at: 2, field: "customfield_10100", by: "bot"),
        update(103, at: 8, field: "customfield_10100", by: "bot"),
        update(104, at: 9, field: "customfield_10100", by: "ada"),
        comment(2, at: 10, by: "bot", #"consilod delivery risk: 72\n\nPosted by consilod on request"#),
    ]

    private static func fold(_ bodies: [String]) throws -> IssueState {
        let decoder = JiraWebhookDecoder()
        return try bodies.reduce(into: IssueState(id: "1")) { state, body in
            IssueFold.join(try decoder.fragment(of: Array(body.utf8), for: "1", fields: fields), into: &state)
        }
    }

    @Test func anyOrderOfOwnWritesLeavesTheIssueAsItWas() throws {
        let expected = try #require(IssueFold.issue(from: try Self.fold(Self.people)))
        #expect(expected.updated == Self.start.adding(seconds: 300))
        let whole = try Self.fold(Self.people + Self.own)
        var random = SeededGenerator(seed: 58)
        for _ in 1...200 {
            let repeated = Self.own.prefix(Int.random(in: 0...Self.own.count, using: &random))
            let state = try Self.fold((Self.people + Self.own + repeated).shuffled(using: &random))
            #expect(state == whole)
            let issue = try #require(IssueFold.issue(from: state))
            #expect(issue.updated == expected.updated && issue.activeAt == expected.activeAt)
            #expect(issue.changes == expected.changes && issue.comments == expected.comments)
        }
    }

    @Test func ownWritesStayKnownForTheSweep() throws {
        let state = try Self.fold(Self.people + Self.own)
        #expect(state.changes.count == 5 && state.comments.count == 2)
        #expect(state.lastOwnAt == Self.start.adding(seconds: 600))
    }

    /// The field was told before anybody knew that it is one of consilod's.
    @Test func aChangeThatIsLaterKnownToBeOwnIsNoPartOfTheIssue() throws {
        let body = Array(Self.own[0].utf8)
        let before = try JiraWebhookDecoder().fragment(of: body, for: "1")
        let after = try JiraWebhookDecoder().fragment(of: body, for: "1", fields: Self.fields)
        #expect(IssueFold.join(before, after) == IssueFold.join(after, before))
        #expect(IssueFold.issue(from: IssueFold.join(before, after))?.changes == [])
    }
}
