import Domain
import RiskEngine
import TestSupport
import Testing

@Suite struct SprintScopeTests {
    private static let start = Timestamp(seconds: 1_795_000_000)
    private static let now = start.adding(days: 30)

    private static func sprint(_ state: String, days: Int = 14) -> Sprint {
        Sprint(
            id: "7", name: "Sprint 7", state: state, startDate: start, endDate: start.adding(days: days),
            completeDate: state == "closed" ? start.adding(days: days) : nil)
    }

    private static func change(_ id: Int, day: Int, _ from: String?, _ to: String?, field: String = "Sprint") -> Change
    {
        Change(
            id: ChangeID("\(id)/0"), at: start.adding(days: day), author: nil, field: field, from: from,
            fromString: from, to: to, toString: to)
    }

    /// An issue made `createdDay` days after the sprint's start whose field was told at `now`.
    private static func member(
        _ key: IssueKey, createdDay: Int = -20, isMember: Bool, points: Double? = nil, done: Bool = false,
        _ changes: [Change] = [], toldAt: Timestamp? = now
    ) -> SprintIssue {
        SprintIssue(
            issue: Issue(
                id: IssueID("id-\(key)"), key: key,
                status: Status(name: done ? "Erledigt" : "To Do", category: done ? .done : .new),
                created: start.adding(days: createdDay), updated: now, storyPoints: points, changes: changes),
            isMember: isMember, toldAt: toldAt, riskScore: 10)
    }

    private func scope(_ issues: [SprintIssue], _ state: String = "active", now: Timestamp = now) -> SprintScope {
        SprintScope(of: Self.sprint(state), issues: issues, now: now) { $0 == "Closed" }
    }

    private func keys(_ part: SprintScope.Part) -> [IssueKey] { part.issues.map(\.key) }

    @Test func tellsWhatWasCommittedAddedAndRemoved() {
        let scope = scope([
            Self.member("PAY-10", isMember: true, points: 5, [Self.change(1, day: -3, "", "7")]),
            Self.member("PAY-2", isMember: true, points: 3),
            Self.member("PAY-3", isMember: true, points: 2, [Self.change(3, day: 4, nil, "5, 7")]),
            Self.member("PAY-4", createdDay: 2, isMember: true),
            Self.member(
                "PAY-5", isMember: false, points: 8,
                [Self.change(4, day: -2, "", "7"), Self.change(5, day: 5, "7", "8")]),
            Self.member("PAY-6", isMember: false, [Self.change(6, day: 3, "", "7"), Self.change(7, day: 6, "7", "")]),
            Self.member(
                "PAY-7", isMember: false, [Self.change(8, day: -9, "", "7"), Self.change(9, day: -8, "7", "")]),
        ])
        #expect(keys(scope.committed) == ["PAY-2", "PAY-5", "PAY-10"])
        #expect(scope.committed.storyPoints == 16)
        #expect(keys(scope.added) == ["PAY-3", "PAY-4", "PAY-6"])
        #expect(keys(scope.removed) == ["PAY-5", "PAY-6"])
        #expect(keys(scope.notCompleted) == ["PAY-2", "PAY-3", "PAY-4", "PAY-10"])
        #expect(scope.completed.count == 0)
    }

    @Test func theInstantOfTheStartBelongsToTheCommitment() {
        let scope = scope([Self.member("PAY-1", isMember: true, [Self.change(1, day: 0, "", "7")])])
        #expect(keys(scope.committed) == ["PAY-1"])
    }

    @Test func aClosedSprintIsToldAsOfItsClose() {
        let reopened = Self.change(2, day: 20, "3", "4", field: "status")
        var laterDone = Self.member(
            "PAY-2", isMember: true, done: true, [Self.change(3, day: 18, "3", "4", field: "status")])
        laterDone.issue.changes[0].fromString = "In Progress"
        var wasDone = Self.member("PAY-3", isMember: true, [reopened])
        wasDone.issue.changes[0].fromString = "erledigt"
        var wasClosed = Self.member("PAY-4", isMember: true, [reopened])
        wasClosed.issue.changes[0].fromString = "Closed"
        let scope = scope(
            [
                Self.member("PAY-1", isMember: true, done: true), laterDone, wasDone, wasClosed,
                Self.member(
                    "PAY-5", isMember: false,
                    [Self.change(5, day: 16, "7", "7, 8"), Self.change(6, day: 17, "7, 8", "8")]),
                Self.member("PAY-6", isMember: true, [Self.change(7, day: 15, "", "7")]),
            ], "closed")
        #expect(keys(scope.completed) == ["PAY-1", "PAY-3", "PAY-4"])
        #expect(keys(scope.notCompleted) == ["PAY-2", "PAY-5"])
        #expect(scope.added.count == 0 && scope.removed.count == 0)
    }

