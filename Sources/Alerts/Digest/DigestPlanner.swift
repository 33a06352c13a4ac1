import Domain
import Foundation

/// Makes a digest an alert with the one notification that carries it. Pure: a decision made twice is the same (P4).
struct DigestPlanner: Sendable {
    /// The digest for a channel. It waits for no group and no quiet hours, and no silence keeps it back: the channel asked for
    /// it at this time.
    func decide(_ content: DigestContent, for channel: AlertChannel, of tenantID: TenantID) -> AlertDecision {
        let period = "\(content.isRequested ? "requested" : "due") \(content.to.milliseconds)"
        let alert = Alert(
            id: UUID(named: "\(tenantID)|digest|\(channel.id.canonicalText)|\(period)"), tenantID: tenantID,
            event: .raised, band: RiskBand(score: content.riskiest.first?.score ?? 0),
            headline: DigestText(content).headline, createdAt: content.asOf, channelIDs: [channel.id],
            subject: .digest(content))
        return AlertDecision(
            alerts: [alert],
            notifications: [
                AlertNotification(
                    id: UUID(named: "\(tenantID)|\(alert.id.canonicalText)|\(channel.id.canonicalText)"),
                    channelID: channel.id, channelName: channel.name, channelKind: channel.kind,
                    groupKey: "digest:\(period)", notifyAt: content.asOf, alertIDs: [alert.id])
            ])
    }
}
