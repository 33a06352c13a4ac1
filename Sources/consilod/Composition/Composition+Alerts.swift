import Alerts
import Domain
import JiraCloud
import Logging
import NIOCore
import Outbound
import Queries
import Store
import Vault
import WorkLoop

extension Composition {
    /// What delivers alerts.
    struct AlertsPart {
        let deliverer: AlertDeliverer
        let diagnosis: ChannelDiagnosis
        let test: ChannelTest
        let refresh: AlertmanagerRefresh
        let digests: DigestWorker
        let composer: DigestComposer
        /// Nil where no mail server is configured.
        let mail: EmailSink?
        let recipients: MailRecipients
        /// Nil where no owner is asked.
        let confirmations: ConfirmationSender?
    }

    /// Says where alerts go.
    var router: AlertRouter { AlertRouter(timing: configuration.alertTiming) }

    /// Which hosts the tenants' alert channels may have.
    var channelPolicy: AddressPolicy { AddressPolicy(allowedHosts: Set(configuration.allowedChannelHosts)) }

    /// This host as Jira reaches it; nil where the configuration names no public URL.
    func makeProbe() -> PublicURLProbe? {
        guard let url = configuration.http.publicURL else { return nil }
        let client = OutboundClient(policy: .unrestricted, proxies: proxies)
        cleanups.onStop("the client of the public URL") { try await client.shutdown() }
        return PublicURLProbe(publicURL: url, client: client)
    }

    func makeAlerts(_ store: RiskStore, engine: EnginePart, _ wakeUps: WakeUpPart) -> AlertsPart {
        let client = OutboundClient(
            policy: channelPolicy, proxies: proxies, requiresTLS: !configuration.allowsPlainHTTPChannels,
            silenceTimeout: .seconds(20))
        cleanups.onStop("the client of alert channels") { try await client.shutdown() }
        let mail = configuration.mail.map { EmailSink($0) }
        if let mail { cleanups.onStop("the sessions with the mail server") { await mail.shutdown() } }
        var sinks: [AlertChannel.Kind: any AlertSink] = [
            .slack: SlackSink(client: client), .teams: TeamsSink(client: client), .webhook: WebhookSink(client: client),
            .alertmanager: AlertmanagerSink(client: client),
        ]
        if let mail { sinks[.email] = mail }
        let recipients = MailRecipients(
            store: store, policy: configuration.recipients, open: open, seal: seal, now: { [clock] in clock.now })
        let links = links
        let stories = AlertStories(
            analyst: engine.analyst, executor: { [threads] in threads.executor(for: $0) },
            now: { [clock] in clock.now })
        let deliverer = AlertDeliverer(
            outbox: store, openTarget: open, sealTarget: seal, sinks: sinks,
            retry: RetryPolicy(attemptLimit: configuration.alertAttemptLimit), router: router,
            recipients: recipients, links: links, enforcesPlans: configuration.isBilling,
            tellStory: { try await stories.story(of: $0, told: $1, wantsLeast: $2) }, nudges: wakeUps.alerts.stream,
            now: { [clock] in clock.now }, onLoop: { [progress] in progress.advance(.alerts) },
            metrics: DeliveryMetrics(factory: registry), logger: Logger(label: "alerts"))
        let scorecards = Scorecards(
            store: store, analyst: engine.analyst, turns: turns,
            executor: { [threads] in threads.executor(for: $0) })
        let composer = makeComposer(store, scorecards, stories)
        return AlertsPart(
            deliverer: deliverer,
            diagnosis: ChannelDiagnosis(client: client, hasMail: mail != nil, openTarget: open),
            test: ChannelTest(sinks: sinks, recipients: recipients, now: { [clock] in clock.now }),
            refresh: AlertmanagerRefresh(
                outbox: store, sink: AlertmanagerSink(client: client), openTarget: open, now: { [clock] in clock.now },
                logger: Logger(label: "alerts")),
            digests: DigestWorker(
                store: store, composer: composer, nudges: Nudge().stream, now: { [clock] in clock.now },
                executor: { [threads] in threads.executor(for: $0) }, onAlerts: wakeUps.everywhere.alerts,
                logger: Logger(label: "digests")),
            composer: composer, mail: mail, recipients: recipients,
            confirmations: makeConfirmations(store, mail: mail, links: links))
    }

    private func makeComposer(
        _ store: RiskStore, _ scorecards: Scorecards, _ stories: AlertStories
    ) -> DigestComposer {
        let reviews = RuleReviews(store: store, scorecards: scorecards)
        return DigestComposer(
            store: store, reviewRules: { try await reviews.changes(for: $0) },
            tellMovement: { request, line in
                guard let before = line.previousScore else { return nil }
                return try await stories.movement(
                    of: line.key, tenantID: request.tenantID, from: request.from, to: request.asOf,
                    scores: (before, line.score))
            }, logger: Logger(label: "digests"))
    }

    private func makeConfirmations(_ store: RiskStore, mail: EmailSink?, links: LinkMaker?) -> ConfirmationSender? {
        guard let mail, let links, configuration.recipients.asks else { return nil }
        return ConfirmationSender(
            store: store, mail: mail, links: links, open: open, now: { [clock] in clock.now },
            logger: Logger(label: "alerts"))
    }
}