    @Test func aSprintToComeHasCommittedToWhatItHolds() {
        let issues = [
            Self.member("PAY-1", isMember: true, [Self.change(1, day: 5, "", "7")]),
            Self.member("PAY-2", isMember: false, [Self.change(2, day: 5, "", "7"), Self.change(3, day: 6, "7", "")]),
        ]
        let scope = scope(issues, "future")
        #expect(keys(scope.committed) == ["PAY-1"])
        #expect(scope.added.count == 0 && scope.removed.count == 0)
    }

    /// Where webhooks carry no sprint field, the changes alone tell; where a change was never told, the field does.
    @Test func fieldAndChangesStandInForEachOther() {
        let entered = Self.change(1, day: -1, "", "7")
        let onlyChanges = Self.member("PAY-1", isMember: false, [entered], toldAt: nil)
        let newerField = Self.member("PAY-2", isMember: false, [entered])
        let olderField = Self.member("PAY-3", isMember: false, [entered], toldAt: Self.start.adding(days: -2))
        let issues = [onlyChanges, newerField, olderField]
        let open = SprintScope.openIssues(of: Self.sprint("active"), among: issues)
        #expect(open.map(\.issue.key) == ["PAY-1", "PAY-3"])
        #expect(keys(scope(issues).removed) == ["PAY-2"])
    }

    @Test func openIssuesAreThoseNotDoneByCategory() {
        let issues = [Self.member("PAY-1", isMember: true, done: true), Self.member("PAY-2", isMember: true)]
        #expect(SprintScope.openIssues(of: Self.sprint("active"), among: issues).map(\.issue.key) == ["PAY-2"])
    }

    /// A history that is played is read off its changelog, whatever the order of the changes and issues.
    @Test(arguments: 0..<100)
    func agreesWithTheHistoryThatLeftTheChangelog(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let state = ["active", "closed"].randomElement(using: &random) ?? "active"
        let closeDay = state == "closed" ? 14 : 30
        var (committed, added, removed, left) = (Set<IssueKey>(), Set<IssueKey>(), Set<IssueKey>(), Set<IssueKey>())
        let issues = (1...20).map { number in
            let key = IssueKey("PAY-\(number)")
            let createdDay = Int.random(in: -10...20, using: &random)
            var sprints = Set(["6", "7"].filter { _ in Bool.random(using: &random) })
            var (atStart, wasAdded, atClose) = (false, false, false)
            var changes: [Change] = []
            for day in createdDay...30 {
                if day > createdDay, Int.random(in: 0..<6, using: &random) == 0 {
                    let before = sprints
                    sprints = Set(["6", "7", "8"].filter { _ in Bool.random(using: &random) })
                    changes.append(
                        Self.change(
                            number * 100 + day + 10, day: day, before.sorted().joined(separator: ", "),
                            sprints.sorted().joined(separator: ", ")))
                }
                let isIn = sprints.contains("7")
                if day <= 0 { atStart = isIn } else if day <= closeDay, isIn, !atStart { wasAdded = true }
                if day <= closeDay { atClose = isIn }
            }
            if atStart { committed.insert(key) } else if wasAdded { added.insert(key) }
            if atStart || wasAdded { if atClose { left.insert(key) } else { removed.insert(key) } }
            return Self.member(
                key, createdDay: createdDay, isMember: sprints.contains("7"), changes.shuffled(using: &random))
        }
        let scope = scope(issues.shuffled(using: &random), state)
        #expect(Set(keys(scope.committed)) == committed)
        #expect(Set(keys(scope.added)) == added)
        #expect(Set(keys(scope.removed)) == removed)
        #expect(Set(keys(scope.notCompleted)) == left)
        #expect(scope.committed.count + scope.added.count == scope.removed.count + scope.notCompleted.count)
        #expect(scope == self.scope(issues, state))
    }
}
