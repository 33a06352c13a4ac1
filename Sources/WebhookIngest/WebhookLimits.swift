/// What the door takes at most: of one webhook, of one tenant, and of all together.
public struct WebhookLimits: Sendable, Hashable {
    /// Largest body, in bytes; Jira itself sends at most 25 MB.
    public var bodyBytes: Int
    /// Most bytes of bodies in flight over all connections, from their arrival until they are on disk.
    public var bytesInHand: Int
    /// Most bytes of one tenant's bodies whose signature is not checked yet; at least `bodyBytes`.
    public var unverifiedBytes: Int
    /// Most bodies of one tenant whose signature is not checked yet.
    public var unverifiedBodies: Int
    /// How many webhooks are remembered by their signatures at least, to recognise a body that is sent again; at least 1.
    public var rememberedBodies: Int
    /// Verified webhooks of one tenant a second, in the long run; 0 for no limit.
    public var rate: Int
    /// Verified webhooks of one tenant that may come at once.
    public var burst: Int

    /// The limits; without arguments those of Jira, and no limit for tenants.
    ///
    /// - Parameter share: the share of `bytesInHand`, in percent, that one tenant's bodies may have before their
    ///   signature is checked.
    public init(
        bodyBytes: Int = 26_214_400, bytesInHand: Int = 134_217_728, share: Int = 25, unverifiedBodies: Int = 512,
        rememberedBodies: Int = 32_768, rate: Int = 0, burst: Int = 2000
    ) {
        self.bodyBytes = bodyBytes
        self.bytesInHand = bytesInHand
        self.unverifiedBytes = max(bodyBytes, bytesInHand / 100 * share)
        self.unverifiedBodies = unverifiedBodies
        self.rememberedBodies = max(1, rememberedBodies)
        self.rate = rate
        self.burst = burst
    }
}
