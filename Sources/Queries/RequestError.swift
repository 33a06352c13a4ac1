public import Domain

/// Why a request is not carried out: what it says does not fit, or what it names is not there. Each door says it in its own form,
/// as it does for ``QueryError``.
public enum RequestError: Error, Sendable, Hashable {
    /// Fields of the request do not fit; all of them at once.
    case invalid([FieldError])
    /// The tenant has as many of this kind as it may, or the request names more.
    case limitReached(TenantLimits.Kind, limit: Int)
    /// The tenant has no such alert rule.
    case unknownRule
    /// The tenant has no such silence.
    case unknownSilence
    /// The tenant has no such alert channel.
    case unknownChannel
    /// The tenant has no such alert.
    case unknownAlert
    /// The tenant has no such delivery, or it is no dead letter.
    case unknownDelivery
    /// The tenant has no such API key.
    case unknownAPIKey
    /// The API key has ended, or was rotated before.
    case apiKeyOver
    /// Without this API key, no key of an owner would be left that has no end.
    case lastOwnerKey
    /// The tenant has no such member.
    case unknownMember
    /// Without this member, no other owner would be left.
    case lastOwner
    /// The member's role follows from a claim of a provider.
    case roleFromClaim
    /// The tenant has no such invitation that waits.
    case unknownInvitation
    /// There is no such mail about an account that was given up.
    case unknownAccountMail
    /// Links to sign in are made with an API key, which they end with.
    case needsAPIKey
    /// The tenant has no API key that a link to sign in could last as long as.
    case noAPIKey
    /// The tree of routes has changed since it was read.
    case routesChanged
    /// The channel was tested a moment ago.
    case channelTestedRecently(retryAfterSeconds: Int)
    /// The owners of the channel's addresses were asked a moment ago.
    case confirmationSentRecently(retryAfterSeconds: Int)
    /// The channel has no addresses to confirm.
    case noAddresses
    /// Another tenant has this Jira site.
    case duplicateSite
    /// This host makes no calls to Jira.
    case jiraDisabled
    /// No calls are made to the tenant's Jira, for this reason.
    case jiraStopped(String)
    /// Nothing is written into the tenant's Jira: that is not switched on.
    case writeBackOff
    /// Not everybody who sees the project may see the issue, or Jira no longer shows it.
    case issueRestricted
    /// The issue was never fetched whole, and so it is not known who may see it.
    case issueNotFetched
    /// The tenant's webhook could not be administered, or its Jira not written to.
    case administration(JiraAdministrationError)
    /// The tenant's subscription could not be changed.
    case billing(BillingError)
}
