import Domain
import Foundation
import JiraCloud
import RiskEngine
import TestSupport
import Testing

/// Seven years of webhooks of a real project: their fold is what Jira itself says of the issues in the end.
@Suite(.enabled(if: SharedData.isAvailable, "the recorded webhooks are not on this machine"))
struct FoldRecordedWebhooksTests {
    @Test func webhooksFoldToTheIssuesInAnyOrderAndNumber() throws {
        let decoder = JiraWebhookDecoder()
        let fragments = try SharedData.gzippedLines("jira/duraspace.webhooks.ndjson.gz").map { line in
            let body = Array(line.utf8)
            guard case .issues(let ids) = try decoder.envelope(of: body).routing else {
                throw JiraPayloadError(.notUnderstood, "not routed to an issue")
            }
            return try decoder.fragment(of: body, for: #require(ids.first))
        }
        let expected = try SharedData.gzippedLines("jira/duraspace.issues.ndjson.gz").map(ExpectedIssue.init(json:))
        #expect(fragments.count == 23_056)
        #expect(expected.count == 2957)

        let states = fold(fragments)
        #expect(states.count == expected.count)
        let differing = expected.filter { issue in
            states[issue.id].flatMap(IssueFold.issue(from:)).map(ExpectedIssue.init(_:)) != issue
        }
        #expect(differing.map(\.key) == [])

        var rng = SeededGenerator(seed: 2007)
        #expect(fold(fragments.shuffled(using: &rng)) == states)
        #expect(fold(fragments + fragments) == states)
    }

    private func fold(_ fragments: [IssueState]) -> [IssueID: IssueState] {
        fragments.reduce(into: [:]) { states, fragment in
            IssueFold.join(fragment, into: &states[fragment.id, default: IssueState(id: fragment.id)])
        }
    }
}

/// The part of an issue that Jira's REST answer and the fold must agree on.
private struct ExpectedIssue: Equatable {
    var id: IssueID
    var key: IssueKey
    var status: String?
    var assignee: String?
    var priority: String?
    var dueDate: String?
    var comments: Int

    init(_ issue: Domain.Issue) {
        id = issue.id
        key = issue.key
        status = issue.status?.name
        assignee = issue.assignee?.id
        priority = issue.priority
        dueDate = issue.dueDate?.description
        comments = issue.comments.count
    }

    /// Reads the REST answer on its own, not with the code under test.
    init(json: String) throws {
        let answer = try JSONDecoder().decode(Answer.self, from: Data(json.utf8))
        id = IssueID(answer.id)
        key = IssueKey(answer.key)
        status = answer.fields.status.name
        assignee = answer.fields.assignee?.accountId
        priority = answer.fields.priority?.name
        dueDate = answer.fields.duedate
        comments = answer.fields.comment.total
    }

    private struct Answer: Decodable {
        var id: String
        var key: String
        var fields: Fields

        struct Fields: Decodable {
            var status: Name
            var assignee: Account?
            var priority: Name?
            var duedate: String?
            var comment: Comments
        }
        struct Name: Decodable { var name: String }
        struct Account: Decodable { var accountId: String }
        struct Comments: Decodable { var total: Int }
    }
}
