import Domain
import Foundation

/// An alert channel as it may be shown: a mail channel with its addresses, a Slack channel with its URL's host only,
/// since anyone who has the URL can post.
struct ChannelView: Encodable, Sendable {
    var id: String
    var kind: AlertChannel.Kind
    var name: String
    var enabled: Bool
    var destination: String
    var showRestricted: Bool
    var quietHours: Nullable<QuietHoursView>

    /// `target` is the channel's target, unsealed.
    init(_ channel: AlertChannel, target: String) {
        self.id = channel.id.canonicalText
        self.kind = channel.kind
        self.name = channel.name
        self.enabled = channel.isEnabled
        self.showRestricted = channel.showsRestricted
        self.quietHours = Nullable(channel.quietHours.map(QuietHoursView.init))
        switch channel.kind {
        case .slack: self.destination = URLComponents(string: target)?.host ?? ""
        case .email: self.destination = target
        }
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
            Span(weekdays: $0.weekdays.sorted(), from: Self.time($0.from), to: Self.time($0.to))
        }
        self.dates = quietHours.dates.sorted()
        self.breakthrough = Nullable(quietHours.breakthrough)
    }

    private static func time(_ minutes: Int) -> String {
        [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
