import Domain
import Foundation
@testable import JiraCloud
import TestSupport
import Testing

@Suite struct JiraClientTests {
    private func site(
        token: SimulatedJira.TokenKind = .classic, issues: Int = 0, searchDelay: Duration = .zero,
        _ body: (SimulatedJira, JiraClient) async throws -> Void
    ) async throws {
        try await SimulatedJira.run(token: token, searchDelay: searchDelay) { jira in
            for number in 0..<issues {
                let updated = midday.adding(seconds: Int64(number) * 60)
                try jira.add(SimulatedJira.issue("\(number + 1)", key: "ENG-\(number + 1)", updated: updated))
            }
            jira.now = midday.adding(days: 1)
            try await withTransport { try await body(jira, jira.client($0)) }
        }
    }

    // MARK: Search

    @Test func searchGoesThroughAllPages() async throws {
        try await site(issues: 25) { jira, client in
            var found: [ListedIssue] = []
            var token: String?
            repeat {
                let page = try await client.search(
                    jql: "project = ENG ORDER BY updated ASC", fields: ["updated"], pageToken: token, limit: 10)
                found += page.issues
                token = page.nextPageToken
            } while token != nil
            #expect(found.map(\.id) == (1...25).map { IssueID("\($0)") })
            #expect(found.first == ListedIssue(id: "1", key: "ENG-1", updated: midday))
            #expect(jira.count(of: .search) == 3)
        }
    }

    @Test func searchWithoutFieldsTellsIdsOnly() async throws {
        try await site(issues: 1) { _, client in
            let page = try await client.search(jql: "project = ENG", fields: [])
            #expect(page == JiraSearchPage(issues: [ListedIssue(id: "1")], nextPageToken: nil))
        }
    }

    @Test func reconciledIssuesAreSeenBeforeTheIndexKnowsThem() async throws {
        try await site(issues: 2, searchDelay: .seconds(600)) { jira, client in
            jira.change("2", "summary", to: "changed")
            let jql = "updated >= -90m"
            let before = try await client.search(jql: jql)
            #expect(before.issues.isEmpty)
            let page = try await client.search(jql: jql, reconciling: ["2"])
            #expect(page.issues.map(\.id) == ["2"])
            #expect(page.issues.first?.updated == jira.now)
            jira.now = jira.now.adding(seconds: 601)
            let later = try await client.search(jql: jql)
            #expect(later.issues.map(\.id) == ["2"])
        }
    }

