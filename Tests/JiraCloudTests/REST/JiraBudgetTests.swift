import Domain
import JiraCloud
import TestSupport
import Testing

@Suite struct JiraBudgetTests {
    /// A site with one issue, and a client whose time only moves when it sleeps.
    private func site(
        _ limits: JiraBudget.Limits = JiraBudget.Limits(), random: Double = 0.5,
        _ body: (SimulatedJira, JiraClient, BudgetTime) async throws -> Void
    ) async throws {
        try await SimulatedJira.run { jira in
            try jira.add(SimulatedJira.issue("1", key: "ENG-1", updated: midday))
            try await withTransport { transport in
                let time = BudgetTime()
                let budget = JiraBudget(limits: limits, context: time.context(random: random))
                try await body(jira, jira.client(transport, budget: budget), time)
            }
        }
    }

    private func ask(_ client: JiraClient) async -> JiraError? {
        await failure { () async throws(JiraError) in try await client.myself() }
    }

    @Test func retryAfterIsObeyed() async throws {
        try await site(random: 0) { jira, client, time in
            jira.script(.status(429, headers: ["Retry-After": "7"]), on: .myself)
            #expect(await ask(client) == nil)
            #expect(time.slept == [.seconds(7)])
            #expect(await client.budget.callCount == 2)
        }
    }

    @Test func resetIsWaitedForWhereNoRetryAfterIs() async throws {
        try await site(random: 0) { jira, client, time in
            let reset = time.now.adding(seconds: 20)
            jira.script(.status(429, headers: ["X-RateLimit-Reset": reset.description]), on: .myself)
            #expect(await ask(client) == nil)
            #expect(time.slept == [.seconds(20)])
        }
    }

    @Test func longPatienceIsToldInsteadOfWaited() async throws {
        try await site { jira, client, time in
            jira.script(.status(429, headers: ["Retry-After": "3600"]), on: .myself)
            let until = time.now.adding(seconds: 3600)
            #expect(await ask(client) == .rateLimited(until: until))
            // The next one does not even ask.
            #expect(await ask(client) == .rateLimited(until: until))
            #expect(jira.requestCount == 1)
            #expect(time.slept.isEmpty)
            #expect(await client.budget.quietUntil == until)
        }
    }

