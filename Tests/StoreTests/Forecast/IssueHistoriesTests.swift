import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite struct IssueHistoriesTests {
    private let start = StoreFixture.start

    /// Commits an issue that was folded from one webhook.
    private func commit(
        _ id: IssueID, to fixture: StoreFixture, of tenant: TenantID, _ change: (inout RescoreResult) -> Void
    ) async throws -> IssueState {
        let claim = try await fixture.claim(id, of: tenant, at: start)
        var result = StoreFixture.result(
            try await fixture.store.loadWork(for: claim), id: id, key: IssueKey("PAY-\(id)"), score: 10)
        result.state.fields.key = Versioned(IssueKey("PAY-\(id)"), Version(at: start, sentAt: start))
        change(&result)
        result.sprintRecords = try await fixture.store.sprintRecords(
            tenantID: tenant, sprintIDs: result.state.sprintIDs)
        try await fixture.store.commit(result, for: claim)
        return result.state
    }

    private func pages(_ fixture: StoreFixture, of tenant: TenantID, by limit: Int) async throws
        -> [[StoredIssueHistory]]
    {
        var pages: [[StoredIssueHistory]] = []
        while true {
            let after = pages.last?.last?.state.id
            pages.append(try await fixture.store.issueHistories(of: tenant, after: after, limit: limit))
            if pages.last.map({ $0.count < limit }) ?? true { return pages }
        }
    }

    @Test func everyIssueComesOnceInPagesWithAllThatHappenedToIt() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        let ada = Person(id: "u1", displayName: "Ada", timeZone: "Europe/Warsaw")
        var states: [IssueID: IssueState] = [:]
        // Ids of different lengths: their order is that of texts, in both engines.
        for id in ["1", "2", "10", "11", "9", "100", "20"] as [IssueID] {
            states[id] = try await commit(id, to: fixture, of: tenant) { result in
                for number in 1...3 {
                    let (comment, change) = (CommentID("\(id)-\(number)"), ChangeID("\(id)/\(number)"))
                    result.state.comments[comment] = Comment(
                        id: comment, author: number == 3 ? nil : ada,
                        body: String(repeating: "Grüße 🙁\n", count: number),
                        created: start, updated: start.adding(seconds: 5), isRestricted: number == 2)
                    result.state.changes[change] = Change(
                        id: change, at: start, author: ada, field: "status", from: "1", fromString: "Open", to: "\(id)",
                        toString: nil)
                }
                result.state.fields.fixVersions = Versioned(
                    [ProjectVersion(id: "1", name: "2.0")], Version(at: start, sentAt: start))
            }
        }
        _ = try await commit("15", to: fixture, of: other) { _ in }

        for limit in [1, 2, 3, 7, 100] {
            let pages = try await pages(fixture, of: tenant, by: limit)
            #expect(pages.allSatisfy { $0.count <= limit })
            let histories = pages.flatMap(\.self)
            #expect(histories.map(\.state.id) == ["1", "10", "100", "11", "2", "20", "9"])
            for history in histories {
                let state = try #require(states[history.state.id])
                #expect(history.state.changes == state.changes)
                #expect(history.state.fields == state.fields)
                #expect(history.commentLengths == state.comments.mapValues { $0.body.unicodeScalars.count })
                #expect(
                    history.state.comments
                        == state.comments.mapValues { comment in
                            var comment = comment
                            comment.body = ""
                            return comment
                        })
            }
        }
        #expect(try await fixture.store.issueHistories(of: TenantID(UUID()), after: nil, limit: 10).isEmpty)
    }

    @Test func finishedAndDeletedIssuesComeWithWhatIsSaidOfSprintsAndProjects() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let version = Version(at: start, sentAt: start)
        let sprint = Sprint(id: "7", name: "Sprint 7", state: "active")
        _ = try await commit("1", to: fixture, of: tenant) {
            $0.state.fields.sprints = Versioned([sprint], version)
            $0.state.fields.projectID = Versioned("10100", version)
            $0.state.fields.status = Versioned(Status(id: "6", name: "Shipped", category: .done), version)
            $0.issue?.status = Status(id: "6", name: "Shipped", category: .done)
            $0.project = ProjectRecord(id: "10100", key: "PAY", isGone: false, toldAt: start)
        }
        _ = try await commit("2", to: fixture, of: tenant) { result in
            result.state.isDeleted = true
            result.state.lastEventAt = start
        }
        _ = try await fixture.take(.sprint(sprint, deleted: true), "sprint", of: tenant, at: start.adding(seconds: 9))

        let histories = try await fixture.store.issueHistories(of: tenant, after: nil, limit: 10)
        #expect(histories.map(\.state.id) == ["1", "2"])
        #expect(histories.map(\.state.isDeleted) == [false, true])
        #expect(histories[0].sprintRecords.map(\.isDeleted) == [true])
        #expect(histories[0].project?.key == "PAY")
        #expect(histories[1].sprintRecords.isEmpty && histories[1].project == nil)
    }
}
