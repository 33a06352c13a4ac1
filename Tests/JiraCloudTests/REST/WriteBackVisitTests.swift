import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import JiraCloud

/// One look at a tenant's issues, with a simulated Jira that refuses or is slow.
@Suite struct WriteBackVisitTests {
    private static let tenantID = TenantID(UUID())

    private static func claim(_ settings: WriteBackSettings = WriteBackSettings(target: .property)) -> WriteBackClaim {
        WriteBackClaim(tenantID: tenantID, leaseToken: "lease", attempts: 0, settings: settings)
    }

    /// Looks at issues of these projects, in this order, with 1 as the first one's number.
    private func visit(
        _ projects: [String], closed: Set<String> = [], _ options: JiraWriter.Options = JiraWriter.Options(),
        step seconds: Int64 = 0, restricted: Set<IssueID> = []
    ) async throws -> (outcome: WriteBackVisit.Outcome, written: [IssueID], store: ScriptedWrites) {
        let issues = projects.enumerated().map { number, project in
            (id: IssueID("\(number + 1)"), key: "\(project)-\(number + 1)", project: project)
        }
        let store = ScriptedWrites(
            due: issues.map {
                IssueToWrite(issueID: $0.id, projectKey: $0.project, risk: WrittenRisk(score: 70), attempts: 0)
            },
            restricted: restricted)
        return try await SimulatedJira.run { jira in
            for issue in issues {
                try jira.add(SimulatedJira.issue(issue.id.rawValue, key: issue.key, updated: midday))
            }
            jira.close(closed)
            return try await withTransport { transport in
                let clock = Steps(of: seconds)
                var visit = WriteBackVisit(
                    claim: Self.claim(), store: store, options: options, now: { clock.next() },
                    metrics: WriteBackMetrics(), logger: quietLogger)
                let outcome = try await visit.run(with: jira.client(transport))
                let written = issues.map { $0.id }.filter { jira.property("consilod.risk", of: $0) != nil }
                return (outcome, written, store)
            }
        }
    }

    private func isStopped(_ outcome: WriteBackVisit.Outcome) -> Bool {
        if case .stopped = outcome { true } else { false }
    }

    private func seconds(_ outcome: WriteBackVisit.Outcome) -> Int64? {
        if case .later(let seconds, _) = outcome { seconds } else { nil }
    }

    @Test func aProjectThatRefusesIsLeftOutAndOthersAreWrittenInItsPlace() async throws {
        var options = JiraWriter.Options()
        options.writesPerLook = 8
        let projects = Array(repeating: "OPS", count: 9) + Array(repeating: "PAY", count: 3)
        let (outcome, written, store) = try await visit(projects, closed: ["OPS"], options)
        #expect(seconds(outcome) == options.lookSeconds)
        #expect(written == ["10", "11", "12"])
        #expect(store.refused == ["1", "2", "3", "4", "5"], "five are enough to tell")
    }

    @Test func refusalsInSeveralProjectsStopTheTenant() async throws {
        let (outcome, written, store) = try await visit(
            ["OPS", "PAY", "OPS", "PAY", "OPS", "PAY", "WEB"], closed: ["OPS", "PAY", "WEB"])
        #expect(isStopped(outcome) && written.isEmpty)
        #expect(store.refused == ["1", "2", "3", "4", "5", "7"], "a project that has not refused is tried last")
        let (few, _, others) = try await visit(["OPS", "PAY", "OPS", "PAY", "OPS", "PAY"], closed: ["OPS", "PAY"])
        #expect(isStopped(few) && others.refused.count == 6)
    }

    @Test func projectsWithoutPermissionDoNotHoldUpOthers() async throws {
        let options = JiraWriter.Options()
        let projects = Array(repeating: "OPS", count: 5) + Array(repeating: "PAY", count: 5) + ["WEB", "WEB"]
        let (outcome, written, store) = try await visit(projects, closed: ["OPS", "PAY"], options)
        #expect(seconds(outcome) == options.lookSeconds && written == ["11", "12"])
        #expect(store.refused.count == 10)
        let mixed = try await visit(
            ["OPS", "PAY", "OPS", "PAY", "OPS", "PAY", "WEB"], closed: ["OPS", "PAY"], options)
        #expect(seconds(mixed.outcome) == options.lookSeconds && mixed.written == ["7"])
    }

    @Test func refusalsInTheOnlyProjectStopTheTenant() async throws {
        let (outcome, _, store) = try await visit(Array(repeating: "OPS", count: 9), closed: ["OPS"])
        #expect(isStopped(outcome) && store.refused.count == 5)
    }

    @Test func aLookEndsAfterItsTimeAndGoesOnAtOnce() async throws {
        var options = JiraWriter.Options()
        options.visitSeconds = 1
        let (outcome, written, _) = try await visit(["PAY", "PAY", "PAY"], options, step: 1)
        #expect(seconds(outcome) == 0)
        #expect(written == ["1"], "one is tried, however slow all is")
    }

