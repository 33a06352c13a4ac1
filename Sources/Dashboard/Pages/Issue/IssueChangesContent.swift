import Domain
import RiskEngine

/// What changed the score of an issue between two days, for its page: the same parts as `GET …/diff`.
struct IssueChangesContent: Sendable {
    struct Row: Sendable {
        var at: String
        /// `+12` or `−5`.
        var points: String
        /// `Age 10 → 13, Blockers 0 → 15`.
        var moves: String
        var events: [IssueStoryContent.Happening]
        /// Nothing happened: time did it.
        var isTime: Bool
    }

    struct Table: Sendable {
        var heading: String
        var before: Int
        var after: Int
        var change: String
        /// Oldest first.
        var rows: [Row]
        var hasRows: Bool
        /// How many events moved nothing; nil for none.
        var quiet: String?
        /// From when on all changes are known, where that is later than the first day.
        var known: String?
    }

    /// Days, as they were entered.
    var since: String
    var until: String
    /// The last day that can be chosen.
    var today: String
    /// Nil until somebody asks.
    private(set) var table: Table?
    private(set) var problems: [FormProblem] = []
    var hasProblems: Bool
    /// What is asked for; nil for nothing, and for what is no such time.
    let span: (from: Timestamp, to: Timestamp)?

    /// - Parameters:
    ///   - since: the first day, in UTC; nil where nothing is asked for.
    ///   - until: the last day; nil for now.
    init(since: String?, until: String?, now: Timestamp) {
        (self.since, self.until, today) = (since ?? "", until ?? "", "\(now.utcDay)")
        var span: (from: Timestamp, to: Timestamp)?
        if let since {
            let end: Timestamp? = until.map { CalendarDay($0)?.startUTC.adding(days: 1) } ?? now
            if let from = CalendarDay(since)?.startUTC, let end, from < min(end, now) {
                span = (from, min(end, now))
            } else {
                problems = [FormProblem(text: PageTexts.english("issue", "changed_bad_days"))]
            }
        }
        self.span = span
        hasProblems = !problems.isEmpty
    }

    /// Takes what was found.
    mutating func take(_ found: PastDifference, _ happenings: Happenings) {
        let difference = found.difference
        let rows = difference.parts.map { part in
            Row(
                at: PageText.instant(part.at), points: PageText.signed(part.points),
                moves: part.moves.map { "\(PageText.title($0.factor)) \($0.before) → \($0.after)" }
                    .joined(separator: ", "),
                events: part.events.map(happenings.row), isTime: part.events.isEmpty)
        }
        let known = found.knownFrom.flatMap { $0 > difference.from.at ? PageText.instant($0) : nil }
        table = Table(
            heading: PageTexts.english(
                "issue", "changed_heading",
                ["from": PageText.instant(difference.from.at), "to": PageText.instant(difference.to.at)]),
            before: difference.from.score, after: difference.to.score, change: PageText.signed(difference.change),
            rows: rows, hasRows: !rows.isEmpty,
            quiet: difference.quietEvents == 0
                ? nil : PageTexts.english("issue", "changed_quiet", ["count": "\(difference.quietEvents)"]),
            known: known.map { PageTexts.english("issue", "changed_known", ["at": $0]) })
    }

    /// Says why nothing was found.
    mutating func note(_ problems: [FormProblem]) {
        self.problems = problems
        hasProblems = !problems.isEmpty
    }
}

extension Happenings {
    /// In words.
    func row(_ event: ScoreDifference.Event) -> IssueStoryContent.Happening {
        let comment = Evidence(kind: .comment, id: event.id).address(inIssueAt: address)
        let url: String? =
            switch event.kind {
            case .comment, .commentEdit: comment
            case .blockingIssue: event.issueKey.map { PageText.issuePath($0) }
            case .created, .change, .link, .sprint, .activity: nil
            }
        return IssueStoryContent.Happening(at: PageText.instant(event.at), text: text(of: event), url: url)
    }

    private func text(of event: ScoreDifference.Event) -> String {
        let author = event.who ?? PageTexts.english("issue", "somebody")
        let nothing = PageTexts.english("issue", "nothing")
        func change(_ field: String) -> String {
            PageTexts.english(
                "issue", "event_change",
                ["field": field, "from": event.from ?? nothing, "to": event.to ?? nothing, "author": author])
        }
        switch event.kind {
        case .created: return PageTexts.english("issue", "event_created", ["author": author])
        case .change: return change(event.field ?? "")
        case .comment:
            return event.text.map { PageTexts.english("issue", "event_comment", ["author": author, "text": $0]) }
                ?? PageTexts.english("issue", "event_restricted", ["author": author])
        case .commentEdit: return PageTexts.english("issue", "event_edit")
        case .link:
            return event.field.map(change) ?? PageTexts.english("issue", "event_link", ["link": event.to ?? ""])
        case .sprint: return PageTexts.english("issue", "event_sprint", ["sprint": event.text ?? ""])
        case .blockingIssue:
            return PageTexts.english(
                "issue", "event_blocking",
                [
                    "key": event.issueKey.map { "\($0)" } ?? "", "from": event.from ?? nothing,
                    "to": event.to ?? nothing,
                ])
        case .activity: return PageTexts.english("issue", "event_activity")
        }
    }
}
