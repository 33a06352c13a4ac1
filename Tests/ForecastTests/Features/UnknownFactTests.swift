import Domain
import Testing

@testable import Forecast

/// What is not known is NaN, never 0; what is known from when on counts from then on.
struct UnknownFactTests {
    @Test
    func aBareIssueOfANewTenantHasNoValueWhereNothingIsKnown() throws {
        let issue = Issue(
            id: "1", key: "ENG-1", status: Status(name: "Unheard of", category: nil), created: Story.day(0),
            updated: Story.day(0))
        let sample = try #require(Story.sample(of: 1, at: 3, [issue]))
        let unknown = Feature.allCases.filter { sample[$0].isNaN }
        #expect(
            unknown == [
                .ageToMedianLead, .ageRank, .isNew, .isInProgress, .daysSinceStart, .daysSinceComment,
                .daysSinceOwnerActivity, .daysSinceAssigned, .ownerOpen, .ownerDone90, .ownerActs30, .ownerDaysSinceAct,
                .ownerMedianLead, .reporterDoneShare, .reporterMedianLead, .isBug, .isStory, .isImprovement,
                .isFeature, .isTask, .isSubtask, .isEpic, .isDocumentation, .priority, .affectedVersions, .fixVersions,
                .subtasks, .estimateLeft, .daysToDue, .medianLead, .usualLead, .ownerDone, .reporterReported,
            ])
        #expect(sample.usual.isNaN && sample.usualCount == 0)
        #expect(Question.usual.deadline(of: sample) == nil)
        #expect(sample.due == nil && sample.sprintEnd == nil)
    }

    @Test
    func anIssueHasNoSamplesBeforeItWasKnownWhole() {
        let issue = Story.issue(1)
        let late = ["1": FirstSights(completeSince: Story.day(20))]
        let never = ["1": FirstSights(completeSince: nil)]
        func seen(_ sights: [String: FirstSights]) -> [IssueID: FirstSights] {
            Dictionary(uniqueKeysWithValues: sights.map { (IssueID($0), $1) })
        }
        #expect(Story.sample(of: 1, at: 19, [issue], seen: seen(late)) == nil)
        #expect(Story.sample(of: 1, at: 20, [issue], seen: seen(late)) != nil)
        #expect(Story.sample(of: 1, at: 30, [issue], seen: seen(never)) == nil)
    }

    @Test
    func aDeletedIssueIsNoLongerOpenAndItsOutcomeIsUnknown() throws {
        var issue = Story.issue(1)
        issue.isDeleted = true
        let seen = [issue.id: FirstSights(completeSince: Story.day(0), goneAt: Story.day(10))]
        let issues = [issue, Story.issue(2)]
        let before = try #require(Story.sample(of: 1, at: 9, issues, seen: seen))
        #expect(before[.projectOpen] == 2)
        #expect(Story.sample(of: 1, at: 10, issues, seen: seen) == nil)
        #expect(Story.sample(of: 2, at: 11, issues, seen: seen)?[.projectOpen] == 1)
        let history = try #require(IssueHistory.all(of: issues, seen: seen).first)
        let outcome = history.outcome(after: before.at, cut: Story.day(100))
        #expect(outcome == Outcome(done: nil, observedUntil: Story.day(10)))
        #expect(Question.horizon(days: 30).isLate(before, outcome, cut: Story.day(100)) == nil)
        #expect(Question.horizon(days: 1).isLate(before, outcome, cut: Story.day(100)) == true)
    }

    @Test
    func aDatelessLinkOfTheIssueCountsFromItsFirstSight() {
        var issue = Story.issue(1)
        issue.links = [
            IssueLink(id: "5", relation: .blockedBy, typeName: "Blocks", otherID: "9", otherKey: nil)
        ]
        let seen = [issue.id: FirstSights(completeSince: Story.day(0), links: ["5": Story.day(4)])]
        #expect(Story.sample(of: 1, at: 3, [issue], seen: seen)?[.blockers] == 0)
        #expect(Story.sample(of: 1, at: 4, [issue], seen: seen)?[.blockers] == 1)
        // The other issue is not known, so it is not known to be done.
        #expect(Story.sample(of: 1, at: 4, [issue], seen: seen)?[.openBlockers] == 1)
    }

    @Test
    func theDatesOfASprintCountFromTheirFirstSight() {
        var issue = Story.issue(1)
        let sprint = Sprint(
            id: "7", name: "S", state: "active", startDate: Story.day(2), endDate: Story.day(16))
        issue.sprints = [sprint]
        issue.updated = Story.day(9)
        #expect(Story.sample(of: 1, at: 8, [issue])?.sprintEnd == nil)
        #expect(Story.sample(of: 1, at: 8, [issue])?[.isInSprint] == 1)
        #expect(Story.sample(of: 1, at: 9, [issue])?.sprintEnd == Story.day(16))
    }

    @Test
    func whatTheChangeLogMissesCountsFromTheLastSight() {
        // Somebody deleted the version and the account, which leaves no trace in the change log.
        var issue = Story.issue(1)
        issue.edit(2, Story.ann, ("Fix Version", nil, "3"), ("assignee", nil, "bob"))
        issue.updated = Story.day(6)
        let before = Story.sample(of: 1, at: 5, [issue])
        #expect(before?[.isAssigned] == 1)
        let after = Story.sample(of: 1, at: 6, [issue])
        #expect(after?[.isAssigned] == 0)
        #expect(after?[.fixVersions] == 0)
        #expect(after?[.assigneeChanges] == 1, "nobody's edit is no change")
        #expect(after?[.daysSinceActivity] == 4)
    }

    @Test
    func statusesAreKnownByIDOrName() {
        var issue = Story.issue(1)
        issue.edit(2, Story.ann, ("status", nil, nil))
        issue.changes[0].toString = "DOING"
        issue.status = Story.doing
        #expect(Story.sample(of: 1, at: 3, [issue])?[.isInProgress] == 1)
        #expect(Story.sample(of: 1, at: 1, [issue])?[.isInProgress].isNaN == true, "the log does not say what it was")
    }
}
