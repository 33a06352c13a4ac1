import Domain
import Foundation
import Testing

@testable import JiraCloud

/// What consilod wrote itself is known when Jira tells of it, and counts for nothing.
@Suite struct OwnWritesTests {
    private static let decoder = JiraWebhookDecoder(
        fields: CustomFields(own: OwnWrites(fields: ["customfield_10100"], accounts: ["u-bot"])))
    private static let item =
        #"{"field": "Risk score", "fieldId": "customfield_10100", "fromString": "40", "toString": "72"}"#
    private static let other = #"{"field": "summary", "fieldId": "summary", "fromString": "A", "toString": "B"}"#
    private static let created = #", "created": "2026-09-01T10:00:00.000+0000""#

    private func edit(_ items: String, decoder: JiraWebhookDecoder = OwnWritesTests.decoder) throws -> IssueState {
        try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated", fields: Self.created,
                rest: #", "changelog": {"id": "7", "items": [\#(items)]}"#))
    }

    @Test func aChangeOfAScoreFieldIsKeptAndIsNoActivity() throws {
        let state = try edit(Self.item)
        let change = try #require(state.changes["7/0"])
        #expect(change.isOwn && change.toString == nil)
        #expect(state.lastActivityAt == Timestamp("2026-09-01T10:00:00Z"))
        #expect(state.lastHumanActivityAt == Timestamp("2026-09-01T10:00:00Z"))
        #expect(state.lastOwnAt == WebhookBody.sentAt)
    }

    @Test func anotherChangeInTheSameEditIsActivity() throws {
        let state = try edit(Self.item + ", " + Self.other)
        #expect(state.changes.values.filter(\.isOwn).count == 1 && state.changes.count == 2)
        #expect(state.lastActivityAt == WebhookBody.sentAt)
    }

