import Domain

@testable import Forecast

/// Issues of examples, in days after a Monday: `Story.day(3)` is Thursday, 00:00 UTC.
enum Story {
    static let begin = CalendarDay(daysSinceEpoch: 18_263).startUTC
    static let ann = Person(id: "ann", displayName: "Ann")
    static let bob = Person(id: "bob", displayName: "Bob")
    static let open = Status(id: "1", name: "Open", category: .new)
    static let doing = Status(id: "2", name: "Doing", category: .indeterminate)
    static let done = Status(id: "3", name: "Done", category: .done)
    static let statuses = StatusCatalog([open, doing, done])

    static func day(_ day: Double) -> Timestamp { begin.adding(milliseconds: Int64(day * 86_400_000)) }

    /// An open bug without anything else.
    static func issue(_ number: Int, created: Double = 0, project: String = "ENG") -> Issue {
        Issue(
            id: IssueID("\(number)"), key: IssueKey("\(project)-\(number)"), summary: "Summary", issueType: "Bug",
            priority: "High", status: open, created: day(created), updated: day(created), reporter: ann,
            fixVersions: [], affectedVersions: [], subtasks: [])
    }

    /// An issue that somebody finished.
    static func finished(
        _ number: Int, created: Double, done at: Double, by person: Person? = nil, project: String = "ENG"
    ) -> Issue {
        var issue = issue(number, created: created, project: project)
        issue.assignee = person
        issue.edit(at, person, ("status", "1", "3"))
        issue.status = done
        return issue
    }

    /// The sample of one of the issues as of a day; nil if it has none.
    static func sample(
        of number: Int, at day: Double, _ issues: [Issue], seen: [IssueID: FirstSights] = [:],
        sprints: SprintCatalog = SprintCatalog(), maker: SampleMaker = SampleMaker()
    ) -> Sample? {
        let histories = IssueHistory.all(of: issues, statuses: statuses, sprints: sprints, seen: seen)
        return maker.samples(of: histories, at: Self.day(day), issues: [IssueID("\(number)")]).first
    }
}

extension Issue {
    /// Logs an edit of fields, each from an id or text to another; the fields themselves stay as they are.
    mutating func edit(_ day: Double, _ author: Person?, _ items: (field: String, from: String?, to: String?)...) {
        let at = Story.day(day)
        let entry = changes.count
        for (index, item) in items.enumerated() {
            changes.append(
                Change(
                    id: ChangeID("\(entry)/\(index)"), at: at, author: author, field: item.field, from: item.from,
                    fromString: item.from, to: item.to, toString: item.to))
        }
        updated = max(updated, at)
    }

    mutating func comment(_ day: Double, _ author: Person?, _ body: String, edited: Double? = nil) {
        let (at, last) = (Story.day(day), Story.day(edited ?? day))
        comments.append(
            Comment(id: CommentID("\(comments.count)"), author: author, body: body, created: at, updated: last))
        updated = max(updated, last)
    }
}
