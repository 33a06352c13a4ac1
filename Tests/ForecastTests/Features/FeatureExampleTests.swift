import Domain
import Foundation
import Testing

@testable import Forecast

/// Each group of features on issues whose values can be worked out by hand.
struct FeatureExampleTests {
    /// Feature, expected value.
    private func expect(
        _ sample: Sample?, _ expected: KeyValuePairs<Feature, Float>, _ location: SourceLocation = #_sourceLocation
    ) throws {
        let sample = try #require(sample, sourceLocation: location)
        for (feature, value) in expected {
            let actual = sample[feature]
            let isSame = value.isNaN ? actual.isNaN : abs(actual - value) < 1e-5
            #expect(isSame, "\(feature): \(actual), not \(value)", sourceLocation: location)
        }
    }

    @Test
    func ageAndTempo() throws {
        // 20 finished issues: lead times of 1 to 20 days, all begun on day 0. The 80th percentile is 1 + 0.8 * 19.
        let past = (1...20).map { Story.finished(100 + $0, created: 0, done: Double($0)) }
        let sample = Story.sample(of: 1, at: 36, past + [Story.issue(1, created: 30.5), Story.issue(2, created: 1)])
        try expect(
            sample,
            [
                .age: 5.5, .ageToMedianLead: 5.5 / 10.5, .ageRank: 5 / 20, .medianLead: 10.5, .usualLead: 16.2,
                .projectOpen: 2, .projectCreated30: 1, .projectDone30: 14, .projectDone90: 20, .projectDone: 20,
                .flow: 21 / 3, .doneToCreated: 15 / 2,
            ])
        #expect(sample?.usualCount == 20)
        #expect(sample.flatMap { Question.usual.deadline(of: $0) } == Story.day(30.5 + 16.2))
    }

    @Test
    func usualTimeFallsBackToAllOfTheProjectThenToTheTenant() throws {
        let old = (1...20).map { Story.finished(100 + $0, created: 0, done: Double($0)) }
        let recent = (1...3).map {
            Story.finished(200 + $0, created: 500, done: 500 + 100 * Double($0), project: "OPS")
        }
        let issues = old + recent + [Story.issue(1, created: 790), Story.issue(2, created: 790, project: "OPS")]
        // Nothing of ENG in the last year: all of it. OPS has 3 in all: the last year of the tenant, of 100, 200 and 300.
        try expect(Story.sample(of: 1, at: 801, issues), [.medianLead: 10.5])
        let other = Story.sample(of: 2, at: 801, issues)
        try expect(other, [.medianLead: 200, .usualLead: 260])
        #expect(other?.usualCount == 3)
    }

    @Test
    func progress() throws {
        var issue = Story.issue(1)
        issue.edit(2, Story.ann, ("status", "1", "2"))
        issue.edit(4, Story.ann, ("status", "2", "3"))
        issue.edit(7, Story.ann, ("status", "3", "2"))
        issue.status = Story.doing
        try expect(
            Story.sample(of: 1, at: 1, [issue]),
            [
                .isNew: 1, .isInProgress: 0, .daysSinceStart: .nan, .daysInStatus: 1, .statusChanges: 0, .reopenings: 0,
            ])
        #expect(Story.sample(of: 1, at: 5, [issue]) == nil, "it was done")
        try expect(
            Story.sample(of: 1, at: 10, [issue]),
            [
                .isNew: 0, .isInProgress: 1, .daysSinceStart: 8, .daysInStatus: 3, .statusChanges: 3, .reopenings: 1,
            ])
    }

    @Test
    func activity() throws {
        var issue = Story.issue(1)
        issue.assignee = Story.bob
        issue.comment(1, Story.ann, "four")
        issue.comment(20, nil, "ten chars.")
        issue.edit(25, Story.bob, ("priority", "Low", "High"), ("Attachment", nil, "7"))
        issue.edit(26, Story.ann, ("environment", "a", "b"))
        issue.comment(27, Story.ann, "later")
        try expect(
            Story.sample(of: 1, at: 27, [issue]),
            [
                .comments: 3, .comments7: 1, .comments30: 3, .daysSinceComment: 0, .commenters: 2,
                .commentLength: 19 / 3,
            ])
        try expect(
            Story.sample(of: 1, at: 26.5, [issue]),
            [
                .comments: 2, .comments7: 1, .daysSinceComment: 6.5, .commenters: 2, .commentLength: 7, .changes7: 3,
                .changes30: 3, .changes90: 3, .daysSinceActivity: 0.5, .daysSinceOwnerActivity: 1.5, .editors: 2,
                .attachments: 1,
            ])
        // The window is open at its beginning: the comment of day 20 is not of the 7 days up to day 27, but of those up to 26.
        try expect(Story.sample(of: 1, at: 33.5, [issue]), [.comments7: 1, .changes7: 0, .changes30: 3])
        try expect(Story.sample(of: 1, at: 32, [issue]), [.changes7: 1])
    }

