import Domain
import Foundation
import JiraCloud
import RiskEngine
import Testing

/// The bodies of Jira Automation fold to the issue that the webhooks of the same events fold to. They are self-written in the
/// documented form, and after a captured request.
@Suite struct AutomationBodyTests {
    private let decoder = JiraWebhookDecoder()
    private let sentAt = Timestamp(milliseconds: 1_790_000_000_000)

    private func issue(of bodies: String...) throws -> Domain.Issue {
        try #require(IssueFold.issue(from: state(of: bodies)))
    }

    private func state(of bodies: [String]) throws -> IssueState {
        try bodies.reduce(IssueState(id: "10100")) { IssueFold.join($0, try decoder.fragment(of: $1)) }
    }

    /// Which entries of the change log they are, only Jira's own webhooks say.
    private func unnumbered(_ issue: Domain.Issue) -> Domain.Issue {
        var issue = issue
        for index in issue.changes.indices { issue.changes[index].id = ChangeID("\(index)") }
        return issue
    }

    // MARK: Whole issues

    private let people = (
        ada: #"{"accountId": "u-ada", "displayName": "Ada", "timeZone": "Europe/London"}"#,
        bo: #"{"accountId": "u-bo", "displayName": "Bo", "timeZone": "Europe/Berlin"}"#
    )

    /// What a webhook says of the issue, and one of its comment.
    private var webhooks: [String] {
        [
            """
            {"timestamp": 1790000000000, "webhookEvent": "jira:issue_updated", "user": \(people.ada),
             "issue": {"id": "10100", "key": "ENG-7", "fields": {
               "statuscategorychangedate": "2026-09-20T10:00:00.000+0000", "summary": "Login fails", "description": "h2. Steps",
               "issuetype": {"id": "10004", "name": "Bug", "subtask": false},
               "project": {"id": "1", "key": "ENG", "name": "Engine"}, "priority": {"id": "2", "name": "High"},
               "status": {"id": "3", "name": "In Progress", "statusCategory": {"id": 4, "key": "indeterminate"}},
               "resolution": null, "resolutiondate": null, "created": "2026-09-10T00:26:40.000+0000",
               "updated": "2026-09-21T14:13:20.000+0000", "duedate": "2026-09-30", "assignee": \(people.bo),
               "reporter": \(people.ada), "labels": ["auth"], "components": [{"id": "5", "name": "App"}], "fixVersions": [],
               "versions": [], "issuelinks": [], "subtasks": [], "security": null, "timetracking": {},
               "attachment": [{"id": "701", "created": "2026-09-10T00:26:40.000+0000", "author": \(people.bo)}],
               "customfield_10016": 5, "customfield_10020": [{"id": 12, "name": "S12", "state": "active", "boardId": 3}]}}}
            """,
            """
            {"timestamp": 1789990000000, "webhookEvent": "comment_created",
             "comment": {"id": "501", "author": \(people.bo), "body": "Waiting for the vendor",
               "created": "2026-09-21T11:26:40.000+0000", "updated": "2026-09-21T11:26:40.000+0000"},
             "issue": {"id": "10100", "key": "ENG-7", "fields": {"summary": "Login fails"}}}
            """,
        ]
    }

    /// The issue alone, as "Issue data (Automation format)" has it.
    private var wholeIssue: String {
        """
        {"self": "https://acme.atlassian.net/rest/api/2/issue/10100", "id": 10100, "key": "ENG-7",
         "changelog": {"startAt": 0, "maxResults": 0, "total": 0, "histories": null}, "fields": {
           "statuscategorychangedate": "2026-09-20T10:00:00.000+0000", "summary": "Login fails", "description": "h2. Steps",
           "issuetype": {"id": 10004, "name": "Bug", "subtask": false, "fields": null, "statuses": [], "namedValue": "Bug"},
           "project": {"id": 1, "key": "ENG", "name": "Engine", "lead": null, "projectTypeKey": "software"},
           "priority": {"id": 2, "name": "High", "namedValue": "High"},
           "status": {"id": 3, "name": "In Progress", "untranslatedName": null, "untranslatedNameValue": null,
             "statusCategory": {"id": 4, "key": "indeterminate", "colorName": "yellow", "name": "In Progress"}},
           "resolution": null, "resolutiondate": null, "created": 1789000000000, "updated": 1790000000000,
           "duedate": "2026-09-30", "assignee": \(person(people.bo)), "reporter": \(person(people.ada)), "labels": ["auth"],
           "components": [{"id": 5, "name": "App"}], "fixVersions": [], "versions": [], "issuelinks": [], "subtasks": [],
           "security": null, "timeoriginalestimate": null, "timeestimate": null, "timespent": null,
           "timetracking": {"originalEstimate": null, "remainingEstimate": null, "timeSpent": null,
             "originalEstimateSeconds": 0, "remainingEstimateSeconds": 0, "timeSpentSeconds": 0},
           "attachment": [{"id": 701, "filename": "plan.pdf", "created": 1789000000000, "author": \(person(people.bo))}],
           "comment": {"maxResults": 1, "total": 1, "startAt": 0, "last": true, "comments": [
             {"id": 501, "author": \(person(people.bo)), "body": "Waiting for the vendor", "created": 1789990000000,
              "updated": 1789990000000, "visibility": null}]},
           "customfield_10016": 5, "customfield_10020": [{"id": 12, "name": "S12", "state": "active", "boardId": 3}]},
         "renderedFields": null}
        """
    }