    @Test(arguments: ["X-RateLimit-NearLimit", "X-Beta-RateLimit-NearLimit"])
    func nearTheLimitCallsAreSpreadOverTheTimeThatIsLeft(header: String) async throws {
        try await site { jira, client, time in
            let reset = time.now.adding(seconds: 20)
            jira.script(
                .headers([header: "true", "X-RateLimit-Remaining": "10", "X-RateLimit-Reset": reset.description]),
                on: .myself)
            for _ in 1...4 { #expect(await ask(client) == nil) }
            // The first tells of the limit, the second may start at once.
            #expect(time.slept == [.seconds(2), .seconds(2)])
        }
    }

    @Test func quotaThatHasRunOutIsNoReasonToWaitWhileJiraAnswers() async throws {
        try await site { jira, client, time in
            jira.script(.headers(["Beta-RateLimit": "\"tenant-app-quota\";r=0;t=2788"]), on: .myself)
            for _ in 1...2 { #expect(await ask(client) == nil) }
            #expect(time.slept.isEmpty)
        }
    }

    @Test(arguments: [500, 502, 503, 504, 429])
    func failuresAreRepeatedSoManyTimesAndNoMore(status: Int) async throws {
        try await site(.init(attempts: 3)) { jira, client, _ in
            jira.script(.status(status), on: .myself, times: 100)
            let error = try #require(await ask(client))
            if status == 429 {
                guard case .rateLimited = error else { throw Unexpected("\(error)") }
            } else {
                #expect(error == .unavailable(reason: "it answered \(status)"))
            }
            #expect(jira.requestCount == 3)
        }
    }

    @Test func backOffDoublesUpToItsBoundWithFullJitter() async throws {
        let limits = JiraBudget.Limits(attempts: 6, firstDelay: .seconds(1), longestDelay: .seconds(5))
        try await site(limits, random: 0.5) { jira, client, time in
            jira.script(.status(500), on: .myself, times: 100)
            _ = await ask(client)
            #expect(time.slept == [0.5, 1, 2, 2.5, 2.5].map { Duration.seconds($0) })
        }
        try await site(limits, random: 0) { jira, client, time in
            jira.script(.status(500), on: .myself, times: 100)
            _ = await ask(client)
            #expect(time.slept == Array(repeating: .zero, count: 5))
        }
    }

    @Test func droppedConnectionIsTriedAgain() async throws {
        try await site { jira, client, _ in
            jira.script(.drop, on: .myself, times: 2)
            #expect(await ask(client) == nil)
            #expect(jira.requestCount == 3)
        }
    }

    @Test func nobodyListeningIsUnavailable() async throws {
        let port = try await SimulatedJira.run { $0.port }
        try await withTransport { transport in
            let budget = JiraBudget(limits: .init(attempts: 2), context: BudgetTime().context())
            let client = JiraClient(
                account: JiraAccount(siteURL: "http://127.0.0.1:\(port)", email: "a@b.example", token: "t"),
                transport: transport, budget: budget, logger: quietLogger)
            guard case .unavailable = await ask(client) else { throw Unexpected("no failure") }
            #expect(await budget.callCount == 2)
        }
    }

    @Test func refusedTokenStopsAllCallsUntilResumed() async throws {
        try await site { jira, client, time in
            jira.setToken("another")
            #expect(await ask(client) == .unauthorized)
            #expect(await client.budget.stoppedBecause == .unauthorized)
            let asked = jira.requestCount
            for _ in 1...5 { #expect(await ask(client) == .unauthorized) }
            #expect(jira.requestCount == asked)
            #expect(time.slept.isEmpty)
            jira.setToken(SimulatedJira.token)
            await client.budget.resume()
            #expect(await ask(client) == nil)
        }
    }

    @Test func answerAsToAStrangerIsARefusedToken() async throws {
        try await site { jira, client, _ in
            jira.script(.anonymous, on: .bulkFetch)
            // Else the issue would count as deleted.
            let error = await failure { () async throws(JiraError) in try await client.issues(["1"]) }
            #expect(error == nil || error == .unauthorized)
            #expect(await client.budget.stoppedBecause == error)
            #expect(error == .unauthorized)
        }
    }

    @Test func missingPermissionStopsOnlyWhereItMatters() async throws {
        try await site { jira, client, _ in
            jira.setAdministrator(false)
            let webhooks = await failure { () async throws(JiraError) in try await client.webhooks() }
            #expect(webhooks == .forbidden)
            jira.script(.status(403), on: .boards)
            let boards = await failure { () async throws(JiraError) in try await client.boards() }
            #expect(boards == .forbidden)
            #expect(await client.budget.stoppedBecause == nil)
            jira.script(.status(403), on: .search)
            let search = await failure { () async throws(JiraError) in try await client.search(jql: "project = ENG") }
            #expect(search == .forbidden)
            #expect(await client.budget.stoppedBecause == .forbidden)
            #expect(await ask(client) == .forbidden)
        }
    }

    @Test func aMissingScopeIsNamedAndIsNoRefusedToken() async throws {
        try await SimulatedJira.run(token: .scoped) { jira in
            try await withTransport { transport in
                let client = jira.client(transport)
                _ = try await client.myself()
                jira.script(.missingScope, on: .boards)
                let boards = await failure { () async throws(JiraError) in try await client.boards() }
                #expect(boards == .scopeMissing)
                jira.script(.missingScope, on: .webhooks)
                let webhooks = await failure { () async throws(JiraError) in try await client.webhooks() }
                #expect(webhooks == .scopeMissing)
                #expect(await client.budget.stoppedBecause == nil)
                jira.script(.missingScope, on: .search)
                let search = await failure { () async throws(JiraError) in
                    try await client.search(jql: "project = ENG")
                }
                #expect(search == .scopeMissing)
                #expect(search?.description.contains("read:jira-work and read:jira-user") == true)
                #expect(await client.budget.stoppedBecause == .scopeMissing)
            }
        }
    }

    @Test func onlySoManyCallsRunAtATime() async throws {
        try await SimulatedJira.run { jira in
            jira.script(.latency(.milliseconds(30)), on: .myself, times: 30)
            try await withTransport { transport in
                let client = jira.client(transport, budget: JiraBudget(limits: .init(concurrency: 3)))
                await withTaskGroup(of: JiraError?.self) { group in
                    for _ in 1...30 { group.addTask { await ask(client) } }
                    for await error in group { #expect(error == nil) }
                }
                #expect(jira.count(of: .myself) == 30)
                #expect((2...3).contains(jira.mostConcurrent))
            }
        }
    }

    @Test func cancelledCallLeavesItsPlaceToOthers() async throws {
        try await SimulatedJira.run { jira in
            try await withTransport { transport in
                let client = jira.client(transport, budget: JiraBudget(limits: .init(concurrency: 1)))
                jira.script(.latency(.seconds(600)), on: .myself)
                await withTaskGroup(of: JiraError?.self) { group in
                    for _ in 1...3 { group.addTask { await ask(client) } }
                    try? await eventually("a call is under way") { jira.count(of: .myself) == 1 }
                    group.cancelAll()
                    for await error in group { #expect(error == .cancelled) }
                }
                #expect(await ask(client) == nil)
            }
        }
    }

    @Test func webhookThatMayHaveBeenMadeIsNotMadeTwice() async throws {
        try await site { jira, client, _ in
            jira.script(.status(502), on: .webhooks)
            let error = await failure { () async throws(JiraError) in
                try await client.createWebhook(
                    name: "consilod", url: "https://example.com/h", events: ["jira:issue_updated"], jqlFilter: "",
                    secret: "s3cret")
            }
            #expect(error == .unavailable(reason: "it answered 502"))
            #expect(jira.count(of: .webhooks) == 1)
        }
    }
}
