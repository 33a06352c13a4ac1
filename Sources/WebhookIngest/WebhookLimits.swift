/// What the door takes at most: of one webhook, of one tenant, and of all together.
public struct WebhookLimits: Sendable, Hashable {
    /// Largest body, in bytes; Jira itself sends at most 25 MB.
    public var bodyBytes: Int
    /// Most bytes of bodies in flight over all connections, from their arrival until they are on disk.
    public var bytesInHand: Int
    /// Verified webhooks of one tenant a second, in the long run; 0 for no limit.
    public var rate: Int
    /// Verified webhooks of one tenant that may come at once.
    public var burst: Int

    /// The limits; without arguments those of Jira, and no limit for tenants.
    public init(bodyBytes: Int = 26_214_400, bytesInHand: Int = 134_217_728, rate: Int = 0, burst: Int = 2000) {
        self.bodyBytes = bodyBytes
        self.bytesInHand = bytesInHand
        self.rate = rate
        self.burst = burst
    }
}
