public import Domain

/// An invented past of a tenant: issues of one project, of which most were finished, some early and some late.
public struct TenantPast: Sendable {
    /// Every issue, as Jira shows it at ``end``.
    public private(set) var issues: [Issue] = []
    /// When it is.
    public let end: Timestamp

    private static let priorities = ["Highest", "High", "Medium", "Low", "Lowest"]
    private static let meanDays = [4.0, 12, 40, 120, 400]

    /// - Parameters:
    ///   - tells: whether the priority tells how long an issue takes; else nothing does.
    public init(issues count: Int, days: Int = 1300, end: Timestamp, seed: UInt64 = 1, tells: Bool = true) {
        self.end = end
        var random = SeededGenerator(seed: seed)
        let people = (1...6).map { Person(id: "person-\($0)", displayName: "Person \($0)") }
        let span = Int64(days) * 86_400_000
        for number in 1...count {
            let created = end.adding(milliseconds: -Int64.random(in: 0..<span, using: &random))
            let kind = Int.random(in: 0..<5, using: &random)
            let mean = tells ? Self.meanDays[kind] : 60
            let life = Self.exponential(mean, &random)
            let doneAt = created.adding(milliseconds: Int64(life * 86_400_000))
            var issue = Issue(
                id: IssueID("\(10_000 + number)"), key: IssueKey("PAY-\(number)"), summary: "Payment story \(number)",
                created: created, updated: created)
            issue.projectKey = "PAY"
            issue.issueType = "Story"
            issue.priority = Self.priorities[kind]
            issue.reporter = people[Int.random(in: 0..<people.count, using: &random)]
            issue.assignee = people[Int.random(in: 0..<people.count, using: &random)]
            issue.status = Status(id: "1", name: "To Do", category: .new)
            if doneAt <= end {
                issue.changes = [
                    Change(
                        id: ChangeID("\(number)/0"), at: doneAt, author: issue.assignee, field: "status", from: "1",
                        fromString: "To Do", to: "6", toString: "Done")
                ]
                issue.status = Status(id: "6", name: "Done", category: .done)
                issue.updated = doneAt
            }
            issues.append(issue)
        }
    }

    /// Those that are not done.
    public var open: [Issue] { issues.filter { $0.status?.category != .done } }

    /// The waiting time until the first success of many small trials: close to exponential, and the same on every machine.
    private static func exponential(_ mean: Double, _ random: inout SeededGenerator) -> Double {
        var steps = 0
        while steps < 500, Int.random(in: 0..<50, using: &random) != 0 { steps += 1 }
        return mean * (Double(steps) + Double.random(in: 0..<1, using: &random)) / 50
    }
}
