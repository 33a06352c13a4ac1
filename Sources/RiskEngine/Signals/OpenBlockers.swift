import Domain

/// Finds what holds an issue up now: blockers that comments opened and nothing closed since, a status that says so,
/// and links to unfinished issues.
struct OpenBlockers: Sendable {
    private enum Turn: Sendable {
        case opens, resolves
    }

    private let turns: PhraseTable<Turn>
    private let categories: PhraseTable<BlockerCategory>
    private let assertion: Assertion

    init(_ configuration: RiskConfiguration) {
        turns = PhraseTable(
            configuration.blockerPhrases.map { ($0, .opens) } + configuration.resolvingPhrases.map { ($0, .resolves) })
        categories = PhraseTable(
            BlockerCategory.allCases.flatMap { category in
                (configuration.categoryPhrases[category.rawValue] ?? []).map { ($0, category) }
            })
        assertion = Assertion(negations: configuration.negations, hypotheticals: configuration.hypotheticals)
    }

    /// The open blockers: from comments, then the status, then links; each group oldest first.
    func find(in issue: Issue, names: StatusNames, upstream: [UpstreamRisk]) -> [Blocker] {
        fromComments(issue, names: names) + fromStatus(issue, names: names) + fromLinks(issue, upstream: upstream)
    }

    // MARK: Comments

    /// Replays comments and status changes in the order of time.
    private func fromComments(_ issue: Issue, names: StatusNames) -> [Blocker] {
        var open: [Blocker] = []
        let closings = issue.changes.filter { $0.concerns("status") && Self.closes($0, names: names) }.map(\.at)
        var nextClosing = closings.startIndex
        for comment in issue.comments {
            // At the same instant the comment comes first: Jira saves it together with the transition.
            while nextClosing < closings.endIndex, closings[nextClosing] < comment.created {
                open.removeAll()
                nextClosing += 1
            }
            read(comment, open: &open)
        }
        return nextClosing < closings.endIndex ? [] : open
    }

    private static func closes(_ change: Change, names: StatusNames) -> Bool {
        names.isDone(change.toString) || names.isBlocked(change.fromString) && !names.isBlocked(change.toString)
    }

    /// Follows the phrases in the order of the text, so that "the API is fixed, now waiting for legal" closes the old
    /// blockers and opens one.
    private func read(_ comment: Comment, open: inout [Blocker]) {
        let words = Words(Prose.of(comment.body))
        var opens = false
        for match in turns.matches(in: words) where assertion.asserts(match.range, in: words) {
            switch match.label {
            case .opens: opens = true
            case .resolves:
                opens = false
                open.removeAll()
            }
        }
        guard opens else { return }
        let found = Set(categories.matches(in: words).map(\.label))
        let names = BlockerCategory.allCases.filter(found.contains).map(\.rawValue)
        open.append(Blocker(comment, categories: names.isEmpty ? [BlockerCategory.uncategorized] : names))
    }

    // MARK: Status and links

    private func fromStatus(_ issue: Issue, names: StatusNames) -> [Blocker] {
        guard names.isCurrentBlocked, let status = issue.status else { return [] }
        let note = "Status \"\(status.name)\""
        let change = issue.changes.last { $0.concerns("status") && $0.toString == status.name }
        return [
            Blocker(
                author: change?.author?.displayName ?? "Unknown", date: change?.at ?? issue.created,
                snippet: Snippet.of(note, limit: 200), categories: [BlockerCategory.uncategorized],
                evidence: Evidence(
                    kind: change == nil ? .field : .change, id: change?.id.rawValue ?? "status", at: change?.at,
                    note: Snippet.of(note, limit: 200)))
        ]
    }

    private func fromLinks(_ issue: Issue, upstream: [UpstreamRisk]) -> [Blocker] {
        let doneLinks = Set(upstream.filter(\.isDone).map(\.linkID))
        return issue.links.filter { $0.relation == .blockedBy && !doneLinks.contains($0.id) }.map { link in
            let other = link.otherName
            let change = issue.changes.last { $0.concerns("link") && $0.to == other }
            let note = Snippet.of("Blocked by \(other)", limit: 200)
            return Blocker(
                author: change?.author?.displayName ?? "Unknown", date: change?.at ?? issue.created, snippet: note,
                categories: [BlockerCategory.dependency.rawValue],
                evidence: Evidence(kind: .link, id: link.id.rawValue, at: change?.at, note: note))
        }
    }
}

extension IssueLink {
    /// The other issue's key, or its id where only that is known.
    var otherName: String { otherKey?.rawValue ?? otherID?.rawValue ?? "an unknown issue" }
}