    @Test func anIssueThatWasRestrictedMeanwhileIsPassedOver() async throws {
        let (outcome, written, store) = try await visit(["PAY", "PAY"], restricted: ["1"])
        #expect(seconds(outcome) == 60 && written == ["2"] && store.refused.isEmpty)
    }

    @Test func oneTenantThatIsSlowHoldsUpNoOther() async throws {
        let (slow, quick) = (TenantID(UUID()), TenantID(UUID()))
        let store = ScriptedWrites(
            claims: [slow, quick].map {
                WriteBackClaim(
                    tenantID: $0, leaseToken: "lease", attempts: 0, settings: WriteBackSettings(target: .property))
            })
        try await withTransport { transport in
            let connections = JiraConnections(
                transport: transport, options: .init(fields: CustomFields(), callsAtOnce: 1),
                credentials: { id in
                    if id == slow { try await Task.sleep(for: .seconds(3600)) }
                    return nil
                }, openToken: { $0 })
            let (nudges, _) = AsyncStream.makeStream(of: Void.self)
            let writer = JiraWriter(
                store: store, connections: connections, nudges: nudges, now: { midday }, logger: quietLogger)
            let run = Task { try await writer.run() }
            defer { run.cancel() }
            try await eventually("the other tenant's turn is over") { store.released == [quick] }
            run.cancel()
            _ = await run.result
        }
    }

    @Test func doctorNamesAFieldThatIsRead() async throws {
        let settings = WriteBackSettings(target: .fields, fields: .init(score: "customfield_10016"))
        let tenant = Tenant(
            id: Self.tenantID, companyName: "acme", jiraURL: "https://acme.atlassian.net",
            jiraEmail: "it@acme.example", plan: .starter, status: .trial, limits: Plan.starter.limits,
            dailyRatePerPerson: 2500, createdAt: midday, updatedAt: midday, trialEndsAt: nil)
        let diagnosis = try #require(WriteBackDiagnosis(WriteBackStatus(settings: settings), of: tenant))
        try await SimulatedJira.run { jira in
            try await withTransport { transport in
                let checks = try await diagnosis.checks(with: jira.client(transport), now: midday)
                let words = checks.map(\.detail).joined(separator: "; ")
                #expect(words.contains("customfield_10016 is read as story points"), "\(words)")
            }
        }
    }
}

/// A clock that moves on by so many seconds at each look at it.
private final class Steps: Sendable {
    private let now = Mutex(midday)
    private let seconds: Int64

    init(of seconds: Int64) { self.seconds = seconds }

    func next() -> Timestamp {
        now.withLock { now in
            now = now.adding(seconds: seconds)
            return now
        }
    }
}

/// A store that gives these claims and issues, and keeps what it is told.
private final class ScriptedWrites: WriteBackStore {
    private struct State {
        var claims: [WriteBackClaim]
        var due: [IssueToWrite]
        var refused: [IssueID] = []
        var released: [TenantID] = []
    }

    private let state: Mutex<State>
    private let restricted: Set<IssueID>

    init(claims: [WriteBackClaim] = [], due: [IssueToWrite] = [], restricted: Set<IssueID> = []) {
        state = Mutex(State(claims: claims, due: due))
        self.restricted = restricted
    }

    var refused: [IssueID] { state.withLock { $0.refused } }
    var released: [TenantID] { state.withLock { $0.released } }

    func claimWriteBack(now: Timestamp, leaseUntil: Timestamp) async throws -> WriteBackClaim? {
        state.withLock { $0.claims.isEmpty ? nil : $0.claims.removeFirst() }
    }

    func dueWrites(
        _ claim: WriteBackClaim, except projects: Set<String>, limit: Int, now: Timestamp
    ) async throws -> [IssueToWrite] {
        state.withLock { state in
            Array(state.due.filter { !projects.contains($0.projectKey ?? "") }.prefix(limit))
        }
    }

    func hasOneProject(_ tenantID: TenantID) async throws -> Bool {
        state.withLock { Set($0.due.map(\.projectKey)).count <= 1 }
    }

    func mayWrite(to issueID: IssueID, under claim: WriteBackClaim) async throws -> Bool {
        !restricted.contains(issueID)
    }

    func record(
        _ outcome: WriteOutcome, of issueID: IssueID, under claim: WriteBackClaim, nextAt: Timestamp,
        leaseUntil: Timestamp, now: Timestamp
    ) async throws {
        state.withLock { state in
            if case .refused = outcome { state.refused.append(issueID) }
            state.due.removeAll { $0.issueID == issueID }
        }
    }

    func release(
        _ claim: WriteBackClaim, dueAt: Timestamp, hasFailed: Bool, stop: (until: Timestamp, reason: String)?
    ) async throws {
        state.withLock { $0.released.append(claim.tenantID) }
    }
}
