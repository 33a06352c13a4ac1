import Domain

/// Risk passed on by the riskiest unfinished issue that blocks this one.
///
/// That the issue is blocked is said by the link's blocker (``BlockersFactor``), so only the risk beyond that blocker's
/// points counts here (decision 0026). Only own scores are passed on, never what an issue was passed itself, so circles of links cannot feed themselves.
struct UpstreamFactor: ScoreFactor {
    let name = Factor.Name.upstream
    let cap: Int
    private let worst: UpstreamRisk?
    private let fraction: Double
    private let pointsOfBlocker: Int

    init(of issue: Issue, upstream: [UpstreamRisk], configuration: RiskConfiguration) {
        cap = configuration.caps.upstream
        fraction = configuration.upstreamFraction
        pointsOfBlocker = min(configuration.pointsPerBlocker, configuration.caps.blockers)
        let links = Set(issue.links.filter { $0.relation == .blockedBy }.map(\.id))
        worst = upstream.filter { !$0.isDone && links.contains($0.linkID) }
            .max { ($0.ownScore, $1.linkID) < ($1.ownScore, $0.linkID) }
    }

    var turningPoints: [Timestamp] { [] }

    func points(at now: Timestamp) -> Int {
        let passedOn = Int((Double(max(0, worst?.ownScore ?? 0)) * fraction).rounded())
        return min(cap, max(0, passedOn - pointsOfBlocker))
    }

    func explanation(at now: Timestamp) -> String {
        guard let worst else { return "No unfinished blocking issue with a known risk." }
        return "Blocked by \(worst.issueKey), whose own risk is \(worst.ownScore)."
    }

    func remedy(at now: Timestamp) -> String {
        worst.map { "Lower the risk of \($0.issueKey), or remove the dependency on it." } ?? ""
    }

    func evidence(at now: Timestamp) -> [Evidence] {
        worst.map { [Evidence(kind: .link, id: $0.linkID.rawValue, note: $0.issueKey.rawValue)] } ?? []
    }
}
