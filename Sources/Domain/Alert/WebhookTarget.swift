import Foundation

/// Where a `webhook` channel posts to, and the secrets that sign what it posts: the form of ``AlertChannel/target``.
public struct WebhookTarget: Sendable, Hashable, Codable {
    /// A secret that is being replaced.
    public struct Previous: Sendable, Hashable, Codable {
        /// As ``WebhookTarget/secret``.
        public var secret: String
        /// Until when it signs as well, in milliseconds since 1970.
        public var until: Int64

        public init(secret: String, until: Timestamp) {
            self.secret = secret
            self.until = until.milliseconds
        }
    }

    /// An http or https URL.
    public var url: String
    /// `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks).
    public var secret: String
    /// The secret before, for the time in which receivers change theirs; nil if the secret was never replaced.
    public var previous: Previous?

    private enum CodingKeys: String, CodingKey { case url, secret, previous }

    public init(url: String, secret: String, previous: Previous? = nil) {
        self.url = url
        self.secret = secret
        self.previous = previous
    }

    /// Reads the form in which a channel's target holds it; nil for anything else.
    public init?(target: String) {
        // Written by the API alone.
        guard let read = try? CanonicalJSON.decode(Self.self, from: Data(target.utf8)) else { return nil }
        self = read
    }

    /// The form in which a channel's target holds it.
    public func target() throws -> String { String(decoding: try CanonicalJSON.encode(self), as: UTF8.self) }

    /// The address of a channel that is called by HTTP.
    ///
    /// - Parameter target: the channel's, in clear.
    public static func url(of kind: AlertChannel.Kind, target: String) -> String {
        kind == .webhook ? WebhookTarget(target: target)?.url ?? "" : target
    }

    /// The secrets that sign at an instant, the newest first.
    public func secrets(at now: Timestamp) -> [String] {
        guard let previous, previous.until > now.milliseconds else { return [secret] }
        return [secret, previous.secret]
    }
}
