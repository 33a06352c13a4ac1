import Domain
import RiskEngine
import TestSupport
import Testing

/// The laws of the join (P2, P3), on states drawn so small that versions, comments and changes often tie.
@Suite struct FoldTests {
    @Test func joinIsCommutative() throws {
        var rng = SeededGenerator(seed: 1)
        for _ in 0..<2000 {
            let (a, b) = (randomState(using: &rng), randomState(using: &rng))
            #expect(IssueFold.join(a, b) == IssueFold.join(b, a))
        }
    }

    @Test func joinIsAssociative() throws {
        var rng = SeededGenerator(seed: 2)
        for _ in 0..<2000 {
            let (a, b, c) = (randomState(using: &rng), randomState(using: &rng), randomState(using: &rng))
            #expect(IssueFold.join(IssueFold.join(a, b), c) == IssueFold.join(a, IssueFold.join(b, c)))
        }
    }

    @Test func joinIsIdempotent() throws {
        var rng = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let (a, b) = (randomState(using: &rng), randomState(using: &rng))
            #expect(IssueFold.join(a, a) == a)
            let joined = IssueFold.join(a, b)
            #expect(IssueFold.join(joined, b) == joined)
        }
    }

    @Test func unknownStateIsNeutral() throws {
        var rng = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let state = randomState(using: &rng)
            #expect(IssueFold.join(state, IssueState(id: "1")) == state)
        }
    }

    @Test func everyOrderOfTheEventsGivesTheSameIssueToTheByte() throws {
        var rng = SeededGenerator(seed: 5)
        for _ in 0..<100 {
            let events = (0..<12).map { _ in randomState(using: &rng) }
            let state = fold(events)
            let bytes = try CanonicalJSON.encode(IssueFold.issue(from: state))
            for _ in 0..<10 {
                // Every event at least once, some of them again.
                let again = fold((events + events.shuffled(using: &rng).prefix(4)).shuffled(using: &rng))
                #expect(again == state)
                #expect(try CanonicalJSON.encode(IssueFold.issue(from: again)) == bytes)
            }
        }
    }

    @Test func laterWriteOfAFieldWins() {
        var (early, late) = (IssueState(id: "1"), IssueState(id: "1"))
        early.fields.priority = Versioned("High", version(1))
        early.fields.summary = Versioned("Old", version(1))
        late.fields.priority = Versioned(nil, version(2))
        let joined = IssueFold.join(late, early)
        #expect(joined.fields.priority == Versioned(nil, version(2)))
        #expect(joined.fields.summary == Versioned("Old", version(1)))
    }

    @Test func laterChangelogEntryBreaksATieInTime() {
        var (first, second) = (IssueState(id: "1"), IssueState(id: "1"))
        let at = Timestamp(seconds: 5)
        first.fields.priority = Versioned("High", Version(at: at, changelog: 9, sentAt: Timestamp(seconds: 9)))
        second.fields.priority = Versioned("Low", Version(at: at, changelog: 10, sentAt: Timestamp(seconds: 6)))
        #expect(IssueFold.join(first, second).fields.priority?.value == "Low")
    }

    @Test func evenANumberWithoutJSONTiesInOneWay() {
        var (a, b) = (IssueState(id: "1"), IssueState(id: "1"))
        a.fields.storyPoints = Versioned(.infinity, version(1))
        b.fields.storyPoints = Versioned(5, version(1))
        #expect(IssueFold.join(a, b) == IssueFold.join(b, a))
    }

    @Test func deletedCommentStaysDeletedWhateverComesAfter() throws {
        var (deletion, revision) = (named(), IssueState(id: "1"))
        deletion.deletedComments = ["7"]
        revision.comments["7"] = comment("7", created: 1, updated: 99, body: "edited")
        revision.comments["8"] = comment("8", created: 2, updated: 2, body: "kept")
        for state in [IssueFold.join(deletion, revision), IssueFold.join(revision, deletion)] {
            #expect(try #require(IssueFold.issue(from: state)).comments.map(\.id) == ["8"])
        }
    }

    @Test func deletedIssueStaysDeleted() throws {
        var deleted = named()
        deleted.isDeleted = true
        #expect(try #require(IssueFold.issue(from: IssueFold.join(deleted, named()))).isDeleted)
        #expect(try #require(IssueFold.issue(from: IssueFold.join(named(), deleted))).isDeleted)
    }

    @Test func newestRevisionOfACommentIsShownInOrderOfCreation() throws {
        var (a, b) = (named(), named())
        a.comments["10"] = comment("10", created: 5, updated: 5, body: "tenth")
        a.comments["9"] = comment("9", created: 5, updated: 5, body: "first wording")
        b.comments["9"] = comment("9", created: 5, updated: 8, body: "second wording")
        b.comments["2"] = comment("2", created: 6, updated: 6, body: "later")
        let issue = try #require(IssueFold.issue(from: IssueFold.join(b, a)))
        #expect(issue.comments.map(\.body) == ["second wording", "tenth", "later"])
    }

    @Test func changesAreInOrderOfTimeThenOfTheirNumbers() throws {
        var state = named()
        for (id, seconds) in [("10/0", 1), ("9/10", 1), ("9/2", 1), ("8/0", 2), ("009/3", 1)] as [(ChangeID, Int64)] {
            state.changes[id] = change(id, at: seconds)
        }
        let issue = try #require(IssueFold.issue(from: state))
        #expect(issue.changes.map(\.id) == ["9/2", "009/3", "9/10", "10/0", "8/0"])
    }

    @Test func sameChangeKeepsItsEarlierTime() {
        var (a, b) = (named(), named())
        a.changes["9/0"] = change("9/0", at: 3)
        b.changes["9/0"] = change("9/0", at: 2)
        #expect(IssueFold.join(a, b).changes["9/0"]?.at == Timestamp(seconds: 2))
    }

    @Test func linksAreTheListAndWhatHappenedSince() throws {
        var state = named()
        state.fields.links = Versioned(
            [link("1", key: "ENG-1"), link("2", key: "ENG-2"), link("3", key: "ENG-3")], version(10))
        state.linkEvents = [
            "1": Versioned(nil, version(11)),  // removed since
            "2": Versioned(nil, version(9)),  // removed before, and back in the list
            "3": Versioned(link("3", key: nil), version(11)),  // in the list already, which also names the key
            "20": Versioned(link("20", key: nil), version(12)),  // made since
            "5": Versioned(link("5", key: nil), version(4)),  // made before, no longer in the list
        ]
        let issue = try #require(IssueFold.issue(from: state))
        #expect(issue.links == [link("2", key: "ENG-2"), link("3", key: "ENG-3"), link("20", key: nil)])

        state.fields.links = nil
        #expect(try #require(IssueFold.issue(from: state)).links.map(\.id) == ["3", "5", "20"])
    }

    @Test func issueIsShownOnceItsKeyAndAnInstantAreKnown() throws {
        var state = IssueState(id: "1")
        state.lastEventAt = Timestamp(seconds: 50)
        #expect(IssueFold.issue(from: state) == nil)
        state.fields.key = Versioned("ENG-1", version(1))
        #expect(try #require(IssueFold.issue(from: state)).created == Timestamp(seconds: 50))
        state.lastEventAt = nil
        #expect(IssueFold.issue(from: state) == nil)
        state.lastActivityAt = Timestamp(seconds: 40)
        state.comments["1"] = comment("1", created: 30, updated: 40, body: "")
        let guessed = try #require(IssueFold.issue(from: state))
        #expect(guessed.created == Timestamp(seconds: 30))
        #expect(guessed.updated == Timestamp(seconds: 40))
        #expect(guessed.projectKey == "ENG")
        state.fields.created = Versioned(Timestamp(seconds: 45), version(1))
        let told = try #require(IssueFold.issue(from: state))
        #expect(told.created == Timestamp(seconds: 45))
        #expect(told.updated == Timestamp(seconds: 45))
    }
}

