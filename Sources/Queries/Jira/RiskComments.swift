public import Domain
public import RiskEngine

/// Comments in Jira that say what consilod says of an issue, posted when somebody asks.
public struct RiskComments: Sendable {
    /// A comment that was posted.
    public struct Posted: Sendable {
        /// The number that Jira gave it.
        public var id: CommentID
        /// Where it stands.
        public var url: String

        public init(id: CommentID, url: String) {
            self.id = id
            self.url = url
        }
    }

    /// Most factors, and most of what would help, that a comment names.
    private static let lineLimit = 4

    private let store: any WriteBackSettingsStore
    private let analyst: IssueAnalyst
    private let jira: any JiraCommenting
    private let isEnabled: Bool
    private let publicURL: String?
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - jira: posts them.
    ///   - isEnabled: whether this host calls Jira at all.
    ///   - publicURL: the address of this host for people, without a trailing slash; nil for comments without a link.
    public init(
        store: any WriteBackSettingsStore, analyst: IssueAnalyst, jira: any JiraCommenting, isEnabled: Bool,
        publicURL: String?, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.analyst = analyst
        self.jira = jira
        self.isEnabled = isEnabled
        self.publicURL = publicURL
        self.now = now
    }

    /// Posts a comment on an issue as it stands now. Never on an issue with a security level, nor on one that was never fetched
    /// whole, nor where writes to the tenant's Jira are off.
    ///
    /// Throws ``QueryError``, ``RequestError``, and what the store throws.
    public func post(on key: IssueKey, by principal: Principal) async throws -> Posted {
        let tenant = try principal.tenant(to: .manage)
        guard isEnabled else { throw RequestError.jiraDisabled }
        guard
            let found = try await analyst.analyze(tenantID: tenant.id, key: key, now: now(), storesHistory: false)
        else { throw QueryError.unknownIssue }
        guard try await store.writeBackStatus(tenant.id)?.settings != nil else { throw RequestError.writeBackOff }
        guard found.issue.securityLevel == nil, !found.issue.isDeleted, !found.issue.isHidden else {
            throw RequestError.issueRestricted
        }
        // Whether it has a level is not known.
        guard found.state.wholeAt != nil else { throw RequestError.issueNotFetched }
        let comment = comment(on: found.analysis)
        do {
            let account = try await jira.account(of: tenant)
            // First it is noted whose it is: its webhook may come before the answer.
            let isOn = try await store.beginJiraComment(
                tenant.id, on: found.issue.key, account: account, by: principal.actor, now: now())
            guard isOn else { throw RequestError.writeBackOff }
            let id = try await jira.post(comment, on: found.issue.id, of: tenant)
            return Posted(id: id, url: "\(tenant.jiraURL)/browse/\(found.issue.key)?focusedCommentId=\(id)")
        } catch let error as JiraAdministrationError {
            throw RequestError.administration(error)
        }
    }

    private func comment(on analysis: Analysis) -> RiskComment {
        let factors = analysis.factorsForJira.sorted { $0.points > $1.points }.prefix(Self.lineLimit)
        return RiskComment(
            head: "\(analysis.riskScore) of 100 (\(analysis.band.rawValue)) on \(analysis.asOf.description.prefix(10))",
            causes: factors.map { "\($0.name.title), \($0.points) points: \($0.explanation)" },
            remedies: factors.compactMap(\.remedy),
            link: publicURL.map { "\($0)/dashboard/issues/\(analysis.issueKey)" })
    }
}
