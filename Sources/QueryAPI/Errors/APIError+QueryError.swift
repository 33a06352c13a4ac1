import Domain
import HTTPTypes
import Queries

extension APIError {
    /// The answer to a use case that has none.
    ///
    /// - Parameters:
    ///   - sliceFields: which field of the request named each slice of a portfolio.
    ///   - sells: whether owners can buy plans by themselves.
    init(_ error: QueryError, sliceFields: [String] = [], sells: Bool = false) {
        func field(_ slice: Int?, _ message: String) -> [FieldError] {
            guard let slice, sliceFields.indices.contains(slice) else { return [] }
            return [FieldError(field: sliceFields[slice], message: message)]
        }
        switch error {
        case .tenantRequired: self.init(.tenantRequired, "With the admin token, name the tenant in X-Tenant-ID.")
        case .forbidden(.operate): self.init(.adminRequired, "This needs the admin token.")
        case .forbidden(let permission):
            self.init(
                .permissionMissing,
                "These credentials lack the permission '\(permission.rawValue)', which the role "
                    + "'\(Role(lowestWith: permission).rawValue)' has.")
        case .trialExpired, .cancelled, .planLacks, .ownersFields, .quotaExceeded:
            self.init(ofPlan: error, sells: sells)
        case .unknownIssue: self.init(.issueNotFound, "Unknown issue.")
        case .unreceivedIssue:
            self.init(
                .issueNotFound,
                "Unknown issue: no webhook named it, and this host does not call Jira (jira.enabled is false).")
        case .issueUnknownToJira(let key):
            self.init(.issueNotFound, "Jira does not know issue \(key), or the account cannot see it.")
        case .issueAwaited(let key):
            let place = "/api/analyze/issue/\(key)/raw"
            self.init(
                .analysisPending,
                "Issue \(key) is being fetched from Jira. Repeat this request, or look at \(place).",
                headers: [.location: place, .retryAfter: "5"])
        case .unknownProject(let slice):
            self.init(.projectNotFound, "Unknown project.", fieldErrors: field(slice, "is an unknown project"))
        case .unknownSprint(let isNamed):
            self.init(
                .sprintNotFound,
                isNamed
                    ? "No issue of the project is or was in a sprint of this name."
                    : "No issue of the project is in an active sprint; name one with sprint_name.")
        case .search(let error, let slice): self.init(error, field: { field(slice, $0) })
        case .ruleNotTriable:
            self.init(
                .ruleNotTriable,
                "A rule of kind forecast cannot be tried: what was forecast in the past is not stored. "
                    + "POST /api/forecast/backtest judges forecasts on the past.")
        case .computationUnderWay:
            self.init(
                .conflict,
                "A rule trial, scorecards or sprint remedies are already being computed for this tenant. Only one runs at a time.",
                headers: [.retryAfter: "5"])
        }
    }

    private init(_ error: JiraSearchError, field: (String) -> [FieldError]) {
        switch error {
        case .invalidJQL(let message):
            // Jira's words, which repeat the query: on one line and of bounded length.
            let line = message.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(500)
            self = .invalid(field(line.isEmpty ? "is refused by Jira" : "is refused by Jira: \(line)"))
        case .notConfigured:
            self.init(
                .jiraDisabled,
                """
                Only Jira can answer this query, and this host has no access to it. Queries like 'project in (A, B) \
                AND statusCategory != Done' are answered without Jira.
                """, fieldErrors: field("can only be answered by Jira"))
        case .credentialsRefused:
            self.init(
                .jiraCredentialsRefused,
                "Jira refuses the tenant's email address and token; set new ones with PUT /api/tenants/{id}.")
        case .unreachable(let seconds):
            self.init(
                .jiraUnreachable, "Jira does not answer now; retry later.",
                headers: [.retryAfter: "\(max(1, seconds ?? 60))"])
        }
    }
}
