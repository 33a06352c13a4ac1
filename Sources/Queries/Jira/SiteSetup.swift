public import Domain

/// How far a tenant's set-up is.
public struct SetupState: Sendable, Hashable {
    /// Where a step stands.
    public enum Standing: String, Sendable, CaseIterable {
        /// Nothing is left to do.
        case done
        /// It waits for somebody.
        case open
        /// It goes on by itself.
        case running
        /// It was tried, and does not work.
        case problem
    }

    /// What is stored of it.
    public var figures: SetupFigures
    /// Whether this host calls Jira at all.
    public var asksJira: Bool

    init(_ figures: SetupFigures, asksJira: Bool) {
        self.figures = figures
        self.asksJira = asksJira
    }

    /// The tenant's account in Jira; a host that makes no calls needs none.
    public var jira: Standing {
        guard asksJira else { return .done }
        guard let access = figures.access else { return .open }
        if access.stoppedReason != nil || access.lastError != nil { return .problem }
        return access.sweptAt == nil && access.calls == 0 ? .open : .done
    }

    /// The webhook.
    public var webhook: Standing { figures.lastWebhookAt == nil ? .open : .done }

    /// The issues from before the webhook.
    public var backfill: Standing {
        if figures.backfills.contains(where: { $0.state == .running }) { return .running }
        if figures.backfills.contains(where: { $0.state == .done }) { return .done }
        return figures.backfills.isEmpty ? .open : .problem
    }

    /// The first score.
    public var score: Standing { figures.hasScores ? .done : .open }
    /// Somewhere to send alerts.
    public var channel: Standing { figures.channels > 0 ? .done : .open }
    /// Something that raises alerts.
    public var rule: Standing { figures.rules > 0 ? .done : .open }

    /// Whether nothing is left that a person has to do before risks are seen and alerts come.
    public var isComplete: Bool {
        figures.hasScores && [jira, webhook, channel, rule].allSatisfy { $0 == .done }
    }
}

/// From nothing to the first risk: the tenant's access to Jira, the webhook, and what there was before it. All throw
/// ``QueryError``, ``RequestError``, and what the store throws.
public struct SiteSetup: Sendable {
    /// Backfills that are shown.
    private static let shownBackfills = 5

    /// The account in Jira, and secrets of webhooks.
    public let settings: TenantSettings
    /// Backfills.
    public let calls: JiraCalls
    /// The webhook.
    public let webhooks: JiraWebhooks
    /// What Jira must report, as it names it.
    public let webhookEvents: [String]
    private let store: any SetupStore
    private let diagnosis: any TenantDiagnosing
    private let asksJira: Bool

    /// - Parameters:
    ///   - webhookEvents: what Jira must report, as it names it.
    ///   - asksJira: whether this host calls Jira at all.
    public init(
        store: any SetupStore, settings: TenantSettings, calls: JiraCalls, webhooks: JiraWebhooks,
        webhookEvents: [String], diagnosis: any TenantDiagnosing, asksJira: Bool
    ) {
        self.store = store
        self.settings = settings
        self.calls = calls
        self.webhooks = webhooks
        self.webhookEvents = webhookEvents
        self.diagnosis = diagnosis
        self.asksJira = asksJira
    }

    /// How far it is, by what is stored.
    public func state(for principal: Principal) async throws -> SetupState {
        let id = try principal.tenant(to: .read).id
        return SetupState(
            try await store.setupFigures(id, backfillLimit: Self.shownBackfills), asksJira: asksJira)
    }

    /// What `consilod doctor` says of the tenant; asks Jira and looks for the channels, which takes seconds.
    public func checks(for principal: Principal) async throws -> [DiagnosticCheck] {
        try await diagnosis.checks(of: try principal.tenant(to: .read))
    }
}
