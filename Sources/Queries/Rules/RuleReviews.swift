import Alerts
public import Domain
import Synchronization

/// Which rules of a tenant are to be changed, for its digests.
///
/// Digests are due at the same time on many channels of a tenant: within ten minutes they share the scorecards, unless a rule
/// was changed.
public final class RuleReviews: Sendable {
    private static let sharedSeconds: Int64 = 600

    private let store: any QueryStore
    private let scorecards: Scorecards
    private let made = Mutex<[TenantID: AlertScorecards]>([:])

    public init(store: any QueryStore, scorecards: Scorecards) {
        self.store = store
        self.scorecards = scorecards
    }

    /// The enabled rules that are to be changed, of those that concern the projects of a digest.
    ///
    /// Waits while something else of the tenant is computed. Throws what the store throws, and `CancellationError`.
    public func changes(for request: DigestRequest) async throws -> [DigestContent.RuleLine] {
        let projects = Set(request.projectKeys)
        return try await cards(for: request).rules.filter { card in
            card.rule.isEnabled && card.advice.kind.isChange
                && (projects.isEmpty || card.rule.projectKeys.isEmpty
                    || !projects.isDisjoint(with: card.rule.projectKeys))
        }.map { card in
            DigestContent.RuleLine(
                name: card.rule.name, advice: card.advice, raised: card.card.raised, precision: card.card.precision,
                noise: card.card.noise, recall: card.card.recall)
        }
    }

    private func cards(for request: DigestRequest) async throws -> AlertScorecards {
        let (tenantID, now) = (request.tenantID, request.asOf)
        let rules = try await store.alertRules(tenantID)
        if let known = made.withLock({ $0[tenantID] }), Self.isShared(known, at: now), known.rules.map(\.rule) == rules
        {
            return known
        }
        let cards = try await inTurn {
            try await scorecards.run(lastDays: DigestComposer.reviewedDays, of: tenantID, at: now)
        }
        made.withLock { made in
            made = made.filter { Self.isShared($0.value, at: now) }
            made[tenantID] = cards
        }
        return cards
    }

    private static func isShared(_ cards: AlertScorecards, at now: Timestamp) -> Bool {
        cards.to <= now && now < cards.to.adding(seconds: sharedSeconds)
    }

    private func inTurn(_ body: () async throws -> AlertScorecards) async throws -> AlertScorecards {
        while true {
            do { return try await body() } catch QueryError.computationUnderWay {
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
