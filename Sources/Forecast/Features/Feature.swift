/// One column of a sample. Its place in `allCases` is its column, its raw value its stable name: stored models name
/// their columns by it, so cases are neither renamed nor moved, only added at the end.
///
/// Durations are in days of 24 hours, flags 0 or 1; a value is NaN where it is unknown or does not apply, never 0 for
/// want of knowledge. "In the last n days" is the window (T − n days, T].
public enum Feature: String, Sendable, Hashable, CaseIterable, Codable {
    /// Days since the issue was created.
    case age
    /// ``age`` over the median lead time of the project, which counts as half a day at least.
    case ageToMedianLead
    /// Share of the project's lead times, those of the usual time, that were below ``age``.
    case ageRank

    /// Days since the status last changed.
    case daysInStatus
    /// Whether the status category is `new`.
    case isNew
    /// Whether the status category is `indeterminate`.
    case isInProgress
    /// Days since work was first in progress.
    case daysSinceStart
    /// Changes of status.
    case statusChanges

    /// All comments.
    case comments
    /// Comments of the last 7 days.
    case comments7
    /// Comments of the last 30 days.
    case comments30
    /// Days since the last comment.
    case daysSinceComment
    /// People who commented; all anonymous ones count as one.
    case commenters
    /// Mean length of the comments in characters (Unicode scalars); 0 without comments.
    case commentLength
    /// Changed fields of the last 7 days.
    case changes7
    /// Changed fields of the last 30 days.
    case changes30
    /// Changed fields of the last 90 days.
    case changes90
    /// Days since the last change or comment, or the creation.
    case daysSinceActivity
    /// Days since the last edit or comment that was the assignee's of that time.
    case daysSinceOwnerActivity
    /// People who created or changed the issue.
    case editors
    /// Changes of the attachments.
    case attachments

    /// Whether it has an assignee.
    case isAssigned
    /// Days since the assignee got it.
    case daysSinceAssigned
    /// Whether the assignee reported it.
    case isSelfReported
    /// Open issues of the assignee, this one included.
    case ownerOpen
    /// Issues that the assignee finished in the last 90 days.
    case ownerDone90
    /// Edits and comments of the assignee, on any issue, in the last 30 days.
    case ownerActs30
    /// Days since the assignee's last edit or comment on any issue.
    case ownerDaysSinceAct
    /// Median lead time of the last 30 issues that the assignee finished.
    case ownerMedianLead

    /// Finished share of what the reporter reported: done/(reported + 2).
    case reporterDoneShare
    /// Median lead time of the last 30 finished issues of the reporter.
    case reporterMedianLead

    /// Whether it is a bug.
    case isBug
    /// Whether it is a story.
    case isStory
    /// Whether it is an improvement.
    case isImprovement
    /// Whether it is a new feature.
    case isFeature
    /// Whether it is a task.
    case isTask
    /// Whether it is a sub-task.
    case isSubtask
    /// Whether it is an epic.
    case isEpic
    /// Whether it is documentation.
    case isDocumentation
    /// 1 (lowest) to 5 (highest); NaN for a name outside Jira's usual ones.
    case priority
    /// Length of the summary in characters.
    case summaryLength
    /// Length of the description in characters; 0 without one.
    case descriptionLength
    /// Whether the description has code or a stack trace.
    case hasCode
    /// Number of components.
    case components
    /// Number of labels.
    case labels
    /// Number of affected versions.
    case affectedVersions
    /// Number of fix versions.
    case fixVersions
    /// Number of sub-tasks.
    case subtasks
    /// Whether it has an estimate, in time or in story points.
    case hasEstimate
    /// Estimated work left, in days of 8 hours; NaN without an estimate in time.
    case estimateLeft
    /// Logged work, in days of 8 hours.
    case timeLogged

    /// Number of links.
    case links
    /// Issues that block it.
    case blockers
    /// Issues that block it and are not known to be done.
    case openBlockers
    /// Issues that it blocks.
    case blocked
    /// Links to duplicates.
    case duplicates
    /// Changes of its links.
    case linkChanges

