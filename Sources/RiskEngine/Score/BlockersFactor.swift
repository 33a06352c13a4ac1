import Domain

/// The `standard` blockers factor: so many points for each open blocker, up to the cap.
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

    var turningPoints: [Timestamp] { [] }

    func points(at now: Timestamp) -> Int { min(cap, pointsPerBlocker * blockers.count) }

    func explanation(at now: Timestamp) -> String {
        if blockers.isEmpty { return "Nothing is known to block the work." }
        var parts: [String] = []
        if comments > 0 { parts.append("\(comments) from comments") }
        if let blockedStatus { parts.append("the status \"\(blockedStatus)\"") }
        if !links.isEmpty { parts.append("\(links.count) from links (\(Wording.list(links)))") }
        return "\(Wording.count(blockers.count, "open blocker")): \(Wording.list(parts))."
    }

    func remedy(at now: Timestamp) -> String {
        var steps: [String] = []
        if comments > 0 { steps.append("comment \"resolved\" once what the comments wait for is there") }
        if let blockedStatus { steps.append("move the issue out of \"\(blockedStatus)\"") }
        if !links.isEmpty { steps.append("finish the blocking issues or remove the links") }
        let text = Wording.list(steps)
        return text.prefix(1).uppercased() + text.dropFirst() + "."
    }

    func evidence(at now: Timestamp) -> [Evidence] { blockers.map(\.evidence) }

    private var comments: Int { blockers.count { $0.evidence.kind == .comment } }
    private var links: [String] { blockers.filter { $0.evidence.kind == .link }.compactMap(\.evidence.note) }
    private var blockedStatus: String? {
        blockers.contains { $0.evidence.kind == .change || $0.evidence.kind == .field } ? statusName : nil
    }
}
