public import Domain
import Foundation
public import Outbound

/// Checks whether alerts can reach a tenant's channels. Sends nothing.
public struct ChannelDiagnosis: Sendable {
    private let http: HTTPChannel
    private let hasMail: Bool
    private let openTarget: @Sendable (String) throws -> String

    /// - Parameters:
    ///   - client: says which addresses are called; its owner shuts it down.
    ///   - hasMail: whether this host has a mail server, which is checked for all tenants at once.
    ///   - openTarget: decrypts a channel's target.
    public init(
        client: OutboundClient, hasMail: Bool, openTarget: @escaping @Sendable (String) throws -> String
    ) {
        http = HTTPChannel(client: client)
        self.hasMail = hasMail
        self.openTarget = openTarget
    }

    /// A check for each enabled channel, in their order, after one that says where none takes alerts.
    public func checks(of channels: [AlertChannel]) async -> [DiagnosticCheck] {
        let channels = channels.filter(\.isEnabled)
        guard !channels.isEmpty else {
            return [
                DiagnosticCheck(
                    "channels", .warning, "no channel is configured: alerts are not delivered",
                    remedy: "POST /api/alert-channels adds one; GET /api/alerts shows what was raised")
            ]
        }
        let checks = await withTaskGroup(of: (Int, DiagnosticCheck).self) { group in
            for (index, channel) in channels.enumerated() { group.addTask { (index, await check(channel)) } }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        guard !channels.contains(where: \.takesAlerts) else { return checks }
        let warning = DiagnosticCheck(
            "channels", .warning, "every channel gets only digests: alerts are not delivered",
            remedy: "leave out \"alerts\": \"none\" of a channel, or add one with POST /api/alert-channels")
        return [warning] + checks
    }

    private func check(_ channel: AlertChannel) async -> DiagnosticCheck {
        let name = "channel.\(channel.kind.rawValue)"
        let title = channel.takesAlerts ? channel.name : "\(channel.name) (digests alone)"
        switch channel.kind {
        case .email:
            return hasMail
                ? DiagnosticCheck(name, .ok, "\(title): mail is sent through this host's mail server")
                : DiagnosticCheck(
                    name, .failed, "\(title): this host sends no mail",
                    remedy: "set smtp.host and smtp.from in its configuration")
        case .slack, .teams, .webhook, .alertmanager:
            let target: String
            do {
                target = WebhookTarget.url(of: channel.kind, target: try openTarget(channel.target))
            } catch {
                return DiagnosticCheck(
                    name, .failed, "\(title): its target cannot be decrypted with the configured keys",
                    remedy: "enter the channel again, or configure the key that encrypted it")
            }
            let host = URLComponents(string: target)?.host ?? "its host"
            switch await http.checkHost(of: target) {
            case .accepted: return DiagnosticCheck(name, .ok, "\(title): \(host) can be reached")
            case .permanent(let reason):
                return DiagnosticCheck(
                    name, .failed, "\(title): \(reason)",
                    remedy: """
                        correct the channel's address; the operator can list a host on a private network in \
                        alerts.allowed_hosts
                        """)
            case .transient(let reason, _):
                return DiagnosticCheck(
                    name, .failed, "\(title): \(host): \(reason)",
                    remedy: "check its DNS name, the firewall and proxies between this host and it")
            }
        }
    }
}
