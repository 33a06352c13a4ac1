import Domain
import HTTPTypes
import Queries

extension APIError {
    /// The answer to a request that is not carried out.
    init(_ error: RequestError) {
        switch error {
        case .invalid(let errors): self = .invalid(errors)
        case .limitReached(let kind, let limit): self = .limitReached(kind, limit)
        case .unknownRule: self = .unknownRule
        case .unknownSilence: self = .unknownSilence
        case .unknownChannel: self = .unknownChannel
        case .unknownAlert: self = .unknownAlert
        case .unknownDelivery: self = .unknownDelivery
        case .unknownAPIKey: self.init(.apiKeyNotFound, "Unknown API key.")
        case .apiKeyOver: self.init(.conflict, "This API key has ended, or was rotated before.")
        case .lastOwnerKey:
            self.init(
                .lastOwnerKey,
                "This is the last API key of an owner that has no end; make another one first (POST /api/api-keys).")
        case .unknownMember: self.init(.memberNotFound, "Unknown member.")
        case .lastOwner:
            self.init(.lastOwner, "This is the last owner of the tenant; make somebody else an owner first.")
        case .roleFromClaim:
            self.init(.roleFromClaim, "This role follows from a claim of the provider; change it there.")
        case .unknownInvitation: self.init(.invitationNotFound, "Unknown invitation.")
        case .unknownAccountMail:
            self.init(.accountMailNotFound, "Unknown account mail, or one that was not given up.")
        case .needsAPIKey:
            self.init(
                .apiKeyRequired,
                "A link to sign in is made with an API key; people are invited (POST /api/invitations).")
        case .noAPIKey:
            self.init(.conflict, "The tenant has no valid API key of this role; make one first (POST /api/api-keys).")
        case .routesChanged: self.init(.conflict, "The data has changed since it was read; read it again and retry.")
        case .channelTestedRecently(let seconds):
            self.init(
                .channelTestedRecently, "This channel was tested a moment ago.", headers: [.retryAfter: "\(seconds)"])
        case .confirmationSentRecently(let seconds):
            self.init(
                .confirmationSentRecently, "The addresses were asked within the last ten minutes.",
                headers: [.retryAfter: "\(seconds)"])
        case .noAddresses: self.init(.conflict, "Only an email channel has addresses to confirm.")
        case .duplicateSite: self.init(.duplicateJiraURL, "A tenant with this jira_url already exists.")
        case .jiraDisabled: self = .jiraDisabled
        case .jiraStopped(let reason):
            self.init(
                .jiraCredentialsRefused,
                """
                No calls are made to this tenant's Jira: \(reason). Set a new token with PUT /api/tenants/{id}, or retry \
                the old one with POST /api/tenants/{id}/jira/sweep.
                """)
        case .writeBackOff:
            self.init(
                .writeBackOff,
                "Nothing is written into this tenant's Jira; an owner can switch that on "
                    + "(PUT /api/tenants/{id}/jira/write-back).")
        case .issueRestricted:
            self.init(
                .issueRestricted, "Nothing is written to an issue that has a security level or that Jira does not show."
            )
        case .issueNotFetched: self = .issueNotFetched
        case .billing(let error): self.init(error)
        case .administration(let error):
            let retryAfter: HTTPFields = error.retryAfterSeconds.map { [.retryAfter: "\($0)"] } ?? [:]
            self.init(error.kind.code, error.description, headers: retryAfter)
        }
    }
}

extension APIError {
    /// Why a subscription was not changed.
    fileprivate init(_ error: BillingError) {
        switch error {
        case .off: self.init(.billingOff, error.description)
        case .notForSale: self.init(.planNotForSale, error.description)
        case .alreadySubscribed, .stillPaying, .notEnded: self.init(.alreadySubscribed, error.description)
        case .inactive: self.init(.tenantInactive, error.description)
        case .notSubscribed: self.init(.notSubscribed, error.description)
        case .notHigher, .notLower: self.init(.validationFailed, error.description)
        case .changeAgreed: self.init(.conflict, error.description)
        case .underWay(let seconds):
            self.init(.conflict, error.description, headers: [.retryAfter: "\(seconds)"])
        case .tooMany(let seconds):
            self.init(.tooManyAttempts, error.description, headers: [.retryAfter: "\(seconds)"])
        case .refused: self.init(.paymentRefused, error.description)
        case .unavailable(let seconds):
            self.init(.stripeUnreachable, error.description, headers: [.retryAfter: "\(seconds)"])
        }
    }
}

extension JiraAdministrationError.Kind {
    fileprivate var code: APIError.Code {
        switch self {
        case .noPublicURL: .publicURLMissing
        case .noWebhook: .webhookNotFound
        case .accountRefused: .jiraCredentialsRefused
        case .permissionMissing: .jiraPermissionMissing
        case .overtaken: .conflict
        case .requestRefused: .jiraRequestRefused
        case .secretUnreadable: .secretUnavailable
        case .unavailable: .jiraUnreachable
        }
    }
}
