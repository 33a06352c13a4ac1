public import Domain

/// The sprints of a site. The change log of an issue names them only, and a sprint's dates have no change log: they count
/// from when they were first seen.
public struct SprintCatalog: Sendable, Hashable {
    private var byName: [String: SprintFact] = [:]

    public init() {}

    /// Adds what was seen of a sprint at an instant, in any order. The latest sight of its dates counts, but from the
    /// first one on; that it was closed is a fact with a date of its own.
    public mutating func insert(_ sprint: Sprint, seen: Timestamp) {
        let fact = SprintFact(sprint, seen: seen)
        for name in [sprint.id, sprint.name] { byName[name] = byName[name].map { $0.joined(with: fact) } ?? fact }
    }

    /// A sprint by its id or, where the change log has no ids, its name.
    subscript(name: String) -> SprintFact? { byName[name] }
}

/// A sprint, with what may be read of it when.
struct SprintFact: Sendable, Hashable {
    var starts: Timestamp?
    var ends: Timestamp?
    /// When it was closed; nil as long as no sight tells it.
    var closed: Timestamp?
    /// When its dates were first seen.
    var seen: Timestamp
    /// When they were last seen.
    private var told: Timestamp

    init(_ sprint: Sprint, seen: Timestamp) {
        starts = sprint.startDate
        ends = sprint.endDate
        closed = sprint.completeDate ?? (sprint.state.lowercased() == "closed" ? sprint.endDate ?? seen : nil)
        self.seen = seen
        told = seen
    }

    private var order: (Timestamp, Timestamp, Timestamp) { (told, ends ?? told, starts ?? told) }

    func joined(with other: SprintFact) -> SprintFact {
        var joined = order < other.order ? other : self
        joined.closed = [closed, other.closed].compactMap(\.self).min()
        joined.seen = min(seen, other.seen)
        return joined
    }
}
