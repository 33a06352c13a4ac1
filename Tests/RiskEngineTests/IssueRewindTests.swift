import Domain
import Testing

@testable import RiskEngine

/// An issue as it stood at earlier instants.
@Suite struct IssueRewindTests {
    private let scorer: RiskScorer
    private let now = IssueFixture.now

    init() throws { scorer = try RiskScorer(.default) }

    private func rewind(
        _ issue: Domain.Issue, linkedAt: [LinkID: Timestamp] = [:], sprints: [SprintRecord] = [],
        statuses: StatusCatalog = StatusCatalog()
    ) -> IssueRewind {
        IssueRewind(
            of: issue, linkedAt: linkedAt, sprintRecords: sprints, statuses: statuses, scorer: scorer, now: now)
    }

    private func daysAgo(_ days: Int) -> Timestamp { now.adding(days: -days) }

    @Test func changesOfLaterAreUndone() throws {
        let ada = IssueFixture.person("ada", name: "Ada", zone: "Europe/Warsaw")
        var issue = IssueFixture.issue(ageDays: 20)
        issue.status = Status(id: "6", name: "Shipped", category: .done)
        issue.priority = "High"
        issue.isFlagged = true
        issue.storyPoints = 8
        issue.changes = [
            IssueFixture.change(1, "assignee", from: "ada", to: nil, daysAgo: 10),
            IssueFixture.change(2, "priority", from: "Low", to: "High", daysAgo: 8),
            IssueFixture.change(3, "Story Points", from: "3", to: "8", daysAgo: 7),
            IssueFixture.change(4, "Flagged", from: "", to: "Impediment", daysAgo: 6),
            IssueFixture.change(5, "status", from: "In Arbeit", to: "Fertig", daysAgo: 5),
            IssueFixture.change(6, "status", from: "Fertig", to: "Shipped", daysAgo: 4),
        ]
        issue.comments = [IssueFixture.comment(1, "ok", hoursAgo: 24 * 12, author: ada)]
        let statuses = StatusCatalog([Status(id: "3", name: "In Arbeit", category: .indeterminate)])
        let rewind = rewind(issue, statuses: statuses)

        let first = try #require(rewind.issue(at: daysAgo(11)))
        #expect(first.assignee == ada, "with the zone that a comment of theirs tells")
        #expect(first.priority == "Low" && first.storyPoints == 3 && !first.isFlagged)
        #expect(first.status?.name == "In Arbeit" && first.status?.category == .indeterminate)
        #expect(first.changes.isEmpty && first.comments.count == 1)
        let second = try #require(rewind.issue(at: daysAgo(5)))
        #expect(second.assignee == nil && second.priority == "High" && second.isFlagged)
        #expect(second.status?.name == "Fertig" && second.changes.count == 5)
        #expect(rewind.issue(at: daysAgo(4))?.status == issue.status)
        #expect(rewind.issue(at: now) == issue)
        #expect(rewind.issue(at: daysAgo(21)) == nil)
    }

    @Test func activityIsThatOfTheInstant() throws {
        var issue = IssueFixture.issue(ageDays: 20)
        let app = Person(id: "bot", displayName: "Automation", isApp: true)
        issue.comments = [
            IssueFixture.comment(1, "first", hoursAgo: 24 * 15, author: IssueFixture.person("ada")),
            IssueFixture.comment(2, "by a program", hoursAgo: 24 * 10, author: app),
        ]
        issue.comments[0].updated = daysAgo(3)
        let rewind = rewind(issue)
        let early = try #require(rewind.issue(at: daysAgo(9)))
        #expect(early.updated == daysAgo(10) && early.activeAt == daysAgo(15))
        #expect(early.comments.map(\.updated) == [daysAgo(15), daysAgo(10)])
        let edited = try #require(rewind.issue(at: daysAgo(3)))
        #expect(edited.activeAt == daysAgo(3) && edited.comments[0].updated == daysAgo(3))
        // The newest activity is of today, and nothing else tells of it.
        let kinds = rewind.events.filter { $0.at == now }.map(\.kind)
        #expect(kinds == [.activity])
    }

