import Domain

extension Hypothesis {
    /// Makes a change; the reason where it cannot be made, and then nothing is changed.
    ///
    /// - Parameter known: what the store knows of the issues that block this one.
    mutating func make(_ change: HypotheticalChange, known: [UpstreamRisk]) -> HypothesisError.Problem? {
        switch change {
        case .blockerResolved(let kind, let id):
            return resolve(Evidence(kind: kind, id: id), known: known)
        case .linkRemoved(let key):
            let links = links(to: key, known: known)
            if links.isEmpty { return .unknownLink }
            remove(links)
        case .dueDate(let day):
            setDueDate(day)
        case .assignee(let name):
            assign(name.map { person($0) })
        case .status(let name):
            guard let status = statuses.status(name) else { return .unknownStatus }
            move(to: status)
        case .comment(let text):
            comment(text, id: nextCommentID)
        case .removeFromSprint:
            guard let sprint, let sprints = issue?.sprints, sprints.contains(where: { $0.id == sprint.id }) else {
                return .notInSprint
            }
            setSprints(sprints.filter { $0.id != sprint.id }, from: sprints)
        case .addToSprint:
            guard let sprint, let sprints = issue?.sprints, !sprints.contains(where: { $0.id == sprint.id }) else {
                return .inSprintAlready
            }
            setSprints(sprints + [sprint], from: sprints)
        }
        return nil
    }

    private var nextCommentID: CommentID { CommentID("what-if-\(count)") }

    /// The links to an issue that is named by its key or, where only that is known, its id.
    private func links(to key: IssueKey, known: [UpstreamRisk]) -> [LinkID] {
        let named = Set(known.filter { $0.issueKey == key }.map(\.linkID))
        return (issue?.links ?? []).filter { $0.otherName == key.rawValue || named.contains($0.id) }.map(\.id)
    }

    // MARK: People

    /// The person whom the issue knows by an account id or a display name in any case, else one of whom no more is known.
    private func person(_ text: String) -> Person {
        let people = people
        return people.first { $0.id == text }
            ?? people.first { $0.displayName.lowercased() == text.lowercased() }
            ?? Person(id: text, displayName: text)
    }

    /// Who has or had to do with the issue, those of whom most is known first.
    private var people: [Person] {
        guard let issue else { return [] }
        let former = issue.changes.filter { $0.concerns("assignee") }.flatMap { change in
            [(change.to, change.toString), (change.from, change.fromString)].compactMap { id, name in
                id.map { Person(id: $0, displayName: name ?? $0) }
            }
        }
        return [issue.assignee, issue.reporter].compactMap(\.self) + issue.comments.reversed().compactMap(\.author)
            + issue.changes.reversed().compactMap(\.author) + former
    }

    // MARK: Blockers

    /// The open blockers, as an analysis of the issue lists them.
    func blockers(known: [UpstreamRisk]) -> [Blocker] {
        issue.map { scorer.blockers(of: $0, upstream: upstream(known, of: $0), statuses: statuses) } ?? []
    }

    /// Ends what an open blocker stands on. A comment that stands on a linked issue alone needs no other comment.
    private mutating func resolve(_ evidence: Evidence, known: [UpstreamRisk]) -> HypothesisError.Problem? {
        func find(_ hypothesis: Hypothesis) -> Blocker? {
            hypothesis.blockers(known: known).first { blocker in
                blocker.allEvidence.contains { $0.kind == evidence.kind && $0.id == evidence.id }
            }
        }
        guard let blocker = find(self), let issue else { return .unknownBlocker }
        var after = self
        after.finish(blocker.allEvidence.filter { $0.kind == .link }.map { LinkID($0.id) })
        for sign in blocker.allEvidence {
            switch BlockingSign(sign, in: issue) {
            case .flag: after.removeFlag()
            case .status:
                guard let former = scorer.formerStatus(of: issue, statuses: statuses) else {
                    return .unknownFormerStatus
                }
                after.move(to: former)
            case nil: break
            }
        }
        if blocker.allEvidence.contains(where: { $0.kind == .comment }), after.stillHas(blocker, known: known) {
            after.comment(scorer.resolvingText, id: after.nextCommentID)
        }
        self = after
        return nil
    }

    /// Whether a comment of the blocker still says that the work is impeded.
    private func stillHas(_ blocker: Blocker, known: [UpstreamRisk]) -> Bool {
        let comments = Set(blocker.allEvidence.filter { $0.kind == .comment }.map(\.id))
        return blockers(known: known).contains { open in
            open.allEvidence.contains { $0.kind == .comment && comments.contains($0.id) }
        }
    }
}

/// What evidence of a blocker is, besides a comment or a link.
enum BlockingSign {
    case flag, status

    /// Nil for a comment and a link.
    init?(_ evidence: Evidence, in issue: Issue) {
        switch evidence.kind {
        case .comment, .link: return nil
        case .field: self = evidence.id == "flagged" ? .flag : .status
        case .change:
            let change = issue.changes.first { $0.id.rawValue == evidence.id }
            self = change?.concerns("flagged") == true ? .flag : .status
        }
    }
}

extension RiskScorer {
    /// The open blockers of an issue, as an analysis of it lists them.
    func blockers(of issue: Issue, upstream: [UpstreamRisk], statuses: StatusCatalog) -> [Blocker] {
        let names = StatusNames(configuration, of: issue, catalog: statuses)
        return settledReason(of: issue, names: names) == nil
            ? blockers(of: issue, names: names, upstream: upstream) : []
    }

    /// The status that the issue had before its present one; nil where that is not known, or is one that is done or blocked, too.
    func formerStatus(of issue: Issue, statuses: StatusCatalog) -> Status? {
        let change = issue.changes.last { $0.concerns("status") && $0.toString == issue.status?.name }
        guard let change, let name = change.fromString else { return nil }
        let status =
            change.from.flatMap { statuses.status($0) } ?? statuses.status(name)
            ?? Status(id: change.from, name: name, category: nil)
        return isDone(status) || isBlocked(status) ? nil : status
    }

    /// Whether a status of this name says that work is held up.
    func isBlocked(_ status: Status) -> Bool { StatusNames(configuration, current: status).isCurrentBlocked }

    /// What somebody writes when what comments wait for is there: the first text that the rules take for it.
    var resolvingText: String {
        let texts = ["Resolved."] + configuration.resolvingPhrases
        return texts.first { text in
            let said = openBlockers.statement(in: text).said
            return said.closesEarlier && !said.opens
        } ?? texts[0]
    }
}
