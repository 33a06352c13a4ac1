import Domain
public import Forecast
import Foundation
import JiraCloud
import Logging
public import RiskEngine
import ServiceLifecycle
public import Store
import Synchronization
import WorkLoop

// As the composition root makes them.
extension RiskStore: RescoreStore {}
extension RiskStore: ServingStore {}

/// Issues of a real store scored again, without forecasts and with them: as time or a change of rules has them scored, or upon a webhook
/// of each, which is decoded and folded besides.
final class RescoreTrial: Sendable {
    private let stream: Stream
    private let count: Int
    private let takesFinished: Bool
    private let byWebhook: Bool
    let store: RiskStore
    let folder: URL
    let tenant = TenantID(UUID())
    private let now: Mutex<Timestamp>
    /// One for all laps, as the daemon has it: it loads a tenant's model once.
    private let forecaster: IssueForecaster

    /// - Parameters:
    ///   - takesFinished: whether finished issues are among those that are taken.
    ///   - byWebhook: whether a webhook has each issue scored again.
    init(_ stream: Stream, count: Int, takesFinished: Bool = false, byWebhook: Bool = false) async throws {
        self.stream = stream
        self.count = count
        self.takesFinished = takesFinished
        self.byWebhook = byWebhook
        now = Mutex(stream.end.adding(days: 1))
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("serving-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try await RiskStore.sqlite(path: folder.appendingPathComponent("c.sqlite").path, now: stream.end)
        forecaster = IssueForecaster(library: ForecastLibrary(store: store))
    }

    func run() async throws {
        try await fill()
        var seconds: [Bool: [Double]] = [false: [], true: []]
        for round in 0..<8 {
            let withForecast = round % 2 == 1
            if round == 1 { try await saveBasis() }
            // The first round has no basis yet; later ones without forecast have a rescorer that makes none.
            let spent = try await lap(withForecast: withForecast)
            if round > 1 { seconds[withForecast]?.append(spent) }
        }
        for (name, with) in [("without forecast", false), ("with forecast", true)] {
            let best = (seconds[with] ?? []).min() ?? 0
            print(
                name.padding(toLength: 20, withPad: " ", startingAt: 0), three(1000 * best / Double(issues.count)),
                "ms an issue")
        }
        let (with, without) = (seconds[true]?.min() ?? 0, seconds[false]?.min() ?? 1)
        print("ratio", three(with / without))
        try FileManager.default.removeItem(at: folder)
    }

    private var issues: [IssueID] {
        taken.map(\.issue.id)
    }

    /// The first issues of the stream, by id.
    var taken: [IssuePast] {
        Array(stream.pasts().filter { takesFinished || !$0.issue.isOver }.prefix(count))
    }

    /// Stores the webhooks of the issues, and has them scored.
    func fill() async throws {
        try await store.createTenant(
            NewTenant(
                tenant: Tenant(
                    id: tenant, companyName: "Benchmark", jiraURL: "https://b.example", jiraEmail: "b@example.com",
                    plan: .starter, status: .active, limits: Plan.starter.limits, dailyRatePerPerson: 0,
                    createdAt: stream.end, updatedAt: stream.end, trialEndsAt: nil),
                jiraTokenEncrypted: "", apiKeyHash: "b", webhookSecretID: UUID(), webhookSecretEncrypted: "", rules: []),
            by: .system("test"))
        let chosen = Set(issues)
        let decoder = JiraWebhookDecoder()
        for (number, entry) in stream.bodies.enumerated() where chosen.contains(entry.issue) {
            let route = decoder.route(entry.body)
            _ = try await store.inbox.append(
                WebhookDelivery(
                    tenantID: tenant, deliveryID: "\(number)", receivedAt: entry.at, event: "jira:issue_updated",
                    sentAt: entry.at, routing: route.routing, body: entry.body))
        }
        _ = try await work(withForecast: false)
    }

    /// Stores the last webhook of each issue once more, as one that Jira sent `at` this instant. Not counted in a lap.
    private func sendAgain(_ at: Timestamp) async throws {
        let chosen = Set(issues)
        var last: [IssueID: [UInt8]] = [:]
        for entry in stream.bodies where chosen.contains(entry.issue) { last[entry.issue] = entry.body }
        let decoder = JiraWebhookDecoder()
        for (issue, body) in last.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            _ = try await store.inbox.append(
                WebhookDelivery(
                    tenantID: tenant, deliveryID: "\(issue) \(at)", receivedAt: at, event: "jira:issue_updated",
                    sentAt: at,
                    routing: decoder.route(body).routing, body: body))
        }
    }

    private func saveBasis() async throws {
        let histories = stream.histories(of: stream.pasts())
        let model = try stream.model(histories)
        let at = now.withLock { $0 }
        try await store.requestTraining(tenant, reason: .manual, dueAt: at)
        guard let claim = try await store.claimTraining(now: at, leaseUntil: at.adding(seconds: 60)) else {
            fail("the training is not due")
        }
        try await store.saveModel(
            ForecastModelRecord(
                id: try model.id, kind: "boosted", state: .active, createdAt: at, cutAt: at,
                file: [UInt8](try CanonicalJSON.encode(model))), under: claim)
        try await store.saveForecastBasis(
            ForecastBasis(
                pace: try SampleMaker().pace(of: histories, asOf: stream.end).stored(), asOf: stream.end,
                finished: 1000,
                judgedModelID: try model.id), under: claim)
        try await store.release(claim, dueAt: at.adding(days: 7), error: nil, now: at)
    }

    /// Processor seconds to score all issues again, an hour after the last time.
    private func lap(withForecast: Bool) async throws -> Double {
        let at = now.withLock { now in
            now = now.adding(seconds: 3600)
            return now
        }
        if byWebhook {
            try await sendAgain(at)
        } else {
            try await store.enqueueIssues(issues, of: tenant, now: at)
        }
        return try await work(withForecast: withForecast)
    }

    private func work(withForecast: Bool) async throws -> Double {
        let rescorer = Rescorer(
            store: store,
            analyst: IssueAnalyst(
                store: store, scorer: stream.scorer, classifiers: ClassifierSlot(WordListClassifier())),
            readEvent: JiraWebhookDecoder(isAutomaticReply: AutomaticReply.isOne).fragment(of:for:fields:own:),
            decideAlerts: { _, _, _, _, _, _, _, _, _, _ in AlertDecision() }, routeAlerts: { _, _, _ in },
            makeForecast: { [forecaster] in
                guard withForecast else { return nil }
                return try await forecaster.forecast(
                    of: $0, sprints: $1, statuses: $2, tenantID: $3, basis: $4, isExplained: $5, now: $6)
            }, nudges: Nudge().stream, now: { [self] in now.withLock { $0 } }, onLoop: {}, onAlerts: {},
            logger: Logger(label: "rescorer"))
        let start = processorSeconds()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await rescorer.run() }
            while true {
                try await Task.sleep(for: .milliseconds(20))
                let figures = try await store.figures(now: now.withLock { $0 })
                if figures.pendingEvents == 0, figures.dueIssues == 0 { break }
            }
            group.cancelAll()
        }
        return processorSeconds() - start
    }
}