    @Test
    func aCommentThatWasEditedLaterHasNoLengthBeforeThat() throws {
        var issue = Story.issue(1)
        issue.comment(1, Story.ann, "a longer text", edited: 5)
        try expect(Story.sample(of: 1, at: 3, [issue]), [.comments: 1, .commentLength: .nan])
        try expect(Story.sample(of: 1, at: 5, [issue]), [.comments: 1, .commentLength: 13])
    }

    @Test
    func ownerAndReporter() throws {
        // Bob finished three in 2, 4 and 90 days; Ann reported all of them and two open ones.
        let past = [
            Story.finished(11, created: 0, done: 2, by: Story.bob),
            Story.finished(12, created: 0, done: 4, by: Story.bob),
            Story.finished(13, created: 10, done: 100, by: Story.bob),
        ]
        var issue = Story.issue(1, created: 101)
        issue.edit(103, Story.ann, ("assignee", nil, "ann"))
        issue.edit(105, Story.ann, ("assignee", "ann", "bob"))
        issue.assignee = Story.bob
        var other = Story.issue(2, created: 101)
        other.assignee = Story.bob
        let issues = past + [issue, other]
        try expect(
            Story.sample(of: 1, at: 102, issues),
            [
                .isAssigned: 0, .daysSinceAssigned: .nan, .isSelfReported: 0, .ownerOpen: .nan, .ownerDone: .nan,
            ])
        try expect(
            Story.sample(of: 1, at: 104, issues),
            [
                .isAssigned: 1, .daysSinceAssigned: 1, .isSelfReported: 1, .ownerOpen: 1, .ownerDone90: 0,
                .ownerActs30: 3, .ownerDaysSinceAct: 1, .ownerMedianLead: .nan,
            ])
        try expect(
            Story.sample(of: 1, at: 106, issues),
            [
                .isAssigned: 1, .daysSinceAssigned: 1, .isSelfReported: 0, .ownerOpen: 2, .ownerDone90: 1,
                .ownerActs30: 1, .ownerDaysSinceAct: 6, .ownerMedianLead: 4, .ownerDone: 3, .assigneeChanges: 2,
                .reporterReported: 5, .reporterDoneShare: 3 / 7, .reporterMedianLead: 4,
            ])
    }

    @Test
    func work() throws {
        var issue = Story.issue(1)
        issue.description = "{code}x{code}"
        issue.components = ["a", "b"]
        issue.labels = ["l"]
        issue.affectedVersions = [ProjectVersion(id: "1", name: "1")]
        issue.fixVersions = [ProjectVersion(id: "2", name: "2"), ProjectVersion(id: "3", name: "3")]
        issue.timeTracking = TimeTracking(originalEstimate: 57_600, remainingEstimate: 14_400, timeSpent: 43_200)
        issue.edit(2, Story.ann, ("description", "plain", "{code}x{code}"), ("summary", "Old", "Summary"))
        issue.edit(3, Story.ann, ("Component", nil, "b"), ("labels", "l m n", "l"), ("priority", "Trivial", "High"))
        issue.edit(4, Story.ann, ("Version", nil, "1"), ("Fix Version", "9", nil), ("Fix Version", nil, "3"))
        issue.edit(5, Story.ann, ("timeestimate", "57600", "14400"), ("timespent", nil, "43200"))
        issue.edit(6, Story.ann, ("issuetype", "New Feature", "Bug"))
        try expect(
            Story.sample(of: 1, at: 1, [issue]),
            [
                .descriptionLength: 5, .hasCode: 0, .summaryLength: 3, .components: 1, .labels: 3, .priority: 1,
                .affectedVersions: 0, .fixVersions: 2, .hasEstimate: 1, .estimateLeft: 2, .timeLogged: 0, .isFeature: 1,
                .isBug: 0,
            ])
        try expect(
            Story.sample(of: 1, at: 6, [issue]),
            [
                .descriptionLength: 13, .hasCode: 1, .summaryLength: 7, .components: 2, .labels: 1, .priority: 4,
                .affectedVersions: 1, .fixVersions: 2, .fixVersionChanges: 2, .hasEstimate: 1, .estimateLeft: 0.5,
                .timeLogged: 1.5, .isFeature: 0, .isBug: 1, .textChanges: 2, .priorityChanges: 1, .estimateChanges: 2,
            ])
    }

