public import Foundation

/// A raised or resolved alert, complete: rendering it needs nothing else.
public struct Alert: Sendable, Hashable {
    /// What an alert is about, with all that is to be said of it.
    public enum Subject: Sendable, Hashable {
        case issue(IssueAlert)
        case access(AccessAlert)
        case test(TestAlert)
        case digest(DigestContent)
    }
    /// The subjects by the words of the API; an issue's alerts by the kind of their rule.
    public enum Kind: String, Sendable, Codable {
        case threshold, spike, forecast, access
        /// Asked for by a person, and never stored.
        case test
        /// A channel's daily or weekly report.
        case digest
    }
    /// Whether it begins or ends.
    public enum Event: String, Sendable, Codable {
        case raised, resolved
    }

    /// Derived from the tenant, the cause and the instant: deciding again gives the same id.
    public var id: UUID
    /// Who is alerted, and whose channels it goes to.
    public var tenantID: TenantID
    /// Whether the condition began or ended.
    public var event: Event
    /// How serious it is.
    public var band: RiskBand
    /// One sentence: what happened.
    public var headline: String
    /// The instant of the decision.
    public var createdAt: Timestamp
    /// Only to these channels; empty means every channel of the tenant.
    public var channelIDs: [UUID]
    /// The issue, the account, or the report, with all that is said of it.
    public var subject: Subject

    public init(
        id: UUID, tenantID: TenantID, event: Event, band: RiskBand, headline: String, createdAt: Timestamp,
        channelIDs: [UUID] = [], subject: Subject
    ) {
        self.id = id
        self.tenantID = tenantID
        self.event = event
        self.band = band
        self.headline = headline
        self.createdAt = createdAt
        self.channelIDs = channelIDs
        self.subject = subject
    }

    /// Which word of the API the subject goes by.
    public var kind: Kind {
        switch subject {
        case .issue(let issue):
            switch issue.ruleKind {
            case .threshold: .threshold
            case .spike: .spike
            case .forecast: .forecast
            }
        case .access: .access
        case .test: .test
        case .digest: .digest
        }
    }

    /// The issue it is about; nil for another subject.
    public var issue: IssueAlert? {
        guard case .issue(let issue) = subject else { return nil }
        return issue
    }

    /// What a digest says; nil for another subject.
    public var digest: DigestContent? {
        guard case .digest(let digest) = subject else { return nil }
        return digest
    }

    /// Where to look at its subject in a browser.
    public var url: String {
        switch subject {
        case .issue(let issue): issue.url
        case .access(let access): access.siteURL
        case .test(let test): test.siteURL
        case .digest(let digest):
            // A single project has a page of its own.
            digest.projectKeys.count == 1 ? digest.address(of: IssueKey(digest.projectKeys[0])) : digest.siteURL
        }
    }
}
