import Domain
import JiraCloud
import Testing

@Suite struct WebhookEnvelopeTests {
    private let decoder = JiraWebhookDecoder()

    @Test(arguments: ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted"])
    func issueEventsGoToTheirIssue(event: String) throws {
        let envelope = try decoder.envelope(of: Array(WebhookBody.issue(event).utf8))
        #expect(envelope.event == event)
        #expect(envelope.sentAt == WebhookBody.sentAt)
        #expect(envelope.routing == .issues(["10100"]))
    }

    @Test(arguments: ["comment_created", "comment_updated", "comment_deleted"])
    func commentEventsGoToTheirIssue(event: String) throws {
        #expect(try decoder.routing(of: WebhookBody.comment(event)) == .issues(["10100"]))
    }

    @Test func serverCommentIsRoutedByItsAddress() throws {
        let body = """
            {"timestamp": 1, "webhookEvent": "comment_deleted", "user": {"name": "ada", "key": "ada"},
             "comment": {"id": "501", "self": "https://jira.example.com/rest/api/2/issue/10013/comment/501"}}
            """
        #expect(try decoder.routing(of: body) == .issues(["10013"]))
        #expect(try decoder.fragment(of: body, for: "10013").deletedComments == ["501"])
    }

    @Test(arguments: ["issuelink_created", "issuelink_deleted"])
    func linkEventsGoToBothEnds(event: String) throws {
        let body = WebhookBody.issueLink(event, type: WebhookBody.blocks)
        #expect(try decoder.routing(of: body) == .issues(["10100", "10200"]))
    }

    @Test(arguments: ["worklog_created", "worklog_updated", "worklog_deleted", "jira:worklog_updated"])
    func worklogEventsGoToTheirIssue(event: String) throws {
        let body = #"{"webhookEvent": "\#(event)", "timestamp": 1, "worklog": {"id": "9", "issueId": 10100}}"#
        #expect(try decoder.routing(of: body) == .issues(["10100"]))
    }

    @Test(arguments: [
        ("sprint_created", "future", false), ("sprint_updated", "active", false), ("sprint_started", "active", false),
        ("sprint_closed", "closed", false), ("sprint_deleted", "future", true),
    ])
    func sprintEventsCarryTheSprint(event: String, state: String, deleted: Bool) throws {
        let body = """
            {"timestamp": 1790000000000, "webhookEvent": "\(event)", "sprint": {"id": 12, "state": "\(state)",
             "name": "Sprint 12", "originBoardId": 3, "startDate": "2026-09-14T08:00:00.000Z",
             "endDate": "2026-09-28T08:00:00.000Z", "goal": "Ship"}, "oldValue": {"id": 12}}
            """
        let sprint = Sprint(
            id: "12", name: "Sprint 12", state: state, boardID: "3", startDate: Timestamp("2026-09-14T08:00:00Z"),
            endDate: Timestamp("2026-09-28T08:00:00Z"))
        #expect(try decoder.routing(of: body) == .sprint(sprint, deleted: deleted))
    }

    @Test func sprintEventImpliesItsState() throws {
        let body = #"{"webhookEvent": "sprint_started", "sprint": {"id": "12"}}"#
        #expect(try decoder.routing(of: body) == .sprint(Sprint(id: "12", name: "12", state: "active"), deleted: false))
    }

    @Test(arguments: ["attachment_created", "user_updated", "jira:version_released", "issue_property_set", "Nonsense"])
    func otherEventsAreIgnored(event: String) throws {
        #expect(try decoder.routing(of: WebhookBody.issue(event)) == .ignored)
    }

    @Test func namelessWebhookWithAnIssueIsAnUpdate() throws {
        let envelope = try decoder.envelope(of: Array(#"{"issue": {"id": 10100, "key": "ENG-7"}}"#.utf8))
        #expect(envelope.event.isEmpty)
        #expect(envelope.sentAt == nil)
        #expect(envelope.routing == .issues(["10100"]))
    }

    @Test(arguments: [
        ("{}", "neither webhookEvent nor issue is there"),
        (#"{"webhookEvent": null, "issue": null}"#, "issue.id is missing"),
        (#"{"webhookEvent": "jira:issue_updated"}"#, "issue.id is missing"),
        (#"{"webhookEvent": "jira:issue_updated", "issue": {"key": "ENG-7"}}"#, "issue.id is missing"),
        (#"{"webhookEvent": "jira:issue_updated", "issue": {"id": ""}}"#, "issue.id is missing"),
        (#"{"webhookEvent": "comment_created", "issue": {"id": "1"}}"#, "comment.id is missing"),
        (#"{"webhookEvent": "comment_created", "comment": {"id": "1"}}"#, "issue.id is missing"),
        (#"{"webhookEvent": "comment_deleted", "comment": {"id": "1", "self": "x/issue"}}"#, "issue.id is missing"),
        (#"{"webhookEvent": "worklog_created", "worklog": {}}"#, "worklog.issueId is missing"),
        (
            #"{"webhookEvent": "issuelink_created", "issueLink": {"id": 1, "sourceIssueId": 2}}"#,
            "issueLink lacks one of id, sourceIssueId and destinationIssueId, or one is too long"
        ),
        (#"{"webhookEvent": "sprint_started"}"#, "sprint.id is missing"),
        (#"{"webhookEvent": "sprint_updated", "sprint": {"id": 1}}"#, "sprint.state is missing"),
    ])
    func unusableBodyIsRejectedWithTheReason(body: String, reason: String) throws {
        #expect(try decoder.routing(of: body) == .rejected(reason: reason))
        let error = #expect(throws: JiraPayloadError.self) { try decoder.fragment(of: body) }
        #expect(
            error?.code == .notUnderstood
                && [reason, "a webhook of this kind says nothing about an issue"].contains(error?.message))
    }

    @Test(arguments: [
        "", "{", "{\"issue\": {\"id\": 1}", "issue=1&id=2", "{} {}", "[1,]", "{\"a\" 1}", "{a: 1}", "[01]", "[1.]",
        "[-]", "nul",
        "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "\"a", "[}", "]", "\"a\nb\"", "[1e]", ",",
    ])
    func whatIsNoJSONIsNoWebhook(body: String) {
        let expected = JiraPayloadError(.notJSON, "the body is not JSON")
        #expect(throws: expected) { try decoder.envelope(of: Array(body.utf8)) }
        #expect(throws: JiraPayloadError.self) { try decoder.fragment(of: body) }
    }

    @Test(arguments: [
        "[]", "null", " true\n", "\"text \\\" \\u00e9\"", "12", "-0.5e+3", "[1, {\"a\": [{}, \"\"]}, 1E2]",
    ])
    func jsonThatIsNoObjectIsRejectedWithTheReason(body: String) throws {
        guard case .rejected(let reason) = try decoder.routing(of: body) else {
            Issue.record("\(body) is not rejected")
            return
        }
        #expect(reason.contains("not a JSON object"))
        #expect(throws: JiraPayloadError(.notUnderstood, reason)) { try decoder.fragment(of: body) }
    }

    @Test(arguments: [600, 100_000])
    func jsonNestedBeyondTheParsersLimitIsRejectedWithTheReason(depth: Int) throws {
        let body = #"{"issue": {"id": 1, "x": "# + String(repeating: "[", count: depth)
        #expect(throws: JiraPayloadError.self) { try decoder.routing(of: body) }
        let closed = body + String(repeating: "]", count: depth) + "}}"
        guard case .rejected(let reason) = try decoder.routing(of: closed) else {
            Issue.record("not rejected")
            return
        }
        #expect(reason.contains("nest too deeply"))
        #expect(throws: JiraPayloadError.self) { try decoder.fragment(of: closed, for: "1") }
    }

    @Test(arguments: [
        (#"1790000000000"#, 1_790_000_000_000), (#""1790000000000""#, 1_790_000_000_000),
        (#""2026-09-21T13:33:20.000Z""#, 1_789_997_600_000), ("null", nil), ("true", nil), (#""soon""#, nil),
        ("9223372036854775807", nil), ("1e300", nil),
    ])
    func timestampMayBeANumberOrAText(timestamp: String, milliseconds: Int64?) throws {
        let body = #"{"timestamp": \#(timestamp), "issue": {"id": "1"}}"#
        #expect(try decoder.envelope(of: Array(body.utf8)).sentAt?.milliseconds == milliseconds)
    }
}
