import Domain

extension IssueRewind {
    /// Everything that is known to have happened to the issue, in any order. Between two of these instants the issue stays the same,
    /// but for the category's date.
    var events: [ScoreDifference.Event] {
        let told = creation + fieldEvents + commentEvents + linkEvents + sprintEvents
        let instants = Set(told.map(\.at))
        // What moved the dates of activity, and is not among these.
        let signs = Set([clamped(issue.updated), clamped(issue.activeAt)]).subtracting(instants)
        return told
            + signs.map { ScoreDifference.Event(at: $0, kind: .activity, id: issue.id.rawValue) }
    }

    private var creation: [ScoreDifference.Event] {
        [
            ScoreDifference.Event(
                at: created, kind: .created, id: issue.id.rawValue, who: issue.reporter?.displayName)
        ]
    }

    private var fieldEvents: [ScoreDifference.Event] {
        issue.changes.map { change in
            // The change log quotes a deleted comment, also one that not everybody could read.
            let isWithheld = change.concerns("comment")
            return ScoreDifference.Event(
                at: clamped(change.at), kind: change.concerns("link") ? .link : .change, id: change.id.rawValue,
                who: change.author?.displayName, field: Snippet.of(change.field, limit: 80),
                from: isWithheld ? nil : Self.shown(change.fromString, change.from),
                to: isWithheld ? nil : Self.shown(change.toString, change.to))
        }
    }

    /// A value of a change, by its name where it has one, short enough for a line.
    private static func shown(_ name: String?, _ value: String?) -> String? {
        (name.nonEmpty ?? value.nonEmpty).map { Snippet.of($0, limit: 80) }
    }

    private var commentEvents: [ScoreDifference.Event] {
        issue.comments.flatMap { comment -> [ScoreDifference.Event] in
            let text = comment.shownStart(160).map { Snippet.of($0, limit: 160) }
            let written = ScoreDifference.Event(
                at: clamped(comment.created), kind: .comment, id: comment.id.rawValue,
                who: comment.author?.displayName, text: text)
            guard clamped(comment.updated) > written.at else { return [written] }
            let edit = ScoreDifference.Event(
                at: clamped(comment.updated), kind: .commentEdit, id: comment.id.rawValue, text: text)
            return [written, edit]
        }
    }

    /// Links that webhooks of their own told; those of the change log are among its changes.
    private var linkEvents: [ScoreDifference.Event] {
        let changes = Set(issue.changes.filter { $0.concerns("link") }.map { clamped($0.at) })
        return ties.compactMap { tie -> ScoreDifference.Event? in
            guard let from = tie.from, !changes.contains(clamped(from)) else { return nil }
            return ScoreDifference.Event(
                at: clamped(from), kind: .link, id: tie.link.id.rawValue,
                to: "\(tie.link.relation.rawValue.replacing("_", with: " ")) \(tie.link.otherName)")
        }
    }

    private var sprintEvents: [ScoreDifference.Event] {
        sprintTurns.map { turn in
            let name = Snippet.of(turn.sprint.name, limit: 80)
            return ScoreDifference.Event(
                at: turn.at, kind: .sprint, id: turn.sprint.id, text: "\(name) \(turn.isEnd ? "was closed" : "began")")
        }
    }
}
