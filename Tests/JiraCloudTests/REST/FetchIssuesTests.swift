import Domain
import Foundation
import JiraCloud
import TestSupport
import Testing

@Suite struct FetchIssuesTests {
    private func ids(_ numbers: ClosedRange<Int>) -> [IssueID] { numbers.map { IssueID("\($0)") } }

    private func commentIDs(_ issue: JSON) -> [String] {
        issue["issue", "fields", "comment", "comments"]?.elements.compactMap { $0["id"]?.text } ?? []
    }

    @Test func wholeIssueIsOneDocumentOfTheAgreedForm() async throws {
        let wide = JSON.number("123456789012345678901234567890.5")
        let document = SimulatedJira.issue(
            "7", key: "ENG-7", updated: midday, comments: comments(1...2), histories: histories(1...3),
            fields: [("customfield_10016", wide), ("components", .array([.object([("odd", wide)])]))])
        try await SimulatedJira.run { jira in
            try jira.add(document)
            try await withTransport { transport in
                let time = BudgetTime()
                let budget = JiraBudget(context: time.context())
                let answer = try await jira.client(transport, budget: budget).issues(["7"])
                let issue = try #require(answer.found.first)
                #expect(answer.missing.isEmpty)
                #expect((issue.id, issue.key) == ("7", "ENG-7"))
                #expect(issue.updated == midday)
                let body = try JSON(parsing: issue.body)
                #expect(body["webhookEvent"] == "consilod:issue_fetched")
                #expect(body["timestamp"] == .number("\(time.now.milliseconds)"))
                #expect(body["issue", "id"] == "7")
                #expect(body["issue", "key"] == "ENG-7")
                #expect(body["issue", "changelog"] == document["changelog"])
                // The digits of numbers, too, are compared.
                let asked = document["fields"]?.members.filter { $0.0 != "comment" } ?? []
                for (name, value) in asked { #expect(body["issue", "fields", name] == value, "\(name)") }
                #expect(body["issue", "fields", "comment"] == document["fields", "comment"])
                #expect(await budget.callCount == 2)
            }
        }
    }

    /// A fetch that does not ask for a field tells nothing of it, whatever the decoder could read.
    @Test func whatIsReadOfAWebhookIsAskedFor() async throws {
        let document = SimulatedJira.issue("7", key: "ENG-7", updated: midday, fields: Self.everyField)
        try await SimulatedJira.run { jira in
            try jira.add(document)
            try await withTransport { transport in
                let fetched = try #require(try await jira.client(transport).issues(["7"]).found.first)
                let webhook = JSON.object([
                    ("timestamp", .number("\(midday.milliseconds)")), ("webhookEvent", "jira:issue_updated"),
                    ("issue", document),
                ])
                let decoder = JiraWebhookDecoder()
                let (told, asked) = (
                    try decoder.fragment(of: webhook.bytes, for: "7").fields,
                    try decoder.fragment(of: fetched.body, for: "7").fields
                )
                for (name, value) in Mirror(reflecting: told).children {
                    let isTold = Mirror(reflecting: value).children.first != nil
                    #expect(isTold, "the document has no \(name ?? "")")
                }
                let names = Mirror(reflecting: told).children.compactMap(\.label)
                for (name, value) in zip(names, Mirror(reflecting: asked).children.map(\.value)) {
                    #expect(Mirror(reflecting: value).children.first != nil, "a fetch does not tell \(name)")
                }
                #expect(asked.timeTracking?.value == told.timeTracking?.value)
                #expect(asked.securityLevel?.value == "Board only")
            }
        }
    }

    /// What Jira tells of an issue besides its summary, project, status and dates.
    private static let everyField: [(String, JSON)] = [
        ("issuetype", .object([("name", "Bug"), ("subtask", false)])), ("priority", .object([("name", "High")])),
        ("statuscategorychangedate", "2026-09-01T08:00:00.000+0000"), ("resolution", .null),
        ("resolutiondate", .null), ("duedate", "2026-12-24"), ("assignee", SimulatedJira.person("u-1", "Ada")),
        ("reporter", SimulatedJira.person("u-2", "Bo")), ("components", .array([])),
        ("security", .object([("name", "Board only")])), ("fixVersions", .array([])), ("versions", .array([])),
        ("attachment", .array([])), ("subtasks", .array([])), ("parent", .null), ("issuelinks", .array([])),
        ("timeoriginalestimate", 7200), ("timeestimate", 1800), ("timespent", 5400), ("customfield_10016", 5),
        ("customfield_10020", .array([])), ("customfield_10021", .array([])),
    ]

    @Test func aKeyLeadsToTheIssueAlsoAfterAMove() async throws {
        try await SimulatedJira.run { jira in
            for number in 1...3 {
                try jira.add(SimulatedJira.issue("\(number)", key: "ENG-\(number)", updated: midday))
            }
            jira.move("1", to: "OPS-1")
            jira.hide("2")
            jira.delete("3")
            try await withTransport { transport in
                let client = jira.client(transport)
                for key in ["ENG-1", "OPS-1"] {
                    let found = try await client.identity(ofIssue: IssueKey(key))
                    #expect(found == IssueIdentity(id: "1", key: "OPS-1"))
                }
                for unknown in ["ENG-2", "ENG-3", "ENG-4", "../myself"] {
                    let found = try await client.identity(ofIssue: IssueKey(unknown))
                    #expect(found == nil)
                }
            }
        }
    }

    @Test func issuesThatJiraDoesNotShowAreMissing() async throws {
        try await SimulatedJira.run { jira in
            for number in 1...4 {
                try jira.add(SimulatedJira.issue("\(number)", key: "ENG-\(number)", updated: midday))
            }
            jira.delete("2")
            jira.hide("3")
            try await withTransport { transport in
                let answer = try await jira.client(transport).issues(["4", "3", "2", "1", "4", "99"])
                #expect(answer.found.map(\.id) == ["4", "1"])
                #expect(answer.missing == ["3", "2", "99"])
            }
        }
    }

    @Test func manyIssuesCostACallPerHundred() async throws {
        try await SimulatedJira.run { jira in
            for number in 1...250 {
                try jira.add(SimulatedJira.issue("\(number)", key: "ENG-\(number)", updated: midday))
            }
            try await withTransport { transport in
                let budget = JiraBudget(context: BudgetTime().context())
                let answer = try await jira.client(transport, budget: budget).issues(ids(1...250))
                #expect(answer.found.map(\.id) == ids(1...250))
                #expect(jira.count(of: .bulkFetch) == 3)
                #expect(jira.count(of: .changelogs) == 1)
                #expect(jira.count(of: .comments) == 0)
                #expect(await budget.callCount == 4)
                #expect(jira.violations.isEmpty)
            }
        }
    }

    @Test func noIssuesCostNoCall() async throws {
        try await SimulatedJira.run { jira in
            try await withTransport { transport in
                let answer = try await jira.client(transport).issues([])
                #expect(answer == FetchedIssues(found: [], missing: []))
                #expect(jira.requestCount == 0)
            }
        }
    }

    @Test(arguments: [20, 21, 100, 101, 250])
    func allCommentsAreThereHoweverMany(count: Int) async throws {
        try await SimulatedJira.run { jira in
            try jira.add(SimulatedJira.issue("7", key: "ENG-7", updated: midday, comments: comments(1...count)))
            try await withTransport { transport in
                let answer = try await jira.client(transport).issues(["7"])
                let body = try JSON(parsing: #require(answer.found.first).body)
                #expect(commentIDs(body) == (1...count).map { "\(10_000 + $0)" })
                #expect(body["issue", "fields", "comment", "total"]?.int == count)
                #expect(jira.count(of: .comments) == [20: 0, 21: 1, 100: 1, 101: 2, 250: 3][count])
            }
        }
    }

    @Test func commentDeletedBetweenTwoPagesLeavesNoGap() async throws {
        try await SimulatedJira.run { jira in
            try jira.add(SimulatedJira.issue("7", key: "ENG-7", updated: midday, comments: comments(1...150)))
            jira.script(.change { $0.deleteComment("10005", on: "7") }, on: .comments)
            try await withTransport { transport in
                let answer = try await jira.client(transport).issues(["7"])
                let body = try JSON(parsing: #require(answer.found.first).body)
                #expect(commentIDs(body) == (1...150).filter { $0 != 5 }.map { "\(10_000 + $0)" })
            }
        }
    }

    @Test func commentAddedBetweenTwoPagesIsThere() async throws {
        try await SimulatedJira.run { jira in
            try jira.add(SimulatedJira.issue("7", key: "ENG-7", updated: midday, comments: comments(1...150)))
            jira.script(.change { $0.comment(on: "7", "late") }, on: .comments)
            try await withTransport { transport in
                let answer = try await jira.client(transport).issues(["7"])
                let body = try JSON(parsing: #require(answer.found.first).body)
                #expect(commentIDs(body).count == 151)
            }
        }
    }

    @Test func issueDeletedWhileItsCommentsAreReadIsMissing() async throws {
        try await SimulatedJira.run { jira in
            try jira.add(SimulatedJira.issue("7", key: "ENG-7", updated: midday, comments: comments(1...150)))
            jira.script(.change { $0.delete("7") }, on: .comments)
            try await withTransport { transport in
                let answer = try await jira.client(transport).issues(["7"])
                #expect(answer == FetchedIssues(found: [], missing: ["7"]))
            }
        }
    }

    @Test func changelogsOfMoreThanAPageAreWholeAndInOrder() async throws {
        try await SimulatedJira.run { jira in
            // The entries of both issues alternate, so that each page has some of each.
            let all = histories(1...2500)
            let odd = all.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            let even = all.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            try jira.add(SimulatedJira.issue("7", key: "ENG-7", updated: midday, histories: odd))
            try jira.add(SimulatedJira.issue("8", key: "ENG-8", updated: midday, histories: even))
            try await withTransport { transport in
                let answer = try await jira.client(transport).issues(["7", "8"])
                for (issue, histories) in zip(answer.found, [odd, even]) {
                    let body = try JSON(parsing: issue.body)
                    #expect(body["issue", "changelog", "histories"] == .array(histories))
                    #expect(body["issue", "changelog", "total"]?.int == histories.count)
                }
                #expect(jira.count(of: .changelogs) == 3)
            }
        }
    }

    @Test func entryMadeBetweenTwoPagesLosesNone() async throws {
        try await SimulatedJira.run { jira in
            try jira.add(SimulatedJira.issue("7", key: "ENG-7", updated: midday, histories: histories(1...1500)))
            jira.script(.change { $0.change("7", "summary", to: "new") }, on: .changelogs)
            try await withTransport { transport in
                let answer = try await jira.client(transport).issues(["7"])
                let body = try JSON(parsing: #require(answer.found.first).body)
                let numbers = body["issue", "changelog", "histories"]?.elements.compactMap { $0["id"]?.text } ?? []
                #expect(numbers.prefix(1500).elementsEqual((1...1500).map { "\(20_000 + $0)" }))
                #expect(numbers.count == 1501)
            }
        }
    }

    @Test func changelogTimeInANumberBecomesAnInstant() async throws {
        var history = histories(1...1)[0]
        history["created"] = .number("1492070429")
        let document = SimulatedJira.issue("7", key: "ENG-7", updated: midday, histories: [history])
        try await SimulatedJira.run { jira in
            try jira.add(document)
            try await withTransport { transport in
                let body = try JSON(parsing: #require(try await jira.client(transport).issues(["7"]).found.first).body)
                let entry = body["issue", "changelog", "histories"]?.elements.first
                #expect(entry?["created"] == "2017-04-13T08:00:29.000Z")
                #expect(entry?["items"] == history["items"])
            }
        }
    }

    @Test func issuesThatWereTooMuchAtOnceAreAskedForInSmallerParts() async throws {
        try await SimulatedJira.run { jira in
            for number in 1...30 {
                try jira.add(SimulatedJira.issue("\(number)", key: "ENG-\(number)", updated: midday))
            }
            jira.script(.issueErrors(ids(5...20)), on: .bulkFetch)
            try await withTransport { transport in
                let answer = try await jira.client(transport).issues(ids(1...30))
                #expect(answer.found.map(\.id) == ids(1...30))
                #expect(jira.count(of: .bulkFetch) == 3)
            }
        }
    }

    @Test func issueThatJiraHasAndCannotGiveIsNotMissing() async throws {
        try await SimulatedJira.run { jira in
            try jira.add(SimulatedJira.issue("1", key: "ENG-1", updated: midday))
            jira.script(.issueErrors(["1"]), on: .bulkFetch, times: 10)
            try await withTransport { transport in
                let client = jira.client(transport)
                let error = await failure { () async throws(JiraError) in try await client.issues(["1"]) }
                #expect(error == .unavailable(reason: "it did not return 1 issues that it has"))
            }
        }
    }

    @Test(.enabled(if: SharedData.isAvailable, "needs ../shared/data"))
    func realProjectIsFetchedAsItIs() async throws {
        let lines = try SharedData.gzippedLines("jira/duraspace.issues.ndjson.gz")
        try await SimulatedJira.run(issues: lines) { jira in
            try await withTransport { transport in
                let budget = JiraBudget(context: BudgetTime().context())
                let client = jira.client(transport, budget: budget)
                let ids = jira.issueIDs
                var found = 0
                for start in stride(from: 0, to: ids.count, by: 1000) {
                    let answer = try await client.issues(Array(ids[start..<min(start + 1000, ids.count)]))
                    #expect(answer.missing.isEmpty)
                    for issue in answer.found {
                        found += 1
                        let body = try JSON(parsing: issue.body)
                        let document = try #require(jira.document(of: issue.id))
                        for (name, value) in body["issue", "fields"]?.members ?? [] where name != "comment" {
                            #expect(document["fields", name] == value)
                        }
                        #expect(body["issue", "fields", "status"] != nil)
                        #expect(
                            body["issue", "fields", "comment", "comments"] == document["fields", "comment", "comments"])
                        let histories = Self.byTime(document["changelog", "histories"]?.elements ?? [])
                        #expect(body["issue", "changelog", "histories"] == .array(histories))
                    }
                }
                #expect(found == lines.count)
                let calls = await budget.callCount
                #expect(calls == jira.requestCount)
                #expect(Double(calls) / Double(found) <= 0.05, "\(calls) calls for \(found) issues")
                #expect(jira.violations.isEmpty)
            }
        }
    }

    private static func byTime(_ histories: [JSON]) -> [JSON] {
        histories.sorted { first, second in
            let times = [first, second].map { $0["created"]?.text ?? "" }
            let numbers = [first, second].map { Int($0["id"]?.text ?? "") ?? 0 }
            return (times[0], numbers[0]) < (times[1], numbers[1])
        }
    }
}
