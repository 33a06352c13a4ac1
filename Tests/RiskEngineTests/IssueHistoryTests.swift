import Domain
import RiskEngine
import Testing

@Suite struct IssueHistoryTests {
    private let scorer: RiskScorer

    init() throws { scorer = try RiskScorer(RiskConfiguration()) }

    private func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }
    private func version(_ seconds: Int64) -> Version { Version(at: at(seconds), sentAt: at(seconds)) }

    /// An issue created at 100, with two comments, of which the older is shown second, and a third that was deleted.
    private func stored() -> StoredIssueHistory {
        var state = IssueState(id: "1")
        state.fields.key = Versioned("PAY-1", version(100))
        state.fields.created = Versioned(at(100), version(100))
        for (id, second) in [("9", Int64(120)), ("10", 110), ("11", 130)] {
            state.comments[CommentID(id)] = Comment(
                id: CommentID(id), author: nil, body: "", created: at(second), updated: at(second))
        }
        state.deletedComments = ["11"]
        return StoredIssueHistory(state: state, commentLengths: ["9": 90, "10": 100, "11": 110])
    }

    @Test func lengthsStandBesideTheirComments() throws {
        let history = try #require(scorer.history(of: stored(), statuses: StatusCatalog()))
        #expect(history.issue.comments.map(\.id) == ["10", "9"])
        #expect(history.commentLengths == [100, 90])
        #expect(history.goneAt == nil)
        #expect(scorer.history(of: StoredIssueHistory(state: IssueState(id: "1")), statuses: StatusCatalog()) == nil)
    }

    @Test func changesAreKnownFromTheCreationOrTheFirstWebhook() throws {
        var stored = stored()
        func knownFrom() throws -> Timestamp? {
            try #require(scorer.history(of: stored, statuses: StatusCatalog())).knownFrom
        }
        #expect(try knownFrom() == nil)
        stored.state.firstEventAt = at(140)
        #expect(try knownFrom() == at(140))
        stored.state.firstEventAt = at(99)
        #expect(try knownFrom() == at(100), "no earlier than the issue itself")
        stored.state.firstEventAt = at(140)
        stored.state.wholeComments = Versioned([], version(150))
        #expect(try knownFrom() == at(100), "a fetch brings all changes")
    }

    @Test func whatIsGoneSaysSinceWhen() throws {
        func goneAt(_ change: (inout StoredIssueHistory) -> Void) throws -> Timestamp? {
            var stored = stored()
            stored.state.fields.projectID = Versioned("7", version(100))
            change(&stored)
            let history = try #require(scorer.history(of: stored, statuses: StatusCatalog()))
            #expect(history.issue.isDeleted == (history.goneAt != nil))
            return history.goneAt
        }
        let deletion: (inout StoredIssueHistory) -> Void = {
            ($0.state.isDeleted, $0.state.lastEventAt) = (true, Timestamp(seconds: 200))
        }
        #expect(try goneAt(deletion) == at(200))
        #expect(try goneAt { $0.state.presence = Versioned(.hidden, version(210)) } == at(210))
        #expect(try goneAt { $0.state.presence = Versioned(.present, version(210)) } == nil)
        #expect(
            try goneAt { $0.project = ProjectRecord(id: "7", key: "PAY", isGone: true, toldAt: at(220)) } == at(220))
        #expect(
            try goneAt {
                deletion(&$0)
                $0.state.presence = Versioned(.deleted, version(190))
            } == at(190))
    }

    @Test func itSeesSprintsProjectsAndStatusesAsAnalysesDo() throws {
        var stored = stored()
        let sprint = Sprint(id: "5", name: "Five", state: "active")
        stored.state.fields.sprints = Versioned([sprint], version(150))
        stored.sprintRecords = [
            SprintRecord(
                sprint: Sprint(id: "5", name: "Five", state: "closed"), isDeleted: false, sentAt: at(160))
        ]
        stored.state.fields.projectID = Versioned("7", version(100))
        stored.project = ProjectRecord(id: "7", key: "OPS", isGone: false, toldAt: at(300))
        stored.state.fields.status = Versioned(Status(id: "4", name: "Shipped", category: nil), version(100))
        stored.state.linkEvents = [
            "1": Versioned(
                IssueLink(id: "1", relation: .blockedBy, typeName: "Blocks", otherID: "2", otherKey: nil), version(170)),
            "2": Versioned(nil, version(180)),
        ]
        let statuses = StatusCatalog([Status(id: "4", name: "Shipped", category: .done)])
        let history = try #require(scorer.history(of: stored, statuses: statuses))
        #expect(history.issue.sprints.map(\.state) == ["closed"])
        #expect(history.sprintsToldAt == at(150))
        #expect(history.issue.key == "OPS-1")
        #expect(history.issue.isDone)
        #expect(history.linkedAt == ["1": at(170)])
    }
}
