import Domain
import HTTPTypes
import Queries

/// An answer other than success, in the one shape that clients can rely on.
struct APIError: Error {
    /// The stable names of failures; clients branch on these, never on `detail`.
    enum Code: String, CaseIterable {
        /// No failure: the answer is not there yet.
        case analysisPending = "analysis_pending"
        case malformedJSON = "malformed_json"
        case validationFailed = "validation_failed"
        case unknownTemplate = "unknown_template"
        case duplicateJiraURL = "duplicate_jira_url"
        case tenantRequired = "tenant_required"
        case unauthorized
        case trialExpired = "trial_expired"
        case tenantInactive = "tenant_inactive"
        case tenantMismatch = "tenant_mismatch"
        case adminRequired = "admin_required"
        case adminDisabled = "admin_disabled"
        case permissionMissing = "permission_missing"
        case notFound = "not_found"
        case tenantNotFound = "tenant_not_found"
        case issueNotFound = "issue_not_found"
        case projectNotFound = "project_not_found"
        case sprintNotFound = "sprint_not_found"
        case apiKeyNotFound = "api_key_not_found"
        case lastOwnerKey = "last_owner_key"
        case memberNotFound = "member_not_found"
        case lastOwner = "last_owner"
        case roleFromClaim = "role_from_claim"
        case invitationNotFound = "invitation_not_found"
        case noMembership = "no_membership"
        case apiKeyRequired = "api_key_required"
        case tooManyAttempts = "too_many_attempts"
        case secretNotFound = "webhook_secret_not_found"
        case automationTokenNotFound = "automation_token_not_found"
        case ruleNotFound = "alert_rule_not_found"
        case ruleNotTriable = "alert_rule_not_triable"
        case silenceNotFound = "alert_silence_not_found"
        case channelNotFound = "alert_channel_not_found"
        case channelTestedRecently = "channel_tested_recently"
        case digestRequestedRecently = "digest_requested_recently"
        case confirmationSentRecently = "confirmation_sent_recently"
        case alertNotFound = "alert_not_found"
        case deliveryNotFound = "delivery_not_found"
        case backfillNotFound = "backfill_not_found"
        case backtestNotFound = "backtest_not_found"
        case jiraDisabled = "jira_disabled"
        case writeBackOff = "write_back_off"
        case issueRestricted = "issue_restricted"
        case issueNotFetched = "issue_not_fetched"
        case publicURLMissing = "public_url_missing"
        case webhookNotFound = "webhook_not_found"
        case jiraCredentialsRefused = "jira_credentials_refused"
        case jiraPermissionMissing = "jira_permission_missing"
        case jiraRequestRefused = "jira_request_refused"
        case jiraUnreachable = "jira_unreachable"
        case methodNotAllowed = "method_not_allowed"
        case conflict
        case bodyTooLarge = "body_too_large"
        case quotaExceeded = "quota_exceeded"
        case subscriptionCancelled = "subscription_cancelled"
        case planFeatureMissing = "plan_feature_missing"
        case planNotFound = "plan_not_found"
        case accountMailNotFound = "account_mail_not_found"
        case billingOff = "billing_off"
        case planNotForSale = "plan_not_for_sale"
        case alreadySubscribed = "already_subscribed"
        case notSubscribed = "not_subscribed"
        case paymentRefused = "payment_refused"
        case stripeUnreachable = "stripe_unreachable"
        case secretUnavailable = "secret_unavailable"
        case limitReached = "limit_reached"
        case `internal`
        case unavailable

