public import Domain

/// Why a use case has no answer. Each door says it in its own form; what the store throws passes through as it is.
public enum QueryError: Error, Sendable, Hashable {
    /// The principal acts for no tenant.
    case tenantRequired
    /// The principal lacks this permission.
    case forbidden(Permission)
    /// The tenant's trial ended at this instant.
    case trialExpired(at: Timestamp)
    /// The subscription was cancelled, and the host bills.
    case cancelled(plan: Plan)
    /// The tenant's plan lacks this, and the host bills.
    case planLacks(PlanFeature, plan: Plan)
    /// Only the host's owner changes these fields of a tenant.
    case ownersFields([String])
    /// The month's analyses of this kind are used up; when the next month starts, and in how many seconds.
    case quotaExceeded(UsageAction, limit: Int, plan: Plan, nextMonthAt: Timestamp, retryAfterSeconds: Int64)
    /// Nothing is known of the issue, or it was deleted.
    case unknownIssue
    /// The store does not hold the issue, and this host does not ask Jira.
    case unreceivedIssue
    /// Jira has no issue with this key, or does not show it to the tenant's account.
    case issueUnknownToJira(IssueKey)
    /// The issue is being fetched from Jira, and is not scored yet.
    case issueAwaited(IssueKey)
    /// Nothing is known of the project; for a portfolio, which of its slices names it, from 0.
    case unknownProject(slice: Int?)
    /// No issue of the project is in an active sprint, or none ever was in a sprint of the name that was given.
    case unknownSprint(isNamed: Bool)
    /// Jira did not answer; for a portfolio, to the query of which of its slices, from 0.
    case search(JiraSearchError, slice: Int?)
    /// A rule on the forecast cannot be tried on history: what was forecast in the past is not stored.
    case ruleNotTriable
    /// A trial of a rule, scorecards or remedies of a sprint are being computed for the tenant, and one at a time is.
    case computationUnderWay
}

extension Principal {
    /// The tenant that the principal acts for. Throws ``QueryError``, `.tenantRequired` or `.forbidden`.
    public func tenant(to permission: Permission) throws(QueryError) -> Tenant {
        guard may(permission) else { throw .forbidden(permission) }
        guard let tenant else { throw .tenantRequired }
        return tenant
    }

    /// As ``tenant(to:)``, for an analysis at `now`, which needs a permission: also throws `.trialExpired`, but for the operator.
    func tenantToAnalyze(
        at now: Timestamp, with permission: Permission = .analyze
    ) throws(QueryError) -> Tenant {
        let tenant = try tenant(to: permission)
        if !may(.operate), let end = tenant.trialEnd(before: now, certainNow) { throw .trialExpired(at: end) }
        return tenant
    }
}

extension Tenant {
    /// When its trial ended; nil where it is on none, or the trial has not ended.
    ///
    /// - Parameter certain: an instant that is certainly not after the true one: a trial lasts until that agrees.
    func trialEnd(before now: Timestamp, _ certain: Timestamp?) -> Timestamp? {
        guard status == .trial, let trialEndsAt, trialEndsAt <= min(now, certain ?? now) else { return nil }
        return trialEndsAt
    }
}
