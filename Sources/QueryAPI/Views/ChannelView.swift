import Alerts
import Domain
import Foundation
import Queries

/// An alert channel as it may be shown: a mail channel with its addresses, the others with their URL's host only, since
/// anyone who has the URL can post.
struct ChannelView: Encodable, Sendable {
    /// An address of a mail channel, and what its owner says.
    struct Recipient: Encodable, Sendable {
        var address: String
        var state: MailRecipient.State
        var changedAt: Nullable<Timestamp>
        var confirmationSentAt: Nullable<Timestamp>

        init(_ entry: MailRecipients.Entry) {
            self.address = entry.address
            self.state = entry.state
            self.changedAt = Nullable(entry.changedAt)
            self.confirmationSentAt = Nullable(entry.confirmationSentAt)
        }
    }

    var id: String
    var kind: AlertChannel.Kind
    var name: String
    var enabled: Bool
    var destination: String
    var showRestricted: Bool
    var quietHours: Nullable<QuietHoursView>
    var digest: Nullable<DigestScheduleView>
    var alerts: AlertsOnChannel
    /// Whether anything is sent there: the tenant's plan has such channels.
    var allowedByPlan: Bool
    /// Only where it was just made.
    var signingSecret: String?
    /// Only of a mail channel.
    var recipients: [Recipient]?

    init(_ shown: AlertChannels.Shown) {
        let channel = shown.channel
        self.recipients = channel.kind == .email ? shown.recipients.map(Recipient.init) : nil
        self.signingSecret = shown.signingSecret
        self.id = channel.id.canonicalText
        self.kind = channel.kind
        self.name = channel.name
        self.enabled = channel.isEnabled
        self.showRestricted = channel.showsRestricted
        self.quietHours = Nullable(channel.quietHours.map(QuietHoursView.init))
        self.digest = Nullable(channel.digest.map(DigestScheduleView.init))
        self.alerts = channel.takesAlerts ? .all : .none
        self.destination = shown.destination
        self.allowedByPlan = !shown.isOutsidePlan
    }
}

/// What became of a test of a channel.
struct ChannelTestView: Encodable, Sendable {
    struct Result: Encodable, Sendable {
        var recipient: Nullable<String>
        var delivered: Bool
        var error: Nullable<String>
    }

    var delivered: Bool
    var results: [Result]

    init(_ results: [ChannelTest.Result]) {
        self.results = results.map { result in
            let error: String? =
                switch result.attempt {
                case .accepted: nil
                case .transient(let reason, _), .permanent(let reason): reason
                }
            return Result(recipient: Nullable(result.recipient), delivered: error == nil, error: Nullable(error))
        }
        delivered = self.results.allSatisfy(\.delivered)
    }
}

/// When nothing is sent to a channel.
struct QuietHoursView: Encodable, Sendable {
    struct Span: Encodable, Sendable {
        var weekdays: [Int]
        var from: String
        var to: String
    }

    var timeZone: String
    var spans: [Span]
    var dates: [CalendarDay]
    var breakthrough: Nullable<RiskBand>

    init(_ quietHours: QuietHours) {
        self.timeZone = quietHours.timeZone
        self.spans = quietHours.spans.map {
            Span(weekdays: $0.weekdays.sorted(), from: TimeOfDay.text($0.from), to: TimeOfDay.text($0.to))
        }
        self.dates = quietHours.dates.sorted()
        self.breakthrough = Nullable(quietHours.breakthrough)
    }
}