    /// A person with all that Automation writes besides.
    private func person(_ json: String) -> String {
        String(json.dropLast())
            + #", "name": null, "key": null, "emailAddress": null, "groups": null, "accountType": "atlassian"}"#
    }

    private var whole: String {
        #"{"issue": \#(wholeIssue), "user": \#(person(people.ada)), "timestamp": 1790000000500}"#
    }

    @Test func aWholeIssueFoldsToTheIssueOfItsWebhooks() throws {
        let expected = try issue(of: webhooks[0], webhooks[1])
        #expect(expected.comments.count == 1 && expected.attachments?.count == 1 && expected.timeTracking == nil)
        #expect(try issue(of: whole) == expected)
        #expect(try issue(of: wholeIssue) == expected)
        // Whichever comes first, and beside the webhooks.
        #expect(try issue(of: whole, webhooks[1], wholeIssue, webhooks[0]) == expected)
    }

    @Test func aWholeIssueIsAnEventOfItsIssue() throws {
        let route = try decoder.automationEnvelope(of: Array(whole.utf8))
        #expect(route.event == AutomationEvent.issue && route.routing == .issues(["10100"]))
        #expect(route.sentAt == sentAt.adding(milliseconds: 500))
        let alone = try decoder.automationEnvelope(of: Array(wholeIssue.utf8))
        #expect(alone.event == AutomationEvent.issue && alone.routing == .issues(["10100"]) && alone.sentAt == nil)
    }

