import Domain
import Foundation
import Logging
import Outbound
import TestSupport
import Testing

@testable import Alerts

@Suite(.enabled(if: Alertmanager.isUsable, "\(Alertmanager.isMissing)"))
struct AlertmanagerTests {
    private let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))

    private func alert(_ event: Alert.Event = .raised, at instant: Timestamp, score: Int = 80) -> Alert {
        var alert = Alert.sample()
        alert.event = event
        alert.createdAt = instant
        if case .issue(var issue) = alert.subject {
            issue.score = score
            alert.subject = .issue(issue)
        }
        return alert
    }

    private func withSink(_ body: (AlertmanagerSink) async throws -> Void) async throws {
        let client = OutboundClient(policy: AddressPolicy(allowedHosts: ["127.0.0.1"]), requiresTLS: false)
        do { try await body(AlertmanagerSink(client: client)) } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    private func channel(_ server: Alertmanager) -> AlertChannel {
        AlertChannel(id: UUID(), kind: .alertmanager, name: "ops", target: "http://127.0.0.1:\(server.port)/")
    }

    @Test func whatIsRaisedIsActiveUntilItIsResolved() async throws {
        let server = try await Alertmanager()
        try await withSink { sink in
            let raised = alert(at: now.adding(seconds: -60))
            let first = await sink.deliver(AlertMessage(raised), to: channel(server), now: now)
            #expect(first == .accepted)
            let active = try await server.alerts()
            #expect(active.count == 1)
            let shown = try #require(active.first)
            let issue = try #require(raised.issue)
            #expect(
                shown.labels == [
                    "alertname": "JiraIssueAtRisk", "tenant": "\(raised.tenantID)", "issue": "\(issue.issueKey)",
                    "project": issue.projectKey, "rule": issue.ruleName, "kind": "threshold",
                ])
            #expect(shown.annotations["score"] == "80")
            #expect(shown.annotations["summary"] == AlertText(raised).headline)
            #expect(shown.generatorURL == issue.url)

            // The same alert with another score stays one.
            let again = await sink.deliver(
                AlertMessage(alert(at: now.adding(seconds: -60), score: 85)), to: channel(server), now: now)
            #expect(again == .accepted)
            let changed = try await server.alerts()
            #expect(changed.map { $0.annotations["score"] } == ["85"])

            let resolved = alert(.resolved, at: now.adding(seconds: -1), score: 20)
            let last = await sink.deliver(AlertMessage(resolved), to: channel(server), now: now)
            #expect(last == .accepted)
            try await eventually("the alert is resolved") { try await server.alerts().isEmpty }
        }
    }

    @Test func aTestAndRefusedAccessAreTaken() async throws {
        let server = try await Alertmanager()
        try await withSink { sink in
            let results = await ChannelTest(sinks: [.alertmanager: sink], now: { [now] in now })
                .run(channel(server), of: TenantID(UUID()), siteURL: "https://acme.atlassian.net")
            #expect(results?.map(\.attempt) == [.accepted])
            let tests = try await server.alerts()
            #expect(tests.map { $0.labels["alertname"] } == ["ConsilodTest"])
        }
    }

    @Test func whatIsStillRaisedIsThereAgainAfterARestart() async throws {
        let server = try await Alertmanager()
        let channel = channel(server)
        let raised = alert(at: now.adding(seconds: -60))
        let outbox = MemoryOutbox([], clock: SettableClock(now), firing: [channel.id: [raised]], channels: [channel])
        try await withSink { sink in
            let refresh = AlertmanagerRefresh(
                outbox: outbox, sink: sink, openTarget: { $0 }, now: { [now] in now },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            await refresh.refresh()
            let before = try await server.alerts()
            #expect(before.count == 1)
            server.stop()
            let restarted = try await Alertmanager(port: server.port)
            let emptied = try await restarted.alerts()
            #expect(emptied.isEmpty)
            await refresh.refresh()
            #expect(
                try await restarted.alerts().map { $0.labels["issue"] } == ["\(raised.issue?.issueKey ?? "")"])
        }
    }

    @Test func quietHoursHoldForWhatIsSentAgain() async throws {
        let server = try await Alertmanager()
        var channel = channel(server)
        channel.quietHours = QuietHours(
            timeZone: "UTC", spans: [QuietHours.Span(weekdays: Set(1...7), from: 0, to: 1440)])
        let outbox = MemoryOutbox(
            [], clock: SettableClock(now), firing: [channel.id: [alert(at: now)]], channels: [channel])
        try await withSink { sink in
            await AlertmanagerRefresh(
                outbox: outbox, sink: sink, openTarget: { $0 }, now: { [now] in now },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ).refresh()
            let quiet = try await server.alerts()
            #expect(quiet.isEmpty)
        }
    }
}