    @Test
    func subtasksCountFromWhenTheyBecameSubtasks() throws {
        var parent = Story.issue(1)
        parent.subtasks = ["2", "3"].map { Subtask(id: IssueID($0), key: IssueKey("ENG-\($0)")) }
        let born = Story.issue(2, created: 3)
        var turned = Story.issue(3, created: 0)
        turned.edit(6, Story.ann, ("Parent", nil, "1"), ("issuetype", "Bug", "Sub-task"))
        for (day, count) in [(2.0, Float(0)), (4, 1), (7, 2)] {
            try expect(Story.sample(of: 1, at: day, [parent, born, turned]), [.subtasks: count])
        }
    }

    @Test
    func dependencies() throws {
        func link(_ id: String, _ relation: IssueLink.Relation, _ name: String, _ key: String) -> IssueLink {
            IssueLink(id: LinkID(id), relation: relation, typeName: name, otherID: nil, otherKey: IssueKey(key))
        }
        var issue = Story.issue(1)
        issue.links = [
            link("1", .blockedBy, "Blocks", "ENG-2"), link("2", .blockedBy, "Blocks", "ENG-3"),
            link("3", .relatesTo, "Duplicate", "ENG-4"), link("4", .relatesTo, "Relates", "ENG-5"),
        ]
        issue.edit(2, Story.ann, ("Link", nil, "ENG-2"))
        issue.changes[0].toString = "This issue is blocked by ENG-2"
        issue.edit(4, Story.ann, ("Link", "ENG-9", nil))
        issue.changes[1].fromString = "This issue blocks ENG-9"
        let blockers = [Story.finished(2, created: 0, done: 6), Story.issue(3)]
        let seen = ["1": FirstSights(completeSince: Story.day(0), links: ["4": Story.day(5)])]
        func sample(_ day: Double) -> Sample? {
            let seen = Dictionary(uniqueKeysWithValues: seen.map { (IssueID($0), $1) })
            return Story.sample(of: 1, at: day, [issue] + blockers, seen: seen)
        }
        try expect(
            sample(1), [.links: 3, .blockers: 1, .openBlockers: 1, .blocked: 1, .duplicates: 1, .linkChanges: 0])
        try expect(
            sample(3), [.links: 4, .blockers: 2, .openBlockers: 2, .blocked: 1, .duplicates: 1, .linkChanges: 1])
        try expect(sample(4.5), [.links: 3, .blockers: 2, .blocked: 0, .linkChanges: 2])
        try expect(sample(7), [.links: 4, .blockers: 2, .openBlockers: 1, .blocked: 0, .linkChanges: 2])
    }

    @Test
    func churnAndDeadline() throws {
        var issue = Story.issue(1)
        issue.dueDate = CalendarDay("2020-01-20")
        issue.edit(1, Story.ann, ("duedate", nil, "2020-01-10"))
        issue.edit(2, Story.ann, ("duedate", "2020-01-10", "2020-01-25"))
        issue.edit(3, Story.ann, ("duedate", "2020-01-25", "2020-01-20"))
        try expect(Story.sample(of: 1, at: 0.5, [issue]), [.hasDueDate: 0, .daysToDue: .nan, .isOverdue: 0])
        // Day 0 is 2 January 2020. The day after the 20th begins on day 19.
        try expect(
            Story.sample(of: 1, at: 4, [issue]),
            [
                .hasDueDate: 1, .daysToDue: 15, .isOverdue: 0, .dueDateChanges: 3, .daysPostponed: 15,
            ])
        try expect(Story.sample(of: 1, at: 19, [issue]), [.daysToDue: 0, .isOverdue: 1])
        let maker = SampleMaker(zone: try #require(TimeZone(identifier: "America/New_York")))
        try expect(Story.sample(of: 1, at: 19, [issue], maker: maker), [.daysToDue: 5 / 24, .isOverdue: 0])
    }

    @Test
    func sprint() throws {
        var issue = Story.issue(1)
        let sprint = Sprint(
            id: "7", name: "S", state: "closed", startDate: Story.day(10), endDate: Story.day(24),
            completeDate: Story.day(25))
        issue.sprints = [sprint]
        issue.edit(5, Story.ann, ("Sprint", nil, "7"))
        var known = SprintCatalog()
        known.insert(sprint, seen: Story.day(8))
        func sample(_ day: Double) -> Sample? { Story.sample(of: 1, at: day, [issue], sprints: known) }
        try expect(sample(4), [.isInSprint: 0, .sprintChanges: 0])
        try expect(sample(6), [.isInSprint: 1, .sprintChanges: 1])
        #expect(sample(9)?.sprintEnd == nil, "it has not begun")
        #expect(sample(12)?.sprintEnd == Story.day(24))
        try expect(sample(26), [.isInSprint: 0])
        #expect(sample(26)?.sprintEnd == nil)
    }
}
