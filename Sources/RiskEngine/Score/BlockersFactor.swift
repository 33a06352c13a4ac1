import Domain

/// The `standard` blockers factor: so many points for each open blocker, a quarter and a half more once a question has
/// had no answer for three and seven days, up to the cap.
struct BlockersFactor: ScoreFactor {
    let name = Factor.Name.blockers
    let cap: Int
    private let blockers: [Blocker]
    private let pointsPerBlocker: Int
    private let statusName: String?

    init(_ blockers: [Blocker], statusName: String?, configuration: RiskConfiguration) {
        cap = configuration.caps.blockers
        pointsPerBlocker = configuration.pointsPerBlocker
        self.blockers = blockers
        self.statusName = statusName
    }

    /// Days without an answer, and the share of a blocker's points that they add.
    private static let steps = [(days: 3, share: 0.25), (days: 7, share: 0.5)]

    var turningPoints: [Timestamp] {
        blockers.compactMap(\.unansweredSince).flatMap { since in Self.steps.map { since.adding(days: $0.days) } }
    }

    func points(at now: Timestamp) -> Int {
        let shares = blockers.compactMap(\.unansweredSince).map { since in
            Self.steps.last { since.adding(days: $0.days) <= now }?.share ?? 0
        }
        let more = shares.map { Int((Double(pointsPerBlocker) * $0).rounded()) }.reduce(0, +)
        return min(cap, pointsPerBlocker * blockers.count + more)
    }

    func explanation(at now: Timestamp) -> String {
        if blockers.isEmpty { return "Nothing is known to block the work." }
        var parts: [String] = []
        if let latest = comments.last {
            let cited = Self.cited(latest)
            parts.append(comments.count == 1 ? "a comment\(cited)" : "\(comments.count) comments, the latest\(cited)")
        }
        if let blockedStatus { parts.append("the status \"\(blockedStatus)\"") }
        if !links.isEmpty { parts.append("\(links.count == 1 ? "the link" : "the links") \(Wording.list(links))") }
        let longest = blockers.compactMap(\.unansweredSince).min().map { now.wholeDays(since: $0) } ?? 0
        let waiting = longest > 0 ? ", unanswered for \(Wording.count(longest, "day"))" : ""
        return "\(Wording.count(blockers.count, "open blocker")): \(Wording.list(parts))\(waiting)."
    }

    /// ` by Ada on 2026-11-20`.
    private static func cited(_ evidence: Evidence) -> String {
        (evidence.author.map { " by \($0)" } ?? "") + (evidence.at.map { " on \($0.utcDay)" } ?? "")
    }

    func remedy(at now: Timestamp) -> String {
        var steps: [String] = []
        if !comments.isEmpty { steps.append("comment \"resolved\" once what the comments wait for is there") }
        if let blockedStatus { steps.append("move the issue out of \"\(blockedStatus)\"") }
        if !links.isEmpty { steps.append("finish the blocking issues or remove the links") }
        let text = Wording.list(steps)
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    func evidence(at now: Timestamp) -> [Evidence] { evidence }

    private var evidence: [Evidence] { blockers.flatMap(\.allEvidence) }
    /// The latest last.
    private var comments: [Evidence] {
        evidence.filter { $0.kind == .comment }
            .sorted { ($0.at?.milliseconds ?? 0, $0.id) < ($1.at?.milliseconds ?? 0, $1.id) }
    }
    private var links: [String] { evidence.filter { $0.kind == .link }.compactMap(\.note).map { "\"\($0)\"" } }
    private var blockedStatus: String? {
        evidence.contains { $0.kind == .change || $0.kind == .field } ? statusName : nil
    }
}
