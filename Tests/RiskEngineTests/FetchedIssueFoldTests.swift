import Domain
import Foundation
import JiraCloud
import RiskEngine
import TestSupport
import Testing

/// P3 with issues that were fetched whole among the webhooks: whatever comes when, the picture is the same, and Jira's.
@Suite struct FetchedIssueFoldTests {
    private static func instant(_ minute: Int) -> String {
        Timestamp(seconds: 1_790_000_000).adding(seconds: Int64(minute) * 60).description
    }
    private static func milliseconds(_ minute: Int) -> Int64 { (1_790_000_000 + Int64(minute) * 60) * 1000 }

    private static func fields(_ summary: String, status: String, updated: Int) -> String {
        """
        "summary": "\(summary)", "project": {"key": "PAY", "name": "Payments"}, "labels": [], "issuelinks": [],
        "status": {"name": "\(status)", "statusCategory": {"key": "new"}},
        "created": "\(instant(0))", "updated": "\(instant(updated))"
        """
    }

    private static func item(_ from: String, _ to: String) -> String {
        #"{"field": "summary", "fieldtype": "jira", "fromString": "\#(from)", "toString": "\#(to)"}"#
    }

    private static func update(_ entry: Int, at minute: Int, from: String, to: String) -> String {
        """
        {"timestamp": \(milliseconds(minute)), "webhookEvent": "jira:issue_updated", "user": {"accountId": "a", "displayName": "Ada"},
         "issue": {"id": "1", "key": "PAY-1", "fields": {\(fields(to, status: "Open", updated: minute))}},
         "changelog": {"id": "\(entry)", "items": [\(item(from, to))]}}
        """
    }

    private static func comment(_ id: Int, at minute: Int, event: String = "comment_created") -> String {
        """
        {"timestamp": \(milliseconds(minute)), "webhookEvent": "\(event)", "comment": \(commentObject(id, at: minute)),
         "issue": {"id": "1", "key": "PAY-1", "fields": {"summary": "as it was", "status": {"name": "Open"}}}}
        """
    }

    private static func commentObject(_ id: Int, at minute: Int) -> String {
        """
        {"id": "\(id)", "author": {"accountId": "a", "displayName": "Ada"}, "body": "Comment \(id)",
         "created": "\(instant(minute))", "updated": "\(instant(minute))"}
        """
    }

    /// The whole issue as it is at a minute, with these comments and changes.
    private static func fetched(
        at minute: Int, updated: Int, summary: String, comments: [(id: Int, minute: Int)],
        changes: [(entry: Int, minute: Int, from: String, to: String)]
    ) -> String {
        let histories = changes.map {
            """
            {"id": "\($0.entry)", "author": {"accountId": "a", "displayName": "Ada"}, "created": "\(instant($0.minute))",
             "items": [\(item($0.from, $0.to))]}
            """
        }
        return """
            {"webhookEvent": "consilod:issue_fetched", "timestamp": \(milliseconds(minute)),
             "issue": {"id": "1", "key": "PAY-1", "fields": {\(fields(summary, status: "Open", updated: updated)),
              "comment": {"comments": [\(comments.map { commentObject($0.id, at: $0.minute) }.joined(separator: ", "))]}},
              "changelog": {"histories": [\(histories.joined(separator: ", "))]}}}
            """
    }

    private static func fold(_ bodies: [String]) throws -> IssueState {
        let decoder = JiraWebhookDecoder()
        return try bodies.reduce(into: IssueState(id: "1")) { state, body in
            IssueFold.join(try decoder.fragment(of: Array(body.utf8), for: "1"), into: &state)
        }
    }

    private static let creation = """
        {"timestamp": \(milliseconds(0)), "webhookEvent": "jira:issue_created",
         "issue": {"id": "1", "key": "PAY-1", "fields": {\(fields("A", status: "Lie", updated: 0))}},
         "changelog": {"id": "100", "items": []}}
        """

