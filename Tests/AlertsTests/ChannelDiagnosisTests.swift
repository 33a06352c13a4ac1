import Domain
import Foundation
import Outbound
import Testing

@testable import Alerts

/// What `consilod doctor` says of a tenant's channels.
@Suite struct ChannelDiagnosisTests {
    private func checks(of channels: [AlertChannel], hasMail: Bool = true) async throws -> [DiagnosticCheck] {
        // Calls nobody: no host is allowed.
        let client = OutboundClient(policy: AddressPolicy(allowedHosts: []))
        let checks = await ChannelDiagnosis(client: client, hasMail: hasMail, openTarget: { $0 }).checks(of: channels)
        try await client.shutdown()
        return checks
    }

    private func channel(
        _ name: String, _ kind: AlertChannel.Kind = .email, target: String = "lead@example.com",
        takesAlerts: Bool = true, isEnabled: Bool = true
    ) -> AlertChannel {
        AlertChannel(
            id: UUID(), kind: kind, name: name, target: target, isEnabled: isEnabled,
            digest: takesAlerts ? nil : DigestSchedule(every: .day, minute: 480, timeZone: "UTC"),
            takesAlerts: takesAlerts)
    }

    @Test func aChannelForDigestsAloneIsNamedSo() async throws {
        let checks = try await checks(of: [channel("leads"), channel("reports", takesAlerts: false)])
        #expect(checks.map(\.name) == ["channel.email", "channel.email"])
        #expect(checks.map(\.outcome) == [.ok, .ok])
        #expect(checks.map { $0.detail.hasPrefix("leads: ") } == [true, false])
        #expect(checks.map { $0.detail.hasPrefix("reports (digests alone): ") } == [false, true])
    }

    @Test func whereEveryChannelIsForDigestsAloneAlertsReachNobody() async throws {
        let all = [
            channel("reports", takesAlerts: false), channel("weekly", takesAlerts: false),
            channel("old", isEnabled: false),
        ]
        let checks = try await checks(of: all, hasMail: false)
        #expect(checks.map(\.name) == ["channels", "channel.email", "channel.email"])
        #expect(checks.map(\.outcome) == [.warning, .failed, .failed])
        #expect(checks[0].detail == "every channel gets only digests: alerts are not delivered")
        #expect(checks[0].remedy?.contains("POST /api/alert-channels") == true)
        #expect(checks[1].detail == "reports (digests alone): this host sends no mail")
    }

    @Test func whatIsWrongWithSuchAChannelIsSaidAllTheSame() async throws {
        let slack = channel("reports", .slack, target: "http://127.0.0.1:9/hook", takesAlerts: false)
        let checks = try await checks(of: [channel("leads"), slack])
        #expect(checks.map(\.outcome) == [.ok, .failed])
        #expect(checks[1].detail.hasPrefix("reports (digests alone): "))
    }
}
