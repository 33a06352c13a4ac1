import Domain
import TestSupport

/// Random but reproducible issues with something of everything in them.
struct RandomIssues {
    private var rng: SeededGenerator

    init(seed: UInt64) { rng = SeededGenerator(seed: seed) }

    private static let texts = [
        "Blocked by the vendor", "resolved, thanks", "Looks good", "waiting for Bob", "This is broken again", "",
        "Wir warten auf die Freigabe", "behoben", "not blocked", "released yesterday", "{quote}blocked{quote} no",
        "No problem, done.", "This fails all the time, very frustrating!", "🤔 naïve – “quoted” text…", "ok",
    ]
    private static let people = [
        Person(id: "ada", displayName: "Ada (Sr. QA)", timeZone: "Europe/Warsaw"),
        Person(id: "bob", displayName: "Bob", timeZone: "America/New_York"),
        Person(id: "cem", displayName: "Cem (Intern)"),
    ]
    private static let statuses = ["To Do", "In Progress", "Blocked", "Done", "On hold", "Closed"]

    struct Case {
        var issue: Issue
        var readings: [CommentID: SentimentReading]
        var upstream: [UpstreamRisk]
        var scores: [ScorePoint]
        var now: Timestamp
    }

    mutating func next() -> Case {
        let created = IssueFixture.now.adding(days: -number(0...120)).adding(
            milliseconds: Int64(number(0...86_399_999)))
        let now = created.adding(
            milliseconds: Int64.random(in: 0...(Int64(pick([20, 130, 900]) ?? 130) * 86_400_000), using: &rng))
        func instants(_ count: Int, _ rng: inout SeededGenerator) -> [Timestamp] {
            (0..<count).map { _ in
                Timestamp(milliseconds: Int64.random(in: created.milliseconds...now.milliseconds, using: &rng))
            }.sorted()
        }
        let comments = instants(number(0...14), &rng).enumerated().map { index, at in
            Comment(
                id: CommentID("\(100 + index)"), author: pick(Self.people), body: pick(Self.texts) ?? "", created: at,
                updated: at)
        }
        let changes = instants(number(0...10), &rng).enumerated().map { index, at in change(index, at) }
        let links = (0..<number(0...3)).map { index in
            IssueLink(
                id: LinkID("\(300 + index)"), relation: pick([.blocks, .blockedBy, .relatesTo]) ?? .blocks,
                typeName: "Link",
                otherID: IssueID("\(400 + index)"), otherKey: number(0...1) == 0 ? IssueKey("OPS-\(index)") : nil)
        }
        let status = pick(Self.statuses) ?? "To Do"
        let category: Status.Category? =
            number(0...3) == 0
            ? nil : status == "Done" || status == "Closed" ? .done : status == "To Do" ? .new : .indeterminate
        let sprints = (0..<number(0...2)).map {
            Sprint(
                id: "\($0)", name: "Sprint \($0)", state: pick(["active", "closed"]) ?? "",
                endDate: now.adding(days: number(-5...20)))
        }
        let issue = Issue(
            id: "1", key: "ENG-1", summary: "Random", priority: pick(["Highest", "Medium", "Low", "Odd"]),
            status: number(0...9) == 0 ? nil : Status(name: status, category: category), created: created,
            updated: max(created, comments.last?.created ?? created, changes.last?.at ?? created),
            dueDate: number(0...1) == 0 ? nil : now.adding(days: number(-20...30)).utcDay,
            assignee: number(0...3) == 0 ? nil : pick(Self.people),
            storyPoints: number(0...1) == 0 ? nil : Double(number(0...13)), sprints: sprints, comments: comments,
            changes: changes, links: links, isDeleted: number(0...29) == 0)
        let readings = comments.compactMap { comment -> (CommentID, SentimentReading)? in
            guard number(0...9) > 0, let label = pick(SentimentLabel.allCases) else { return nil }
            return (comment.id, SentimentReading(label: label, score: Double(number(50...100)) / 100))
        }
        let upstream = links.filter { $0.relation == .blockedBy && number(0...2) > 0 }.map {
            UpstreamRisk(
                issueID: $0.otherID ?? "0", issueKey: $0.otherKey ?? "OPS-9", linkID: $0.id, ownScore: number(0...100),
                isDone: number(0...2) == 0)
        }
        let scores = instants(number(0...3), &rng).map { ScorePoint(at: $0, score: number(0...100)) }
        return Case(
            issue: issue, readings: Dictionary(uniqueKeysWithValues: readings), upstream: upstream, scores: scores,
            now: now)
    }

    private mutating func change(_ index: Int, _ at: Timestamp) -> Change {
        let field = pick(["status", "assignee", "duedate", "labels"]) ?? "labels"
        let values: (String?, String?) =
            switch field {
            case "status": (pick(Self.statuses), pick(Self.statuses))
            case "assignee": (pick(Self.people)?.id, pick(Self.people)?.id)
            case "duedate":
                (at.adding(days: number(0...9)).utcDay.description, at.adding(days: number(0...20)).utcDay.description)
            default: (nil, "x")
            }
        return Change(
            id: ChangeID("\(200 + index)/0"), at: at, author: pick(Self.people), field: field, from: values.0,
            fromString: values.0, to: values.1, toString: values.1)
    }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &rng) }

    private mutating func pick<Value>(_ values: [Value]) -> Value? { values.randomElement(using: &rng) }
}
