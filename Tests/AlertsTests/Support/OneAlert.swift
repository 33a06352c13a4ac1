import Domain
import Foundation

@testable import Alerts

// Most tests are about a message with one alert.

extension AlertSink {
    func deliver(_ alert: Alert, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        await deliver(AlertMessage(alert), to: channel, now: now)
    }
}

extension SlackMessage {
    init(_ alert: Alert) { self.init(AlertMessage(alert)) }

    static func render(_ alert: Alert) throws -> Data { try render(AlertMessage(alert)) }
}

extension MailMessage {
    init(_ alert: Alert, from sender: MailAddress, to recipient: MailAddress, channelID: UUID, now: Timestamp) {
        self.init(AlertMessage(alert), from: sender, to: recipient, channelID: channelID, now: now)
    }
}

extension MailHTML {
    static func render(_ words: AlertText, of alert: Alert) -> String { render(words, band: alert.band) }
}
