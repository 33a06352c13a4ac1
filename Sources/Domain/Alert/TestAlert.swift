/// A message that somebody asked for, to see whether a channel works.
public struct TestAlert: Sendable, Hashable {
    /// The channel's name.
    public var channel: String
    /// The tenant's Jira.
    public var siteURL: String

    public init(channel: String, siteURL: String) {
        self.channel = channel
        self.siteURL = siteURL
    }
}
