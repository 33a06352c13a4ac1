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

    enum CodingKeys: String, CodingKey {
        case id, kind, name, enabled, destination
        case showRestricted = "show_restricted"
    }

    /// `target` is the channel's target, unsealed.
    init(_ channel: AlertChannel, target: String) {
        self.id = channel.id.canonicalText
        self.kind = channel.kind
        self.name = channel.name
        self.enabled = channel.isEnabled
        self.showRestricted = channel.showsRestricted
        switch channel.kind {
        case .slack: self.destination = URLComponents(string: target)?.host ?? ""
        case .email: self.destination = target
        }
    }
}