    @Test func anEmptyListOfLinksSaysNothingOfLinks() throws {
        #expect(try decoder.fragment(of: whole).fields.links == nil)
        let link = """
            [{"id": 77, "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}, "outwardIssue": null,
              "inwardIssue": {"id": 10200, "key": "ENG-8"}}]
            """
        let linked = whole.replacing(#""issuelinks": []"#, with: #""issuelinks": \#(link)"#)
        #expect(try decoder.fragment(of: linked).fields.links?.value.map(\.otherKey) == ["ENG-8"])
        // A webhook's list is whole.
        #expect(try decoder.fragment(of: webhooks[0]).fields.links?.value == [])
    }

    @Test func aHistoryWithinTheIssueIsUsedWhole() throws {
        let history = """
            {"histories": [{"id": "900", "author": \(people.ada), "created": "2026-09-21T14:13:20.000+0000", "items": [
              {"field": "status", "from": "1", "fromString": "Open", "to": "3", "toString": "In Progress"}]}]}
            """
        let body = whole.replacing(
            #"{"startAt": 0, "maxResults": 0, "total": 0, "histories": null}"#, with: history)
        let change = try #require(try issue(of: body).changes.first)
        #expect(change.id == "900/0" && change.at == sentAt && change.toString == "In Progress")
    }

    // MARK: The text to paste

    private let values = [
        "now": "2026-09-21T14:13:21.0+0000", "initiator.accountId": "u-ada", "initiator.displayName": "Ada",
        "initiator.accountType": "atlassian", "issue.id": "10100", "issue.key": "ENG-7", "issue.project.id": "1",
        "issue.project.key": "ENG", "issue.project.name": "Engine", "issue.summary": "Login \"fails\"",
        "issue.issueType.name": "Bug", "issue.priority.name": "High", "issue.status.id": "3",
        "issue.status.name": "In Progress", "issue.status.statusCategory.key": "indeterminate",
        "issue.created": "2026-09-10T00:26:40.0+0000", "issue.updated": "2026-09-21T14:13:20.0+0000",
        "issue.duedate": "2026-09-30", "issue.reporter.accountId": "u-ada", "issue.reporter.displayName": "Ada",
    ]
    private let changes = [
        "status": ["from": "1", "fromString": "Open", "to": "3", "toString": "In Progress"],
        "assignee": ["from": "u-bo", "fromString": "Bo", "to": "", "toString": ""],
    ]

    private func pasted(_ more: [String: String] = [:], changes: [String: [String: String]] = [:]) throws -> String {
        SmartValues(values: values.merging(more) { $1 }, changes: changes)
            .rendered(try SmartValues.template(AutomationEvent.issue))
    }

    private let ada = #"{"accountId": "u-ada", "displayName": "Ada"}"#

    /// The webhook of the same edit.
    private var updated: String {
        """
        {"timestamp": 1790000000000, "webhookEvent": "jira:issue_updated", "user": \(ada),
         "issue": {"id": "10100", "key": "ENG-7", "fields": {
           "summary": "Login \\"fails\\"", "issuetype": {"name": "Bug"},
           "project": {"id": "1", "key": "ENG", "name": "Engine"}, "priority": {"name": "High"},
           "status": {"id": "3", "name": "In Progress", "statusCategory": {"key": "indeterminate"}},
           "resolution": null, "resolutiondate": null, "created": "2026-09-10T00:26:40.000+0000",
           "updated": "2026-09-21T14:13:20.000+0000", "duedate": "2026-09-30", "assignee": null, "reporter": \(ada)}},
         "changelog": {"id": "900", "items": [
           {"field": "status", "from": "1", "fromString": "Open", "to": "3", "toString": "In Progress"},
           {"field": "assignee", "from": "u-bo", "fromString": "Bo", "to": null, "toString": null}]}}
        """
    }

    @Test func thePastedTextFoldsToTheIssueOfTheWebhook() throws {
        let expected = unnumbered(try issue(of: updated))
        #expect(expected.changes.map(\.field) == ["status", "assignee"] && expected.assignee == nil)
        let body = try pasted(changes: changes)
        #expect(unnumbered(try issue(of: body)) == expected)
        // Sent by two rules it is one change.
        #expect(unnumbered(try issue(of: body, body.replacing("14:13:21", with: "14:13:25"))) == expected)
        let route = try decoder.automationEnvelope(of: Array(body.utf8))
        #expect(route.event == AutomationEvent.issue && route.routing == .issues(["10100"]))
        #expect(route.sentAt == sentAt.adding(milliseconds: 1000))
    }

    @Test func aCommentInThePastedTextIsTheCommentOfTheWebhook() throws {
        let body = try pasted([
            "comment.id": "501", "comment.body": "Waiting\nfor \"them\"", "comment.author.accountId": "u-bo",
            "comment.author.displayName": "Bo", "comment.created": "2026-09-21T14:13:20.0+0000",
            "comment.updated": "2026-09-21T14:13:20.0+0000", "comment.internal": "false",
        ])
        let webhook = """
            {"timestamp": 1790000000000, "webhookEvent": "comment_created", "issue": {"id": "10100", "key": "ENG-7"},
             "comment": {"id": "501", "author": {"accountId": "u-bo", "displayName": "Bo"},
               "body": "Waiting\\nfor \\"them\\"", "created": "2026-09-21T14:13:20.000+0000",
               "updated": "2026-09-21T14:13:20.000+0000"}}
            """
        let comment = try #require(try issue(of: webhook).comments.first)
        #expect(try issue(of: body).comments == [comment] && !comment.isRestricted)
        for more in [["comment.internal": "true"], ["comment.visibility.type": "role"]] {
            let restricted = try pasted(["comment.id": "501", "comment.body": "Quiet"].merging(more) { $1 })
            #expect(try issue(of: restricted).comments.map(\.isRestricted) == [true])
        }
    }

    @Test func whatIsEmptyInThePastedTextIsNotSaid() throws {
        let fields = try decoder.fragment(of: pasted(["issue.status.name": "", "issue.status.id": ""])).fields
        #expect(fields.assignee?.value == .some(nil) && fields.resolution?.value == .some(nil))
        let state = try decoder.fragment(
            of: SmartValues(values: ["issue.id": "10100", "now": "2026-09-21T14:13:21.0+0000"])
                .rendered(SmartValues.template(AutomationEvent.issue)))
        #expect(state.fields.status == nil && state.fields.summary == nil && state.fields.projectKey == nil)
        #expect(state.fields.key == nil && state.fields.reporter == nil && state.fields.created == nil)
        #expect(state.fields.dueDate?.value == .some(nil))
        #expect(state.comments.isEmpty && state.changes.isEmpty)
    }

    // MARK: Fetches put it right

    private func fetched(at timestamp: Int64) -> String {
        """
        {"webhookEvent": "consilod:issue_fetched", "timestamp": \(timestamp), "issue": {"id": "10100", "key": "ENG-7",
         "fields": {"summary": "Login \\"fails\\"", "created": "2026-09-10T00:26:40.000+0000",
           "updated": "2026-09-21T14:13:20.000+0000", "comment": {"comments": [], "total": 0}},
         "changelog": {"histories": [{"id": "900", "author": \(ada), "created": "2026-09-21T14:13:20.000+0000", "items": [
           {"field": "status", "from": "1", "fromString": "Open", "to": "3", "toString": "In Progress"},
           {"field": "assignee", "from": "u-bo", "fromString": "Bo", "to": null, "toString": null}]}]}}}
        """
    }

    @Test func aFetchReplacesChangesWithoutANumber() throws {
        let body = try pasted(changes: changes)
        let fetch = fetched(at: 1_790_000_003_000)
        for bodies in [[body, fetch], [fetch, body], [body, fetch, body]] {
            let issue = try #require(IssueFold.issue(from: try state(of: bodies)))
            #expect(issue.changes.map(\.id) == ["900/0", "900/1"])
        }
        // What came after the fetch is not in it.
        let later = body.replacing("14:13:20.0+0000", with: "14:20:00.0+0000")
        let issue = try issue(of: body, fetch, later)
        #expect(issue.changes.map(\.isUnnumbered) == [false, false, true, true])
    }

    @Test func aDeletionIsTakenBackByALaterFetch() throws {
        let deletion = try SmartValues(values: values).rendered(SmartValues.template(AutomationEvent.deletion))
        let body = try pasted()
        #expect(try issue(of: body, deletion).isDeleted)
        let state = try state(of: [body, deletion])
        #expect(!state.isDeleted && state.isGone)
        #expect(try !issue(of: body, deletion, fetched(at: 1_790_000_003_000)).isDeleted)
        // A signed one is final.
        let signed = updated.replacing("jira:issue_updated", with: "jira:issue_deleted")
        #expect(try issue(of: body, signed, fetched(at: 1_790_000_003_000)).isDeleted)
    }

    // MARK: What a rule may not send

    @Test(arguments: [
        "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_deleted", "issuelink_created",
        "sprint_closed", "project_deleted", "consilod:issue_fetched", "consilod:issue_deleted", "consilod:test", "",
        "automation:other",
    ])
    func otherEventsAreRefused(event: String) {
        let body =
            #"{"webhookEvent": "\#(event)", "issue": {"id": "10100"}, "comment": {"id": "1"}, "sprint": {"id": 1}}"#
        let error = #expect(throws: JiraPayloadError.self) { try decoder.automationEnvelope(of: Array(body.utf8)) }
        #expect(error?.code == .notUnderstood && error?.message.contains("automation:issue") == true)
    }

    @Test func theDeletionOfACommentIsRefused() {
        let body = #"{"issue": {"id": 1}, "comment": {"id": 2}, "issue_event_type_name": "issue_comment_deleted"}"#
        let error = #expect(throws: JiraPayloadError.self) { try decoder.automationEnvelope(of: Array(body.utf8)) }
        #expect(error?.code == .notUnderstood)
    }

    @Test(arguments: ["", "{", #"{"summary": "a "quoted" word"}"#, "issue=1"])
    func whatIsNoJSONIsSaidToBeNone(body: String) {
        let error = #expect(throws: JiraPayloadError.self) { try decoder.automationEnvelope(of: Array(body.utf8)) }
        #expect(error?.code == .notJSON)
    }

    @Test(arguments: ["{}", "[]", #"{"issue": {"key": "ENG-7"}}"#, #"{"webhookEvent": "automation:issue"}"#])
    func aBodyWithoutAnIssueIsKeptWithTheReason(body: String) throws {
        guard case .rejected(let reason) = try decoder.automationEnvelope(of: Array(body.utf8)).routing else {
            Testing.Issue.record("\(body) is not rejected")
            return
        }
        #expect(!reason.isEmpty)
    }
}
