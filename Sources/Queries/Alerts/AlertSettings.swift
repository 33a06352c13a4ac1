public import Alerts
public import Domain
public import Outbound
public import RiskEngine

/// All use cases about a tenant's alerts, for the doors.
public struct AlertSettings: Sendable {
    /// Encrypts and decrypts what channels post to.
    public struct Sealing: Sendable {
        var seal: @Sendable (String) throws -> String
        var open: @Sendable (String) throws -> String

        public init(
            seal: @escaping @Sendable (String) throws -> String, open: @escaping @Sendable (String) throws -> String
        ) {
            self.seal = seal
            self.open = open
        }
    }

    /// What a tenant may have.
    public struct Limits: Sendable {
        var channels: AlertChannels.Limits
        var routes: Int

        /// - Parameters:
        ///   - allowsPlainHTTP: whether channels may have an `http` URL.
        ///   - policy: which hosts they may have.
        ///   - recipients: most mail addresses of a channel.
        ///   - routes: most nodes of the routing tree.
        public init(allowsPlainHTTP: Bool, policy: AddressPolicy, recipients: Int, routes: Int) {
            channels = AlertChannels.Limits(allowsPlainHTTP: allowsPlainHTTP, policy: policy, recipients: recipients)
            self.routes = routes
        }
    }

    /// What people do about alerts.
    public let desk: AlertDesk
    /// When there are alerts.
    public let rules: AlertRules
    /// What rules would have raised.
    public let trials: RuleTrials
    /// What became of alerts.
    public let scorecards: Scorecards
    /// Where alerts go.
    public let routes: AlertRoutes
    /// Which alerts are kept back.
    public let silences: AlertSilences
    /// Where notifications are sent.
    public let channels: AlertChannels

    /// - Parameters:
    ///   - timing: how long notifications wait where no route says so.
    ///   - test: sends a test to a channel.
    ///   - recipients: what the owners of mail addresses say.
    ///   - turns: one long computation of a tenant at a time.
    ///   - billing: whether the plan of a tenant says which channels it may have.
    ///   - executor: where long computations of a tenant run.
    public init(
        store: any QueryStore, analyst: IssueAnalyst, vault: Sealing, limits: Limits, timing: AlertGroupTiming,
        test: ChannelTest, recipients: MailRecipients, billing: BillingPolicy = .off, turns: TenantTurns,
        wakeUps: WakeUps,
        executor: @escaping RuleTrials.Executor, now: @escaping @Sendable () -> Timestamp
    ) {
        desk = AlertDesk(store: store, wakeUps: wakeUps)
        rules = AlertRules(store: store)
        trials = RuleTrials(
            store: store, analyst: analyst, router: AlertRouter(timing: timing), turns: turns, executor: executor)
        scorecards = Scorecards(store: store, analyst: analyst, turns: turns, executor: executor)
        routes = AlertRoutes(store: store, nodeLimit: limits.routes)
        silences = AlertSilences(store: store)
        channels = AlertChannels(
            store: store, seal: vault.seal, open: vault.open, limits: limits.channels, test: test,
            recipients: recipients, billing: billing, now: now)
    }
}
