import Domain

/// The sums that all roll-ups have in common.
struct RollupTotals {
    /// Every issue once, riskiest first, then by key and id: the order of what came in decides nothing.
    let issues: [RolledUpIssue]

    init(_ issues: [RolledUpIssue]) {
        let byID = Dictionary(issues.map { ($0.id, $0) }) { first, _ in first }
        self.issues = byID.values.sorted {
            $0.riskScore == $1.riskScore ? ($0.key, $0.id) < ($1.key, $1.id) : $0.riskScore > $1.riskScore
        }
    }

    var blockerCount: Int { issues.reduce(0) { $0 + $1.blockers.count } }

    var blockersByCategory: [String: Int] {
        issues.flatMap(\.blockers).flatMap { Set($0) }.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// To one decimal; 0 without issues.
    var averageRisk: Double {
        guard !issues.isEmpty else { return 0 }
        let mean = Double(issues.reduce(0) { $0 + $1.riskScore }) / Double(issues.count)
        return (mean * 10).rounded() / 10
    }

    var highestRisk: Int { issues.first?.riskScore ?? 0 }

    var capacity: RollupCapacity {
        RollupCapacity(
            totalDailyCost: issues.reduce(0) { $0 + $1.dailyCost },
            totalPersonDaysLostPerDay: issues.reduce(0) { $0 + $1.daysLostPerDay })
    }
}
