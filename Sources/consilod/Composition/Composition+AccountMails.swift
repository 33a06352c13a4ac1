import Alerts
import Domain
import Logging
import ServiceLifecycle
import Store
import Vault
import WorkLoop

extension Composition {
    /// The links of messages; nil where people have no address for this host.
    var links: LinkMaker? {
        configuration.http.publicURL.map { [vault] in
            LinkMaker(publicURL: $0, token: { vault.linkTokens.token(for: $0) })
        }
    }

    /// What sends mails that are no alerts.
    func makeMailServices(_ store: RiskStore, alerts: AlertsPart) -> [any Service] {
        var services: [any Service] = []
        if let confirmations = alerts.confirmations { services.append(confirmations) }
        if let mails = makeAccountMails(store, alerts: alerts) { services.append(mails) }
        return services
    }

    /// Sends mails about the tenants' accounts; nil on a host that sends none. What is certain of the time decides: while the
    /// clock is in doubt nothing is decided and nothing is sent.
    private func makeAccountMails(_ store: RiskStore, alerts: AlertsPart) -> AccountMailWorker? {
        // Also on a host that sends none: its count is 0.
        let metrics = AccountMailMetrics(factory: registry)
        guard configuration.sendsAccountMails, let mail = alerts.mail, let links else {
            if configuration.isBilling, configuration.accountMails.isWanted, let key = configuration.accountMailsLack {
                logger.warning("no account mails are sent", metadata: ["reason": "\(key) is not set"])
            }
            return nil
        }
        let settings = configuration.accountMails
        return AccountMailWorker(
            store: store, planner: AccountMailPlanner(sendsOnboarding: settings.sendsOnboarding), mail: mail,
            links: links, sells: configuration.stripe != nil,
            retry: RetryPolicy(attemptLimit: configuration.alertAttemptLimit),
            interval: settings.interval, nudges: Nudge().stream,
            now: { [clock] in clock.doubt == nil ? clock.now : nil },
            metrics: metrics, logger: Logger(label: "account-mails"))
    }
}