    @Test func linksAreThoseThatWereThere() throws {
        let blocker = IssueFixture.blockedBy(1, "OPS-1")
        let told = IssueFixture.blockedBy(2, "OPS-2")
        let old = IssueFixture.blockedBy(3, "OPS-3")
        var issue = IssueFixture.issue(ageDays: 20, links: [blocker, told, old])
        func change(_ id: Int, from: String?, to: String?, daysAgo days: Int) -> Change {
            let text = (from ?? to).map { "This issue is blocked by \($0)" }
            return Change(
                id: ChangeID("\(id)/0"), at: daysAgo(days), author: nil, field: "Link", from: from,
                fromString: from == nil ? nil : text, to: to, toString: to == nil ? nil : text)
        }
        issue.changes = [
            change(1, from: nil, to: "OPS-9", daysAgo: 12), change(2, from: "OPS-9", to: nil, daysAgo: 8),
            change(3, from: nil, to: "OPS-1", daysAgo: 6),
        ]
        let rewind = rewind(issue, linkedAt: [told.id: daysAgo(4)])
        func keys(_ days: Int) -> [String] {
            (rewind.issue(at: daysAgo(days))?.links ?? []).compactMap { $0.otherKey?.rawValue }
        }
        #expect(keys(15) == ["OPS-3"])
        #expect(keys(10) == ["OPS-3", "OPS-9"] && keys(7) == ["OPS-3"])
        #expect(keys(5) == ["OPS-1", "OPS-3"] && keys(4) == ["OPS-1", "OPS-2", "OPS-3"])
        let ten = try #require(rewind.issue(at: daysAgo(10))?.links.last)
        #expect(ten.relation == .blockedBy && ten.id == "removed-2/0")
        let links = rewind.events.filter { $0.kind == .link }.map(\.at)
        #expect(Set(links) == [daysAgo(12), daysAgo(8), daysAgo(6), daysAgo(4)])
    }

    @Test func sprintsAreThoseOfTheInstantInTheirStateOfThen() throws {
        let closed = Sprint(
            id: "5", name: "Five", state: "closed", startDate: daysAgo(15), endDate: daysAgo(6),
            completeDate: daysAgo(5))
        let active = Sprint(id: "6", name: "Six", state: "active", startDate: daysAgo(4), endDate: now.adding(days: 10))
        let other = Sprint(id: "7", name: "Seven", state: "active", startDate: daysAgo(30), endDate: now)
        var issue = IssueFixture.issue(ageDays: 20)
        issue.sprints = [closed, active]
        issue.changes = [
            IssueFixture.change(1, "Sprint", from: "7", to: "5", daysAgo: 18),
            IssueFixture.change(2, "Sprint", from: "5", to: "5, 6", daysAgo: 10),
        ]
        #expect(IssueRewind.sprintIDs(in: issue) == ["5", "6", "7"])
        let rewind = rewind(
            issue, sprints: [SprintRecord(sprint: other, isDeleted: false, sentAt: daysAgo(1))])
        func states(_ days: Int) -> [String] {
            (rewind.issue(at: daysAgo(days))?.sprints ?? []).map { "\($0.id) \($0.state)" }
        }
        #expect(states(19) == ["7 active"] && states(17) == ["5 future"])
        #expect(states(12) == ["5 active"] && states(8) == ["5 active", "6 future"])
        #expect(states(5) == ["5 closed", "6 future"] && states(4) == ["5 closed", "6 active"])
        let turns = rewind.events.filter { $0.kind == .sprint }.compactMap(\.text)
        #expect(Set(turns) == ["Five began", "Five was closed", "Six began"])
    }

    @Test func aStoredAnalysisIsComparedPartByPart() throws {
        let issue = IssueFixture.issue(ageDays: 3)
        let stored = try IssueFixture.standard(issue)
        #expect(StoredComparison(stored: stored, again: stored).isEqual)
        var flagged = issue
        flagged.isFlagged = true
        let again = try IssueFixture.standard(flagged)
        let other = StoredComparison(stored: stored, again: again)
        #expect(other.differing == [.score, .factors] && !other.isOtherEngine)
        #expect(other.moves == [ScoreDifference.Move(factor: .blockers, before: 0, after: 15)])
        var model = stored
        model.engine.model = "another"
        let engine = StoredComparison(stored: model, again: stored)
        #expect(engine.differing == [.engine] && engine.isOtherEngine && !engine.isEqual && engine.moves.isEmpty)
    }

    @Test(arguments: [
        ("This issue is blocked by ENG-1", IssueLink.Relation.blockedBy), ("This issue blocks ENG-1", .blocks),
        ("This issue depends on ENG-1", .blockedBy), ("This issue is required by ENG-1", .blocks),
        ("This issue requires ENG-1", .blockedBy), ("This issue duplicates ENG-1", .relatesTo),
    ])
    func theWordsOfAChangeLogNameTheRelation(words: String, relation: IssueLink.Relation) {
        #expect(IssueLink.Relation(words: words) == relation)
    }
}
