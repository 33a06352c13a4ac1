import Alerts
import Dashboard
import Domain
import Identity
import Outbound
import Queries
import Store
import Vault

extension Composition {
    /// What both doors need for people.
    struct PeoplePart {
        let signIns: PersonSignIns
        /// Nil where no instance of Clerk is configured.
        let clerk: ClerkCallers?
        /// Sends invitations; nil where no mail server is configured.
        let mail: (@Sendable (_ invitation: MailInvitation, _ address: String) async -> Bool)?
    }

    func makePeople(_ store: RiskStore, alerts: AlertsPart) -> PeoplePart {
        let settings = configuration.signIn
        let now: @Sendable () -> Timestamp = { [clock] in clock.now }
        // The host's owner has entered the addresses.
        let client = OutboundClient(policy: .unrestricted, proxies: proxies)
        cleanups.onStop("the client of identity providers") { try await client.shutdown() }
        let providers = settings.providers.map {
            SignInProvider(
                name: $0.name, label: $0.label, tenants: $0.tenants,
                flow: OpenIDSignIn(configuration: $0.configuration, http: client, now: now))
        }
        let clerk = settings.clerk.map {
            ClerkCallers(
                tokens: ClerkTokens(configuration: $0.configuration, http: client, now: now),
                organizations: $0.organizations, store: store, now: now)
        }
        var mail: (@Sendable (_ invitation: MailInvitation, _ address: String) async -> Bool)?
        if let sink = alerts.mail { mail = { await sink.invite($0, at: $1, now: now()) } }
        return PeoplePart(
            signIns: PersonSignIns(
                store: store, providers: providers, isSelfService: settings.isSelfService,
                sessionSeconds: settings.sessionSeconds, now: now), clerk: clerk, mail: mail)
    }

    /// What the pages for people do: the same as the API, and what needs a browser.
    func makePeoplePages(_ store: RiskStore, _ people: PeoplePart, _ wakeUps: WakeUps) -> PeoplePages {
        let now: @Sendable () -> Timestamp = { [clock] in clock.now }
        return PeoplePages(
            signIns: people.signIns,
            members: Members(store: store, wakeUps: wakeUps, now: now),
            invitations: Invitations(
                store: store, publicURL: configuration.http.publicURL,
                make: {
                    let text = InvitationToken.generate()
                    return Invitations.Material(text: text, hash: APIKey.hash(text))
                }, mail: people.mail, now: now),
            creation: TenantCreation(
                store: store, terms: .init(plan: configuration.defaultPlan, trialDays: configuration.trialDays),
                seal: seal, makeKey: Self.makeKey, makeSecret: { WebhookSecret.generate() }, wakeUps: wakeUps, now: now),
            wakeUps: wakeUps, sendsAccountMails: configuration.sendsAccountMails, seal: seal, open: open)
    }

    /// A new API key.
    static let makeKey: @Sendable () -> APIKeys.Material = {
        let text = APIKey.generate()
        return APIKeys.Material(text: text, mark: APIKey.mark(text))
    }
}
