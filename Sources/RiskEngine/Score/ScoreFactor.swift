import Domain

/// One addend of a score as a function of time: everything but the clock is fixed when it is made.
///
/// Its points are a step function that changes at no other instants than its turning points; that is what lets
/// ``NextChange`` find when time alone changes a score.
protocol ScoreFactor {
    var name: Factor.Name { get }
    /// The most points it may add.
    var cap: Int { get }
    /// Every instant at which the points may change, in any order.
    var turningPoints: [Timestamp] { get }
    /// 0 … `cap`.
    func points(at now: Timestamp) -> Int
    /// One plain sentence: why these points.
    func explanation(at now: Timestamp) -> String
    /// One plain sentence: what would take them away.
    func remedy(at now: Timestamp) -> String
    /// What the points rest on; not empty where there are points.
    func evidence(at now: Timestamp) -> [Evidence]
    /// Whether the evidence is shown where it adds no point, too. Default false.
    var citesWithoutPoints: Bool { get }
}

extension ScoreFactor {
    var citesWithoutPoints: Bool { false }

    /// - Parameter points: what it adds, at most ``points(at:)``.
    func factor(at now: Timestamp, points: Int) -> Factor {
        Factor(
            name: name, points: points, cap: cap, explanation: explanation(at: now),
            remedy: points > 0 ? remedy(at: now) : nil,
            evidence: points > 0 || citesWithoutPoints ? evidence(at: now) : [])
    }

    /// `share` (0–1) of the cap, to the nearest whole point.
    func points(share: Double) -> Int { min(cap, Int((Double(cap) * share).rounded())) }
}

/// A factor of an issue that is done or deleted: no points, ever.
struct SettledFactor: ScoreFactor {
    var name: Factor.Name
    var cap: Int
    var reason: String

    var turningPoints: [Timestamp] { [] }
    func points(at now: Timestamp) -> Int { 0 }
    func explanation(at now: Timestamp) -> String { reason }
    func remedy(at now: Timestamp) -> String { "" }
    func evidence(at now: Timestamp) -> [Evidence] { [] }
}