// MARK: - States

private func fold(_ states: [IssueState]) -> IssueState {
    states.reduce(into: IssueState(id: "1")) { IssueFold.join($1, into: &$0) }
}

private func version(_ seconds: Int64) -> Version {
    Version(at: Timestamp(seconds: seconds), sentAt: Timestamp(seconds: seconds))
}

private func named() -> IssueState {
    var state = IssueState(id: "1")
    state.fields.key = Versioned("ENG-1", version(0))
    state.fields.created = Versioned(Timestamp(seconds: 0), version(0))
    return state
}

private func comment(_ id: CommentID, created: Int64, updated: Int64, body: String) -> Domain.Comment {
    Domain.Comment(
        id: id, author: nil, body: body, created: Timestamp(seconds: created), updated: Timestamp(seconds: updated))
}

private func change(_ id: ChangeID, at seconds: Int64, to: String? = nil) -> Change {
    Change(
        id: id, at: Timestamp(seconds: seconds), author: nil, field: "status", from: nil, fromString: nil, to: to,
        toString: nil)
}

private func link(_ id: LinkID, key: IssueKey?) -> IssueLink {
    IssueLink(id: id, relation: .blockedBy, typeName: "Blocks", otherID: IssueID("9\(id)"), otherKey: key)
}

/// A small state with values out of few, so that any two of them meet in most fields.
private func randomState(using rng: inout SeededGenerator) -> IssueState {
    func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &rng)] }
    func second() -> Int64 { Int64.random(in: 1...4, using: &rng) }
    func register<Value>(_ values: [Value]) -> Versioned<Value>? {
        guard Bool.random(using: &rng) else { return nil }
        let version = Version(
            at: Timestamp(seconds: second()), changelog: pick([0, 7]), sentAt: Timestamp(seconds: second() / 2))
        return Versioned(pick(values), version)
    }

    let people = [
        nil, Person(id: "a", displayName: "A"), Person(id: "a", displayName: "Ä"), Person(id: "b", displayName: "B"),
    ]
    let links = [link("1", key: "ENG-1"), link("2", key: "ENG-2")]
    var state = IssueState(id: "1")
    state.fields.key = register(["ENG-1", "OPS-1"])
    state.fields.projectKey = register(["ENG", "OPS"])
    state.fields.projectName = register([nil, "Engine"])
    state.fields.summary = register(["x", "y"])
    state.fields.description = register([nil, "x/y", "\"z\""])
    state.fields.issueType = register([nil, "Bug"])
    state.fields.priority = register([nil, "High", "Low"])
    state.fields.status = register([nil, Status(name: "Open", category: nil), Status(name: "Open", category: .new)])
    state.fields.resolution = register([nil, "Done"])
    state.fields.resolvedAt = register([nil, Timestamp(seconds: 3)])
    state.fields.created = register([Timestamp(seconds: 0), Timestamp(seconds: 1)])
    state.fields.dueDate = register([nil, CalendarDay(daysSinceEpoch: 20_000)])
    state.fields.assignee = register(people)
    state.fields.reporter = register(people)
    state.fields.labels = register([[], ["a"], ["b", "a"]])
    state.fields.components = register([[], ["App"]])
    state.fields.storyPoints = register([nil, 0.5, 5])
    state.fields.sprints = register([[], [Sprint(id: "1", name: "One", state: "active")]])
    state.fields.links = register([[], [links[0]], [links[0], links[1]]])
    state.fields.fixVersions = register([[], [ProjectVersion(id: "1", name: "2.0")]])
    state.fields.affectedVersions = register([[], [ProjectVersion(id: "1", name: "2.0", isReleased: true)]])
    state.fields.attachments = register([[], [Attachment(id: "1", created: Timestamp(seconds: 2))]])
    state.fields.subtasks = register([[], [Subtask(id: "2", key: "ENG-2")]])
    state.fields.parent = register([nil, ParentIssue(id: "3"), ParentIssue(id: "3", key: "ENG-3")])
    for _ in 0..<Int.random(in: 0...3, using: &rng) {
        let comment = comment(pick(["1", "2", "10"]), created: second(), updated: second(), body: pick(["x", "y"]))
        state.comments[comment.id] = comment
        let change = change(pick(["9/0", "9/1", "10/0"]), at: second(), to: pick([nil, "3", "4"]))
        state.changes[change.id] = change
        let id: LinkID = pick(["1", "2"])
        if let event = register([nil, link(id, key: nil), link(id, key: "ENG-3")]) { state.linkEvents[id] = event }
    }
    if Int.random(in: 0..<4, using: &rng) == 0 { state.deletedComments = [pick(["1", "2", "99"])] }
    state.lastActivityAt = pick([nil, Timestamp(seconds: second())])
    state.lastEventAt = pick([nil, Timestamp(seconds: second())])
    state.firstEventAt = pick([nil, Timestamp(seconds: second())])
    state.isDeleted = Int.random(in: 0..<8, using: &rng) == 0
    return state
}
