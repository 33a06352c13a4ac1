import Domain

/// Calls to a tenant's Jira that somebody waits for: where one is not made, or fails, they learn why and what to do.
struct RequestedCalls: Sendable {
    let store: any WebhookAdministrationStore
    let connections: JiraConnections
    let now: @Sendable () -> Timestamp
    /// What permission a failed call lacked, in sentences; nil where that is not why it failed.
    let missingPermission: @Sendable (JiraError, Tenant) -> String?
    /// What follows the reason where it is unknown whether Jira did what it was asked, with a space before it; may be empty.
    var unknownOutcome = ""

    /// The client of the tenant's Jira.
    ///
    /// Throws ``Domain/JiraAdministrationError`` where no call may be made, and what the store throws.
    func client(of tenant: Tenant) async throws -> JiraClient {
        if let reason = try await store.jiraAccessStatus(tenant.id)?.stoppedReason {
            throw JiraAdministrationError(.accountRefused, Self.refusal(reason, of: tenant))
        }
        let client: JiraClient?
        do {
            client = try await connections.client(for: tenant.id)
        } catch let error as UnreadableJiraToken {
            throw JiraAdministrationError(
                .secretUnreadable,
                "No call is made: \(error). Configure the key that encrypted it, or set the tenant's token again.")
        }
        guard let client else { throw JiraAdministrationError(.unavailable, "The tenant was deleted.") }
        return client
    }

    /// The answer of `ask`.
    func asking<Value: Sendable>(
        _ tenant: Tenant, _ ask: () async throws(JiraError) -> Value
    ) async throws(JiraAdministrationError) -> Value {
        do {
            return try await ask()
        } catch {
            throw failure(error, of: tenant)
        }
    }

    /// A call's failure, as it is told to who asked for the call.
    func failure(_ error: JiraError, of tenant: Tenant) -> JiraAdministrationError {
        if let sentences = missingPermission(error, tenant) {
            return JiraAdministrationError(.permissionMissing, sentences)
        }
        switch error {
        case .unauthorized: return JiraAdministrationError(.accountRefused, Self.refusal("\(error)", of: tenant))
        case .badRequest: return JiraAdministrationError(.requestRefused, "\(error).")
        case .rateLimited(let until):
            return JiraAdministrationError(
                .unavailable, "\(error).",
                retryAfterSeconds: max(1, (until.milliseconds - now().milliseconds + 999) / 1000))
        default: return JiraAdministrationError(.unavailable, "\(error).\(unknownOutcome)")
        }
    }

    private static func refusal(_ reason: String, of tenant: Tenant) -> String {
        """
        No calls are made: \(reason). Give the tenant a new jira_token for \(tenant.jiraEmail) (PUT \
        /api/tenants/\(tenant.id)), or try again with POST /api/tenants/\(tenant.id)/jira/sweep.
        """
    }
}