    /// Comment 3 is deleted at minute 6, and no webhook says so.
    private static let story = [
        creation, comment(1, at: 1), update(101, at: 2, from: "A", to: "B"), comment(2, at: 3), comment(3, at: 4),
        update(102, at: 5, from: "B", to: "C"), comment(4, at: 8), update(103, at: 9, from: "C", to: "D"),
    ]
    private static let early = fetched(
        at: 4, updated: 4, summary: "B", comments: [(1, 1), (2, 3), (3, 4)], changes: [(101, 2, "A", "B")])
    private static let late = fetched(
        at: 7, updated: 6, summary: "C", comments: [(1, 1), (2, 3)], changes: [(101, 2, "A", "B"), (102, 5, "B", "C")])

    @Test func anyOrderAndNumberGiveOnePicture() throws {
        let all = Self.story + [Self.early, Self.late]
        let expected = try Self.fold(all)
        var random = SeededGenerator(seed: 12)
        for _ in 1...200 {
            let shuffled = (all + all.prefix(Int.random(in: 0...all.count, using: &random))).shuffled(using: &random)
            #expect(try Self.fold(shuffled) == expected)
        }
        let issue = try #require(IssueFold.issue(from: expected))
        #expect(issue.summary == "D")
        #expect(issue.comments.map(\.id) == ["1", "2", "4"], "the third was deleted, the fourth written later")
        #expect(issue.changes.map(\.id) == ["101/0", "102/0", "103/0"])
        #expect(issue.changes.map(\.toString) == ["B", "C", "D"])
    }

    @Test func theWholeIssueHealsWhatWebhooksDidNotTell() throws {
        var random = SeededGenerator(seed: 13)
        for _ in 1...100 {
            let told = Self.story.prefix(6).filter { _ in Bool.random(using: &random) }
            let issue = try #require(
                IssueFold.issue(from: try Self.fold((told + [Self.late]).shuffled(using: &random))))
            #expect(issue.summary == "C" && issue.comments.map(\.id) == ["1", "2"] && issue.changes.count == 2)
            #expect(issue.status?.name == "Open")
        }
    }

    /// Jira Cloud is known to send a wrong status with the creation of an issue.
    @Test func theCreationsOwnWebhookDoesNotStandAgainstTheWholeIssue() throws {
        let whole = Self.fetched(at: 1, updated: 0, summary: "A", comments: [], changes: [])
        for bodies in [[Self.creation, whole], [whole, Self.creation]] {
            #expect(IssueFold.issue(from: try Self.fold(bodies))?.status?.name == "Open")
        }
    }

    @Test func whatIsOutOfSightIsGoneUntilItIsFetchedAgain() throws {
        func hidden(_ minute: Int) -> String {
            """
            {"webhookEvent": "consilod:issue_hidden", "timestamp": \(Self.milliseconds(minute)), "issue": {"id": "1"}}
            """
        }
        let before = try #require(IssueFold.issue(from: try Self.fold([hidden(20), Self.late])))
        #expect(before.isDeleted && before.isHidden)
        let back = Self.fetched(at: 30, updated: 6, summary: "C", comments: [(1, 1)], changes: [])
        let after = try #require(IssueFold.issue(from: try Self.fold([back, hidden(20), Self.late])))
        #expect(!after.isDeleted && !after.isHidden)
        // A look may be wrong about a deletion, and a later one right; Jira's own word is final.
        func deleted(_ event: String, at minute: Int) -> String {
            #"{"webhookEvent": "\#(event)", "timestamp": \#(Self.milliseconds(minute)), "issue": {"id": "1"}}"#
        }
        let supposed = deleted("consilod:issue_deleted", at: 25)
        let wrong = try #require(IssueFold.issue(from: try Self.fold([supposed, hidden(20), Self.late])))
        #expect(wrong.isDeleted && !wrong.isHidden)
        let found = try #require(IssueFold.issue(from: try Self.fold([back, supposed, hidden(20)])))
        #expect(!found.isDeleted)
        let told = deleted("jira:issue_deleted", at: 10)
        let final = try #require(IssueFold.issue(from: try Self.fold([back, told, hidden(20)])))
        #expect(final.isDeleted && !final.isHidden)
    }
}