    @Test(arguments: [
        ("project = ENG", 3), ("project in (ENG, OPS)", 3), ("project = OPS", 0), ("id in (1, 2)", 2),
        ("issuekey in (ENG-3)", 1), (#"updated >= "2026-09-21 14:13""#, 3), (#"updated >= "2026-09-21 14:15""#, 1),
        ("project = ENG AND statusCategory != Done", 3), ("statusCategory = \"To Do\"", 3), ("sprint = 4", 0),
    ])
    func queriesOfConsilodAreUnderstood(jql: String, count: Int) async throws {
        try await site(issues: 3) { _, client in
            let page = try await client.search(jql: jql)
            #expect(page.issues.count == count)
        }
    }

    @Test(arguments: [
        "", "ORDER BY updated", "project ~ ENG", "assignee = x", "project = ENG OR project = OPS", "project =",
    ])
    func refusedQueryIsToldInJirasWords(jql: String) async throws {
        try await site(issues: 1) { _, client in
            let error = await failure { () async throws(JiraError) in try await client.search(jql: jql) }
            guard case .badRequest(let message) = error else { throw Unexpected("\(error as Any)") }
            #expect(message.hasPrefix("Error in the JQL Query: "))
            #expect(message.count <= 300)
        }
    }

    @Test func pageTokenIsGoodForItsOwnSearchOnly() async throws {
        try await site(issues: 3) { _, client in
            let token = try await client.search(jql: "project = ENG", limit: 1).nextPageToken
            let error = await failure { () async throws(JiraError) in
                try await client.search(jql: "project = OPS", pageToken: token, limit: 1)
            }
            guard case .badRequest = error else { throw Unexpected("\(error as Any)") }
        }
    }

    @Test func moreIdsThanJiraReconcilesAreNotSent() async throws {
        try await site { jira, client in
            let ids = (1...51).map { IssueID("\($0)") }
            for ids in [ids, ["x"]] {
                let error = await failure { () async throws(JiraError) in
                    try await client.search(jql: "project = ENG", reconciling: ids)
                }
                guard case .badRequest = error else { throw Unexpected("\(error as Any)") }
            }
            #expect(jira.requestCount == 0)
        }
    }

    @Test func removedEndpointIsNamed() async throws {
        try await site { jira, client in
            jira.script(.status(410), on: .fields)
            let error = await failure { () async throws(JiraError) in try await client.fields() }
            #expect(error == .gone(endpoint: "/rest/api/3/field"))
        }
    }

    @Test func answerThatIsNoJSONIsMalformed() async throws {
        try await site { jira, client in
            jira.script(.status(200), on: .fields)
            let error = await failure { () async throws(JiraError) in try await client.fields() }
            guard case .malformedAnswer = error else { throw Unexpected("\(error as Any)") }
        }
    }

    // MARK: Tokens

    @Test func scopedTokenFindsItsWayToTheGateway() async throws {
        try await site(token: .scoped) { jira, client in
            let myself = try await client.myself()
            #expect(myself.accountID == "bot-1")
            #expect(jira.count(of: .tenantInfo) == 1)
            #expect(jira.count(of: .myself) == 2)
            #expect(await client.budget.callCount == 3)
            // From then on it goes there at once.
            let again = try await client.myself()
            #expect(again.accountID == "bot-1")
            #expect(jira.requestCount == 4)
            #expect(await client.budget.stoppedBecause == nil)
        }
    }

    @Test func wrongTokenIsTriedOnceInEachPlace() async throws {
        try await SimulatedJira.run { jira in
            try await withTransport { transport in
                let client = jira.client(transport, token: "wrong")
                let error = await failure { () async throws(JiraError) in try await client.myself() }
                #expect(error == .unauthorized)
                #expect(jira.count(of: .myself) == 2)
                #expect(jira.count(of: .tenantInfo) == 1)
            }
        }
    }

    // MARK: The site

    @Test func siteAndAccountAreTold() async throws {
        try await site(issues: 1) { jira, client in
            let myself = try await client.myself()
            #expect(myself == JiraMyself(accountID: "bot-1", displayName: "Bot", timeZone: nil))
            let info = try await client.serverInfo()
            #expect(info.serverTime == jira.now)
            #expect(info.deploymentType == "Cloud")
            let project = try await client.project(key: "ENG")
            #expect(project?.name == "ENG")
            let none = try await client.project(key: "NONE")
            #expect(none == nil)
            let outside = try await client.project(key: "../field")
            #expect(outside == nil)
            jira.setAdministrator(false)
            let permissions = try await client.permissions(projectKey: "ENG", ["BROWSE_PROJECTS", "ADMINISTER"])
            #expect(permissions == ["BROWSE_PROJECTS": true, "ADMINISTER": false])
        }
    }

    @Test func boardsAndSprintsComeInPages() async throws {
        try await site { jira, client in
            for number in 1...60 {
                jira.addBoard(
                    id: number, name: "Board \(number)", projectKey: number == 7 ? "OPS" : "ENG",
                    type: number == 8 ? "kanban" : "scrum", estimationField: "customfield_10030")
                jira.addSprint(id: 100 + number, name: "Sprint \(number)", state: "closed", boardID: 1)
            }
            let boards = try await client.boards()
            #expect(boards.count == 60)
            #expect(jira.count(of: .boards) == 2)
            let operations = try await client.boards(projectKey: "OPS")
            #expect(operations.map(\.id) == ["7"])
            let sprints = try await client.sprints(boardID: "1")
            #expect(sprints.map(\.id) == (1...60).map { "\(100 + $0)" })
            #expect(sprints.first?.boardID == "1")
            let kanban = await failure { () async throws(JiraError) in try await client.sprints(boardID: "8") }
            #expect(kanban == .badRequest(message: "The board does not support sprints"))
            let sprint = try await client.sprint(id: "101")
            #expect(sprint?.name == "Sprint 1")
            let noSprint = try await client.sprint(id: "9")
            #expect(noSprint == nil)
            let configuration = try await client.boardConfiguration(id: "1")
            #expect(configuration.estimationFieldID == "customfield_10030")
            #expect(configuration.columns.map(\.name) == ["To Do", "In Progress", "Done"])
            #expect(configuration.columns.last?.statusIDs == ["6"])
        }
    }

    @Test func boardSaysWhereStoryPointsAreBeforeTheNamesOfFieldsDo() async throws {
        try await site { jira, client in
            let float = "com.atlassian.jira.plugin.system.customfieldtypes:float"
            jira.setFields([
                SimulatedJira.field("summary", "Summary"),
                SimulatedJira.field("customfield_1", "Story Points", float),
                SimulatedJira.field("customfield_2", "Effort", float),
                SimulatedJira.field(
                    "customfield_3", "Story point estimate", "com.pyxis.greenhopper.jira:jsw-story-points"),
                SimulatedJira.field("customfield_4", "Iteration", "com.pyxis.greenhopper.jira:gh-sprint"),
            ])
            jira.addBoard(id: 1, name: "Effort", projectKey: "ENG", estimationField: "customfield_2")
            jira.addBoard(id: 2, name: "Time", projectKey: "ENG", estimationField: "timeoriginalestimate")
            jira.addBoard(id: 3, name: "None", projectKey: "ENG", estimationField: nil)
            let mapping = try await JiraFieldMapping.discovered(by: client, projectKeys: ["ENG"])
            #expect(mapping.storyPoints == ["customfield_2", "customfield_3", "customfield_1"])
            #expect(mapping.sprint == ["customfield_4"])
            jira.script(.status(403), on: .boards)
            let withoutBoards = try await JiraFieldMapping.discovered(by: client, projectKeys: ["ENG"])
            #expect(withoutBoards.storyPoints == ["customfield_3", "customfield_1"])
            jira.setFields([])
            let standard = try await JiraFieldMapping.discovered(by: client)
            #expect(standard == JiraFieldMapping())
        }
    }

    @Test func webhooksAreMadeChangedAndRemoved() async throws {
        try await site { jira, client in
            let made = try await client.createWebhook(
                name: "consilod", url: "https://example.com/jira", events: ["jira:issue_updated"],
                jqlFilter: "project = ENG", secret: "first")
            let listed = try await client.webhooks()
            #expect(listed == [made])
            #expect(made.jqlFilter == "project = ENG")
            #expect(jira.webhookSecret(made.id) == "first")
            let changed = try await client.updateWebhook(
                id: made.id, name: made.name, url: made.url, events: ["comment_created"], jqlFilter: "",
                secret: "second")
            #expect(changed.id == made.id)
            #expect(jira.webhookSecret(made.id) == "second")
            let listedAgain = try await client.webhooks()
            #expect(listedAgain == [changed])
            try await client.deleteWebhook(id: made.id)
            try await client.deleteWebhook(id: made.id)
            let listedLast = try await client.webhooks()
            #expect(listedLast.isEmpty)
        }
    }
}