    @Test func ownWritesDoNotReplaceTheConfiguredFields() throws {
        let decoder = JiraWebhookDecoder(fields: CustomFields(storyPoints: ["customfield_7"]))
        let body = WebhookBody.issue(
            "jira:issue_updated", fields: Self.created + #", "customfield_7": 8, "customfield_10016": 3"#,
            rest: #", "changelog": {"id": "7", "items": [\#(Self.item)]}"#)
        let own = OwnWrites(fields: ["customfield_10100"])
        let state = try decoder.fragment(of: Array(body.utf8), for: "10100", fields: nil, own: own)
        #expect(state.fields.storyPoints?.value == 8)
        #expect(state.changes["7/0"]?.isOwn == true)
    }

    @Test func aClientAsksForTheConfiguredFieldsAndKnowsOwnWrites() async throws {
        let own = OwnWrites(fields: ["customfield_10100"])
        try await withTransport { transport in
            let connections = JiraConnections(
                transport: transport,
                options: .init(fields: CustomFields(storyPoints: ["customfield_7"]), callsAtOnce: 1),
                credentials: { _ in
                    JiraCredentials(
                        siteURL: "https://acme.atlassian.net", email: "it@acme.example", sealedToken: "sealed",
                        fields: nil, own: own)
                },
                openToken: { $0 })
            let client = try #require(try await connections.client(for: TenantID(UUID())))
            #expect(client.fieldMapping == CustomFields(storyPoints: ["customfield_7"], own: own))
        }
    }

    @Test func aFieldThatIsWrittenToIsNotRead() {
        let own = OwnWrites(fields: ["customfield_7"])
        let fields = CustomFields(storyPoints: ["customfield_7", "customfield_8"], own: own)
        #expect(fields.use(of: "customfield_7") == "story points" && fields.use(of: "customfield_9") == nil)
        let read = fields.excluding(own.fields)
        #expect(read == CustomFields(storyPoints: ["customfield_8"], own: own))
    }

    @Test func withoutSuchAFieldTheChangeIsAsAnyOther() throws {
        let state = try edit(Self.item, decoder: JiraWebhookDecoder())
        #expect(state.changes["7/0"]?.isOwn == false && state.lastActivityAt == WebhookBody.sentAt)
    }

    private func fetched(updated: String, comments: String = "") throws -> IssueState {
        try Self.decoder.fragment(
            of: """
                {"webhookEvent": "consilod:issue_fetched", "timestamp": 1790000000000,
                 "issue": {"id": "10100", "key": "ENG-7", "fields": {"summary": "Login fails", "updated": "\(updated)",
                   "created": "2026-09-01T10:00:00.000+0000", "comment": {"comments": [\(comments)]}},
                  "changelog": {"histories": [
                   {"id": "5", "author": {"accountId": "u-ada", "displayName": "Ada"},
                    "created": "2026-09-05T10:00:00.000+0000", "items": [\(Self.other)]},
                   {"id": "7", "author": {"accountId": "u-bot", "displayName": "Bot"},
                    "created": "2026-09-21T10:00:00.000+0000", "items": [\(Self.item)]}]}}}
                """)
    }

    @Test func aFetchedIssueIsAsOldAsItsNewestChangeBySomebodyElse() throws {
        let state = try fetched(updated: "2026-09-21T10:00:00.900+0000")
        #expect(state.lastActivityAt == Timestamp("2026-09-05T10:00:00Z"))
        #expect(state.lastHumanActivityAt == Timestamp("2026-09-05T10:00:00Z"))
        let later = try fetched(updated: "2026-09-22T10:00:00.000+0000")
        #expect(later.lastActivityAt == Timestamp("2026-09-22T10:00:00Z"), "that is not of the own change")
    }

    private static func comment(_ id: Int, by author: String, _ text: String) -> String {
        """
        {"id": "\(id)", "author": {"accountId": "\(author)", "displayName": "X"}, "body": "\(text)",
         "created": "2026-09-21T10:00:00.000+0000", "updated": "2026-09-21T10:00:00.000+0000"}
        """
    }

    private static let text = #"consilod delivery risk: 72 of 100 (high)\n* Blocked\n\nPosted by consilod on request"#

    @Test func ownCommentsAreKnownByAccountAndLines() throws {
        let state = try fetched(
            updated: "2026-09-21T10:00:00.000+0000",
            comments: [
                Self.comment(1, by: "u-bot", Self.text), Self.comment(2, by: "u-ada", Self.text),
                Self.comment(3, by: "u-bot", "> \(Self.text)\\nI do not agree."),
            ].joined(separator: ", "))
        #expect(state.comments["1"]?.isOwn == true && state.comments["1"]?.body == "")
        #expect(state.comments["2"]?.isOwn == false && state.comments["3"]?.isOwn == false)
    }

    @Test func theDocumentThatIsPostedIsRecognised() throws {
        let comment = RiskComment(
            head: "72 of 100 (high)", causes: ["Blockers, 30 points: two are open."], remedies: ["Answer them."],
            link: "https://risk.example/dashboard/issues/ENG-7")
        let body = String(decoding: try JiraClient.json(ADFDocument(comment)), as: UTF8.self)
        let webhook = """
            {"timestamp": 1790000000000, "webhookEvent": "comment_created",
             "comment": {"id": "9", "author": {"accountId": "u-bot", "displayName": "Bot"}, "body": \(body),
              "created": "2026-09-21T10:00:00.000+0000", "updated": "2026-09-21T10:00:00.000+0000"},
             "issue": {"id": "10100", "key": "ENG-7", "fields": {"summary": "Login fails"}}}
            """
        let state = try Self.decoder.fragment(of: webhook)
        #expect(state.comments["9"]?.isOwn == true)
        #expect(state.lastActivityAt == nil && state.lastHumanActivityAt == nil)
    }

    @Test func aSweepFindsNothingMissedAfterAnOwnWrite() throws {
        let state = try edit(Self.item)
        let listed = ChangedIssue(
            id: "10100", updated: Timestamp("2026-09-21T13:33:19Z"), comments: [], commentCount: 0, historyIDs: ["7"],
            historyCount: 1)
        #expect(!IssueComparison.differs(listed: listed, stored: state))
    }
}
