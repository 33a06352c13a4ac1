import Alerts
import AsyncHTTPClient
import Domain
import JiraCloud
import Logging
import Store
import WorkLoop

extension Composition {
    /// What delivers alerts.
    struct AlertsPart {
        let deliverer: AlertDeliverer
        let diagnosis: ChannelDiagnosis
        /// Nil where no mail server is configured.
        let mail: EmailSink?
    }

    /// The client of alert channels and of the public URL, which follows no redirect.
    func makeClient() -> HTTPClient {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: SlackSink.clientConfiguration)
        cleanups.onStop("the HTTP client") { try await client.shutdown() }
        return client
    }

    /// This host as Jira reaches it; nil where the configuration names no public URL.
    func makeProbe(_ client: HTTPClient) -> PublicURLProbe? {
        configuration.http.publicURL.map {
            PublicURLProbe(publicURL: $0, client: client, words: ConnectionFailure.words(for:))
        }
    }

    func makeAlerts(_ store: RiskStore, client: HTTPClient, _ wakeUps: WakeUpPart) -> AlertsPart {
        let slack = SlackSink(client: client)
        let mail = configuration.mail.map { EmailSink($0) }
        var sinks: [AlertChannel.Kind: any AlertSink] = [.slack: slack]
        if let mail { sinks[.email] = mail }
        let deliverer = AlertDeliverer(
            outbox: store, openTarget: open, sinks: sinks,
            retry: RetryPolicy(attemptLimit: configuration.alertAttemptLimit), nudges: wakeUps.alerts.stream,
            now: { .now }, onLoop: { [progress] in progress.advance(.alerts) },
            metrics: DeliveryMetrics(factory: registry), logger: Logger(label: "alerts"))
        return AlertsPart(
            deliverer: deliverer,
            diagnosis: ChannelDiagnosis(slack: slack, hasMail: mail != nil, openTarget: open), mail: mail)
    }
}
