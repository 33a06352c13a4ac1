import Domain
import JiraCloud
import Testing

@Suite struct WebhookFragmentTests {
    private let decoder = JiraWebhookDecoder()
    private let updated = Timestamp(milliseconds: 1_789_997_599_000)

    @Test func fullIssueWritesEveryField() throws {
        let state = try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated",
                fields: """
                    , "project": {"id": "1", "key": "ENG", "name": "Engine"}, "description": "h2. Steps",
                    "issuetype": {"name": "Bug"}, "priority": {"name": "High"}, "resolution": {"name": "Done"},
                    "status": {"name": "Closed", "statusCategory": {"id": 3, "key": "done"}},
                    "resolutiondate": "2026-09-21T13:00:00.000+0000", "created": "2026-09-01T00:00:00.000+0000",
                    "duedate": "2026-09-30", "assignee": {"accountId": "u-bo", "displayName": "Bo"},
                    "reporter": {"accountId": "u-ada"}, "labels": ["auth", "ios"], "components": [{"name": "App"}],
                    "customfield_10016": 5, "customfield_10020": [{"id": 12, "name": "S12", "state": "active",
                      "boardId": 3, "startDate": "2026-09-14T08:00:00.000Z"}],
                    "issuelinks": [{"id": "77", "type": {"name": "Blocks", "inward": "is blocked by",
                      "outward": "blocks"}, "inwardIssue": {"id": "10200", "key": "ENG-8"}}],
                    "fixVersions": [{"id": "801", "name": "2.0", "released": true, "releaseDate": "2026-09-20"},
                      {"id": 802, "name": "3.0", "archived": false}],
                    "versions": [], "attachment": [{"id": "701", "filename": "plan.pdf", "size": 12,
                      "created": "2026-09-02T08:00:00.000+0000", "author": {"accountId": "u-bo", "displayName": "Bo"}}],
                    "subtasks": [{"id": "10101", "key": "ENG-9", "fields": {"summary": "Part",
                      "status": {"name": "Open", "statusCategory": {"key": "new"}}}}],
                    "parent": {"id": "10050", "key": "ENG-1", "fields": {"summary": "Epic"}}
                    """,
                rest: #", "changelog": {"id": "900", "items": []}"#))
        let version = Version(at: updated, changelog: 900, sentAt: WebhookBody.sentAt)
        var fields = IssueFields()
        fields.key = Versioned("ENG-7", version)
        fields.projectKey = Versioned("ENG", version)
        fields.projectID = Versioned("1", version)
        fields.projectName = Versioned("Engine", version)
        fields.summary = Versioned("Login fails", version)
        fields.description = Versioned("h2. Steps", version)
        fields.issueType = Versioned("Bug", version)
        fields.isSubtask = Versioned(false, version)
        fields.priority = Versioned("High", version)
        fields.status = Versioned(Status(name: "Closed", category: .done), version)
        fields.resolution = Versioned("Done", version)
        fields.resolvedAt = Versioned(Timestamp("2026-09-21T13:00:00Z"), version)
        fields.created = try Versioned(#require(Timestamp("2026-09-01T00:00:00Z")), version)
        fields.dueDate = Versioned(CalendarDay(year: 2026, month: 9, day: 30), version)
        fields.assignee = Versioned(Person(id: "u-bo", displayName: "Bo"), version)
        fields.reporter = Versioned(Person(id: "u-ada", displayName: "u-ada"), version)
        fields.labels = Versioned(["auth", "ios"], version)
        fields.components = Versioned(["App"], version)
        fields.storyPoints = Versioned(5, version)
        fields.sprints = Versioned(
            [
                Sprint(
                    id: "12", name: "S12", state: "active", boardID: "3", startDate: Timestamp("2026-09-14T08:00:00Z"))
            ], version)
        fields.links = Versioned(
            [
                IssueLink(
                    id: "77", relation: .blockedBy, typeName: "Blocks", otherID: "10200", otherKey: "ENG-8")
            ], version)
        fields.fixVersions = Versioned(
            [
                ProjectVersion(
                    id: "801", name: "2.0", isReleased: true, releaseDate: CalendarDay(year: 2026, month: 9, day: 20)),
                ProjectVersion(id: "802", name: "3.0"),
            ], version)
        fields.affectedVersions = Versioned([], version)
        fields.attachments = try Versioned(
            [
                Attachment(
                    id: "701", created: #require(Timestamp("2026-09-02T08:00:00Z")),
                    author: Person(id: "u-bo", displayName: "Bo"))
            ], version)
        fields.subtasks = Versioned(
            [Subtask(id: "10101", key: "ENG-9", status: Status(name: "Open", category: .new))], version)
        fields.parent = Versioned(ParentIssue(id: "10050", key: "ENG-1"), version)
        #expect(state.fields == fields)
        #expect(state.firstEventAt == WebhookBody.sentAt)
        #expect(state.lastActivityAt == updated)
        #expect(state.lastEventAt == WebhookBody.sentAt)
        #expect(!state.isDeleted)
    }

    @Test func nullEmptiesAFieldAndAbsenceSaysNothing() throws {
        let fields = try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated",
                fields: """
                    , "assignee": null, "duedate": null, "labels": null, "customfield_10016": null, "parent": null,
                    "fixVersions": null
                    """)
        ).fields
        #expect(fields.parent?.value == .some(nil))
        #expect(fields.fixVersions?.value == [])
        #expect(fields.affectedVersions == nil && fields.attachments == nil && fields.subtasks == nil)
        #expect(fields.assignee?.value == .some(nil))
        #expect(fields.dueDate?.value == .some(nil))
        #expect(fields.labels?.value == [])
        #expect(fields.storyPoints?.value == .some(nil))
        #expect(fields.priority == nil)
        #expect(fields.sprints == nil)
        #expect(fields.links == nil)
    }

    @Test func malformedOptionalFieldsAreLeftOut() throws {
        let state = try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated",
                fields: """
                    , "assignee": "ada", "reporter": {"displayName": "Nobody"}, "duedate": "soon", "priority": [],
                    "status": {"id": "1"}, "labels": "auth", "components": [{"name": "App"}, {}, 3],
                    "created": "yesterday", "customfield_10016": {"value": 3}, "customfield_10020": "S12",
                    "issuelinks": [{"id": "1"}, 4, {"id": 2, "type": {}, "outwardIssue": {"key": "ENG-9"}}],
                    "description": 7, "comment": {"comments": [{"body": "no id"}, {"id": 6, "body": "kept"}]},
                    "project": "ENG", "resolutiondate": false, "parent": "ENG-1", "subtasks": 3,
                    "fixVersions": [{"name": "no id"}, {"id": 5, "released": "yes", "releaseDate": "soon"}, 7],
                    "attachment": [{"id": "1"}, {"id": "2", "created": "2026-09-02T08:00:00.000+0000", "author": 3}]
                    """,
                rest: #", "changelog": {"id": {}, "items": [{"field": 1}, {"field": "status", "to": 3}]}"#))
        let fields = state.fields
        #expect(fields.summary?.value == "Login fails")
        #expect(fields.assignee == nil && fields.reporter == nil && fields.dueDate == nil && fields.priority == nil)
        #expect(fields.status == nil && fields.labels == nil && fields.created == nil && fields.storyPoints == nil)
        #expect(fields.sprints == nil && fields.description == nil && fields.projectKey == nil)
        #expect(fields.resolvedAt == nil)
        #expect(fields.components?.value == ["App"])
        #expect(fields.parent == nil && fields.subtasks == nil)
        #expect(fields.fixVersions?.value == [ProjectVersion(id: "5", name: "5")])
        #expect(fields.attachments?.value.map(\.id) == ["2"])
        #expect(fields.links?.value.map(\.otherKey) == ["ENG-9"])
        #expect(state.comments.keys.sorted() == ["6"])
        #expect(state.changes["t1790000000000/1/status"]?.to == "3")
        #expect(state.changes.count == 1)
    }

    @Test func changelogItemsBecomeChanges() throws {
        let state = try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated",
                rest: """
                    , "changelog": {"id": 900, "items": [
                      {"field": "status", "fieldtype": "jira", "from": "1", "fromString": "Open", "to": "3",
                       "toString": "In Progress"},
                      {"field": "duedate", "from": null, "fromString": null, "to": "2026-09-30",
                       "toString": "2026-09-30 00:00:00.0"}]}
                    """))
        let ada = Person(id: "u-ada", displayName: "Ada", timeZone: "Europe/London")
        #expect(
            state.changes == [
                "900/0": Change(
                    id: "900/0", at: WebhookBody.sentAt, author: ada, field: "status", from: "1", fromString: "Open",
                    to: "3", toString: "In Progress"),
                "900/1": Change(
                    id: "900/1", at: WebhookBody.sentAt, author: ada, field: "duedate", from: nil, fromString: nil,
                    to: "2026-09-30", toString: "2026-09-30 00:00:00.0"),
            ])
        #expect(state.lastActivityAt == WebhookBody.sentAt)
    }

    @Test func thinIssueOfACommentWritesUnderTheTimeOfTheWebhook() throws {
        let state = try decoder.fragment(of: WebhookBody.comment("comment_created"))
        let version = Version(at: WebhookBody.sentAt, sentAt: WebhookBody.sentAt, isThin: true)
        #expect(state.fields.status == Versioned(.some(Status(name: "Open", category: .new)), version))
        #expect(state.fields.assignee == Versioned(nil, version))
        #expect(state.fields.created == nil && state.fields.links == nil && state.fields.labels == nil)
        let created = try #require(Timestamp("2026-09-20T08:00:00Z"))
        let updated = try #require(Timestamp("2026-09-21T08:00:00Z"))
        #expect(
            state.comments == [
                "501": Comment(
                    id: "501", author: Person(id: "u-bo", displayName: "Bo"), body: "Waiting for the vendor",
                    created: created, updated: updated)
            ])
        #expect(state.lastActivityAt == updated)
        #expect(state.deletedComments.isEmpty)
    }

    @Test func commentBodyMayBeADocument() throws {
        let document = """
            "body": {"type": "doc", "version": 1, "content": [
              {"type": "paragraph", "content": [{"type": "text", "text": "Still blocked"}]}]}
            """
        let state = try decoder.fragment(of: WebhookBody.comment("comment_updated", comment: document))
        #expect(state.comments["501"]?.body == "Still blocked")
    }

    @Test func commentWithoutAnyTimeIsDatedByTheWebhook() throws {
        let state = try decoder.fragment(
            of: """
                {"timestamp": 1790000000000, "webhookEvent": "comment_created", "issue": {"id": "10100"},
                 "comment": {"id": 501, "body": "Hello"}}
                """)
        #expect(state.comments["501"]?.created == WebhookBody.sentAt)
        #expect(state.comments["501"]?.updated == WebhookBody.sentAt)
    }

    @Test func deletedCommentIsNamedNotKept() throws {
        let state = try decoder.fragment(of: WebhookBody.comment("comment_deleted"))
        #expect(state.deletedComments == ["501"])
        #expect(state.comments.isEmpty)
    }

    @Test func serverSendsCommentsInsideIssueUpdates() throws {
        let comment = { (id: Int, at: String) in
            """
            {"id": "\(id)", "author": {"key": "bo", "name": "bo.b", "displayName": "Bo"}, "body": "Note \(id)",
             "created": "\(at)", "updated": "\(at)"}
            """
        }
        let embedded = ", \"comment\": {\"total\": 1, \"comments\": [\(comment(1, "2026-09-02T00:00:00.000+0000"))]}"
        let state = try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated", fields: embedded,
                rest: ", \"issue_event_type_name\": \"issue_commented\", \"comment\": "
                    + comment(2, "2026-09-21T14:00:00.000+0000")))
        #expect(state.comments.mapValues(\.body) == ["1": "Note 1", "2": "Note 2"])
        #expect(state.comments["2"]?.author == Person(id: "bo", displayName: "Bo"))
        #expect(state.lastActivityAt == Timestamp("2026-09-21T14:00:00Z"))

        let deletion = try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated",
                rest: #", "issue_event_type_name": "issue_comment_deleted", "comment": {"id": "2"}"#))
        #expect(deletion.deletedComments == ["2"])
        #expect(deletion.comments.isEmpty)
    }

    @Test func deletedIssueIsMarked() throws {
        #expect(try decoder.fragment(of: WebhookBody.issue("jira:issue_deleted")).isDeleted)
    }

    @Test func worklogIsASignOfLife() throws {
        let logged = """
            {"timestamp": 1790000000000, "webhookEvent": "worklog_created",
             "worklog": {"id": "9", "issueId": "10100", "updated": "2026-09-21T13:00:00.000+0000"}}
            """
        let state = try decoder.fragment(of: logged)
        #expect(state.lastActivityAt == Timestamp("2026-09-21T13:00:00Z"))
        #expect(state.fields == IssueFields())

        let undated = #"{"timestamp": 1790000000000, "webhookEvent": "worklog_deleted", "worklog": {"issueId": 10100}}"#
        #expect(try decoder.fragment(of: undated).lastActivityAt == WebhookBody.sentAt)
    }

    @Test func issueWebhookWithoutUpdatedCountsByItsTimestamp() throws {
        let body = """
            {"timestamp": 1790000000000, "webhookEvent": "jira:issue_updated",
             "issue": {"id": 10100, "key": "ENG-7", "fields": {"summary": "Thin"}}}
            """
        let state = try decoder.fragment(of: body)
        #expect(state.fields.summary?.version == Version(at: WebhookBody.sentAt, sentAt: WebhookBody.sentAt))
        #expect(state.lastActivityAt == WebhookBody.sentAt)
    }

    @Test func undatedWebhookIsOlderThanEveryDatedOne() throws {
        let body = """
            {"webhookEvent": "jira:issue_updated", "issue": {"id": "10100", "fields": {"summary": "Undated"}},
             "changelog": {"id": "1", "items": [{"field": "summary"}]}}
            """
        let state = try decoder.fragment(of: body)
        let epoch = Timestamp(milliseconds: 0)
        #expect(state.fields.summary?.version == Version(at: epoch, changelog: 1, sentAt: epoch))
        #expect(state.lastActivityAt == nil && state.lastEventAt == nil && state.changes.isEmpty)
    }

    @Test func configuredCustomFieldsAreRead() throws {
        let decoder = JiraWebhookDecoder(
            fields: JiraFieldMapping(storyPoints: ["customfield_1", "customfield_2"], sprint: ["customfield_3"]))
        let fields = try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated",
                fields: """
                    , "customfield_1": null, "customfield_2": 0.5, "customfield_10016": 8,
                    "customfield_3": [{"id": "4", "state": "closed"}, {"id": "5"}]
                    """)
        ).fields
        #expect(fields.storyPoints?.value == 0.5)
        #expect(fields.sprints?.value == [Sprint(id: "4", name: "4", state: "closed")])
    }

    @Test(arguments: ["0000-01-01T00:00:00+01:00", "1969-12-31T23:59:59Z", "9001-01-01T00:00:00Z"])
    func anInstantNobodyCanMeanIsNotTold(_ instant: String) throws {
        let legacy = "Sprint@1[id=12,state=ACTIVE,name=One,startDate=2026-11-10T09:00:00.000Z,endDate=\(instant)]"
        let state = try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated",
                fields: """
                    , "created": "\(instant)", "customfield_10020": ["\(legacy)", {"id": 13, "state": "active",
                    "endDate": "\(instant)"}]
                    """))
        #expect(state.fields.created == nil)
        #expect(state.fields.sprints?.value.map(\.endDate) == [nil, nil])
        #expect(state.fields.sprints?.value.first?.startDate != nil)
    }

    @Test func legacySprintTextIsRead() throws {
        let legacy =
            "com.atlassian.greenhopper.service.sprint.Sprint@38c6bd04[id=12,rapidViewId=3,state=ACTIVE,"
            + "name=Alpha, Beta [x=1],startDate=2026-09-14T08:00:00.000Z,endDate=2026-09-28T10:00:00.000+02:00,"
            + "completeDate=<null>,activatedDate=<null>,sequence=12,goal=]"
        let fields = try decoder.fragment(
            of: WebhookBody.issue(
                "jira:issue_updated", fields: ", \"customfield_10020\": [\"\(legacy)\", \"Sprint@1[name=No id]\"]")
        ).fields
        let start = try #require(Timestamp("2026-09-14T08:00:00Z"))
        #expect(
            fields.sprints?.value == [
                Sprint(
                    id: "12", name: "Alpha, Beta [x=1]", state: "active", boardID: "3", startDate: start,
                    endDate: start.adding(days: 14))
            ])
    }

    @Test func aWebhookSpeaksOnlyOfItsOwnIssues() {
        let error = JiraPayloadError(.notUnderstood, "the webhook is about another issue")
        #expect(throws: error) { try decoder.fragment(of: WebhookBody.issue("jira:issue_updated"), for: "1") }
        let other = JiraPayloadError(.notUnderstood, "a webhook of this kind says nothing about an issue")
        #expect(throws: other) { try decoder.fragment(of: WebhookBody.issue("attachment_created")) }
    }
}