    /// Times it left `done`.
    case reopenings
    /// Changes of the assignee.
    case assigneeChanges
    /// Changes of the priority.
    case priorityChanges
    /// Changes of the fix version.
    case fixVersionChanges
    /// Changes of the summary or description.
    case textChanges
    /// Changes of the due date.
    case dueDateChanges
    /// Days by which the due date was postponed, in sum.
    case daysPostponed
    /// Changes of the sprint.
    case sprintChanges
    /// Changes of the estimate or the logged work.
    case estimateChanges

    /// Whether it has a due date.
    case hasDueDate
    /// Days to the end of the due day, negative after it; NaN without a due date.
    case daysToDue
    /// Whether the due day is over.
    case isOverdue
    /// Whether it is in a sprint that is not closed.
    case isInSprint

    /// Median lead time of the project.
    case medianLead
    /// The usual time: 80th percentile of the lead times of the project.
    case usualLead
    /// (done in 90 days + 1)/(open + 1) of the project.
    case flow
    /// (done in 30 days + 1)/(created in 30 days + 1) of the project.
    case doneToCreated

    /// Open issues of the project.
    case projectOpen
    /// Issues of the project that were created in the last 30 days.
    case projectCreated30
    /// Issues of the project that were finished in the last 30 days.
    case projectDone30
    /// Issues of the project that were finished in the last 90 days.
    case projectDone90
    /// Issues of the project that were ever finished.
    case projectDone
    /// Issues that the assignee ever finished.
    case ownerDone
    /// Issues that the reporter ever reported.
    case reporterReported

    /// How many features a sample has.
    public static let count = allCases.count

    /// Column in a sample.
    public var column: Int { Self.columns[self] ?? 0 }

    private static let columns = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}

extension Feature {
    /// The group in whose name it is explained. Figures of the reporter are part of the work, those that do not transfer
    /// between tenants of the tempo and the owner.
    public var group: FactorGroup {
        switch self {
        case .age, .ageToMedianLead, .ageRank: .age
        case .daysInStatus, .isNew, .isInProgress, .daysSinceStart, .statusChanges: .progress
        case .comments, .comments7, .comments30, .daysSinceComment, .commenters, .commentLength, .changes7, .changes30,
            .changes90, .daysSinceActivity, .daysSinceOwnerActivity, .editors, .attachments:
            .activity
        case .isAssigned, .daysSinceAssigned, .isSelfReported, .ownerOpen, .ownerDone90, .ownerActs30,
            .ownerDaysSinceAct, .ownerMedianLead, .ownerDone:
            .owner
        case .reporterDoneShare, .reporterMedianLead, .reporterReported, .isBug, .isStory, .isImprovement, .isFeature,
            .isTask, .isSubtask, .isEpic, .isDocumentation, .priority, .summaryLength, .descriptionLength, .hasCode,
            .components, .labels, .affectedVersions, .fixVersions, .subtasks, .hasEstimate, .estimateLeft, .timeLogged:
            .work
        case .links, .blockers, .openBlockers, .blocked, .duplicates, .linkChanges: .dependencies
        case .reopenings, .assigneeChanges, .priorityChanges, .fixVersionChanges, .textChanges, .dueDateChanges,
            .daysPostponed, .sprintChanges, .estimateChanges:
            .churn
        case .hasDueDate, .daysToDue, .isOverdue, .isInSprint: .deadline
        case .medianLead, .usualLead, .flow, .doneToCreated, .projectOpen, .projectCreated30, .projectDone30,
            .projectDone90, .projectDone:
            .tempo
        }
    }

    /// Direction in which a larger value may move the hazard of being done: −1 down, +1 up, 0 either.
    public var monotone: Int {
        switch self {
        case .age, .daysInStatus, .daysSinceActivity, .daysSinceComment, .daysSinceOwnerActivity, .ownerDaysSinceAct,
            .openBlockers:
            -1
        case .changes7, .changes30, .changes90, .comments7, .comments30, .isInProgress, .flow: 1
        default: 0
        }
    }

    /// Whether it says more about the size of a tenant than about its issues, so that it does not transfer: a prior is
    /// trained without it.
    public var isTenantsOwn: Bool {
        switch self {
        case .projectOpen, .projectCreated30, .projectDone30, .projectDone90, .projectDone, .ownerDone,
            .reporterReported:
            true
        default: false
        }
    }
}
