import Domain

/// When an issue was in a sprint, by its changelog and its own sprint field.
///
/// A function of the issue's state, so that the order in which webhooks came does not matter (P3). Before the first
/// change the issue was where that change says it came from. After the last one its sprint field counts where it was
/// told no earlier than the change: a change that consilod never heard of is dated by when its effect was seen.
struct SprintMembership {
    /// Entries and exits, oldest first; the first is how the issue was created.
    private let transitions: [(at: Timestamp, isIn: Bool)]

    init(of member: SprintIssue, in sprintID: String) {
        let changes = member.issue.changes.filter(\.isOfSprints)
            .sorted { ($0.at, NumericOrder($0.id)) < ($1.at, NumericOrder($1.id)) }
        let atCreation = changes.first.map { $0.sprintIDsBefore.contains(sprintID) } ?? member.isMember
        var transitions = [(at: member.issue.created, isIn: atCreation)]
        transitions += changes.map { ($0.at, $0.sprintIDsAfter.contains(sprintID)) }
        if let last = changes.last, let toldAt = member.toldAt, toldAt >= last.at {
            transitions.append((toldAt, member.isMember))
        }
        self.transitions = transitions
    }

    /// Whether the issue is in the sprint, as far as is known.
    var isInNow: Bool { transitions.last?.isIn ?? false }

    /// Whether it was at `instant`, that instant's own changes included.
    func isIn(at instant: Timestamp) -> Bool { transitions.last { $0.at <= instant }?.isIn ?? false }

    /// When it first came in after `start` and up to `end`; nil where it did not, or was in at `start`.
    func firstAdded(after start: Timestamp, until end: Timestamp) -> Timestamp? {
        guard !isIn(at: start) else { return nil }
        return transitions.first { $0.isIn && start < $0.at && $0.at <= end }?.at
    }
}