        /// The only place where the status of a failure is chosen.
        var status: HTTPResponse.Status {
            switch self {
            case .analysisPending: .accepted
            // The original product answers a duplicate URL with 400, and so its clients expect.
            case .malformedJSON, .duplicateJiraURL, .tenantRequired: .badRequest
            case .unauthorized: .unauthorized
            case .trialExpired, .subscriptionCancelled: HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
            case .tenantInactive, .tenantMismatch, .adminRequired, .adminDisabled, .permissionMissing,
                .jiraPermissionMissing, .noMembership, .apiKeyRequired, .planFeatureMissing:
                .forbidden
            case .notFound, .tenantNotFound, .issueNotFound, .projectNotFound, .sprintNotFound, .secretNotFound,
                .ruleNotFound, .silenceNotFound, .channelNotFound, .alertNotFound, .deliveryNotFound, .backfillNotFound,
                .backtestNotFound, .webhookNotFound, .apiKeyNotFound, .memberNotFound, .invitationNotFound,
                .automationTokenNotFound, .planNotFound, .accountMailNotFound:
                .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .conflict, .limitReached, .jiraDisabled, .publicURLMissing, .lastOwnerKey, .lastOwner, .roleFromClaim,
                .writeBackOff, .issueRestricted, .issueNotFetched, .billingOff, .alreadySubscribed, .notSubscribed:
                .conflict
            case .bodyTooLarge: .contentTooLarge
            case .validationFailed, .unknownTemplate, .jiraRequestRefused, .ruleNotTriable, .planNotForSale,
                .paymentRefused:
                .unprocessableContent
            case .quotaExceeded, .channelTestedRecently, .digestRequestedRecently,
                .confirmationSentRecently, .tooManyAttempts:
                .tooManyRequests
            case .internal: .internalServerError
            // The host's own credentials are good, its tenant's are not.
            case .jiraCredentialsRefused: .badGateway
            case .unavailable, .jiraUnreachable, .secretUnavailable, .stripeUnreachable: .serviceUnavailable
            }
        }
    }

    var code: Code
    /// One sentence for people. Never a secret, a row's content or another tenant's data.
    var detail: String
    var fieldErrors: [FieldError]
    /// Which limit of a plan is met; nil for any other failure.
    var planLimit: PlanLimitView?
    var headers: HTTPFields

    init(
        _ code: Code, _ detail: String, fieldErrors: [FieldError] = [], planLimit: PlanLimitView? = nil,
        headers: HTTPFields = [:]
    ) {
        self.code = code
        self.detail = detail
        self.fieldErrors = fieldErrors
        self.planLimit = planLimit
        self.headers = headers
    }

    /// A request whose fields do not fit, with all of its errors at once.
    static func invalid(_ errors: [FieldError]) -> APIError {
        APIError(.validationFailed, "The request has invalid fields.", fieldErrors: errors)
    }

    static var jiraDisabled: APIError {
        APIError(.jiraDisabled, "This host makes no calls to Jira: jira.enabled is false in its configuration.")
    }
    static var issueNotFetched: APIError {
        APIError(
            .issueNotFetched,
            """
            Nothing is written to an issue that was never fetched whole, for it is not known who may see it. A backfill \
            fetches it (POST /api/tenants/{id}/backfills).
            """)
    }
    static var unknownRule: APIError { APIError(.ruleNotFound, "Unknown alert rule.") }
    static var unknownSilence: APIError { APIError(.silenceNotFound, "Unknown silence.") }
    static var unknownChannel: APIError { APIError(.channelNotFound, "Unknown alert channel.") }
    static var unknownAlert: APIError { APIError(.alertNotFound, "Unknown alert.") }
    static var unknownDelivery: APIError { APIError(.deliveryNotFound, "Unknown delivery, or one that is not dead.") }

    /// A stored secret that no configured key opens; only the operator can change that.
    static var secretUnavailable: APIError {
        APIError(
            .secretUnavailable,
            "A stored secret cannot be decrypted with the host's encryption keys; its operator has to configure the right one.",
            headers: [.retryAfter: "60"])
    }

    /// One more than a tenant may have; `errors` names the limit.
    static func limitReached(_ kind: TenantLimits.Kind, _ limit: Int) -> APIError {
        APIError(
            .limitReached, "This tenant may have at most \(limit) \(kind.words).",
            fieldErrors: [FieldError(field: kind.rawValue, message: "must not be more than \(limit)")])
    }

    /// A missing or unknown credential (RFC 6750, section 3).
    static var unauthorized: APIError {
        APIError(
            .unauthorized, "Send a valid API key as 'Authorization: Bearer <key>'.",
            headers: [.wwwAuthenticate: "Bearer realm=\"consilod\""])
    }
}
