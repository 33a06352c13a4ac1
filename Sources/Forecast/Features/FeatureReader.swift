import Domain

/// Reads the features of an issue as of an instant T from three things that know nothing later: the issue played to T,
/// the pace of the tenant at T, and the counts of its own windows up to T.
struct FeatureReader {
    private let history: IssueHistory
    private let progress: IssueProgress
    /// T, in milliseconds since the Unix epoch.
    private let at: Int64
    private var values = [Float](repeating: .nan, count: Feature.count)

    private init(_ history: IssueHistory, _ progress: IssueProgress, at: Int64) {
        self.history = history
        self.progress = progress
        self.at = at
    }

    /// The sample of an issue that was played to T.
    ///
    /// - Parameters:
    ///   - pace: as of T.
    ///   - figures: of `pace` at T; those that are worked out here are kept in it.
    static func sample(
        _ history: IssueHistory, _ progress: IssueProgress, _ pace: TenantPace, figures: inout PaceFigures,
        ends: inout DueDayEnds
    ) -> Sample {
        let facts = progress.facts
        let due = facts.dueDay.map { ends.end(of: $0) }
        let project = figures.project(facts.project, pace)
        var reader = FeatureReader(history, progress, at: figures.at)
        reader.readAge(project)
        reader.readProgress()
        reader.readActivity()
        reader.readOwner(pace, &figures)
        reader.readReporter(pace, &figures)
        reader.readWork()
        reader.readLinks(pace)
        reader.readChurn()
        reader.readDeadline(due)
        reader.readTempo(project)
        return Sample(
            issue: history.id, project: facts.project, at: Timestamp(milliseconds: figures.at),
            created: history.created, features: reader.values, usual: project.usualLead,
            usualCount: project.leads.count, due: due, sprintEnd: reader.sprintEnd)
    }

    private mutating func set(_ feature: Feature, _ value: Double) { values[feature.column] = Float(value) }
    private mutating func set(_ feature: Feature, _ value: Int) { values[feature.column] = Float(value) }
    private mutating func set(_ feature: Feature, _ value: Int?) {
        values[feature.column] = value.map { Float($0) } ?? .nan
    }
    private mutating func set(_ feature: Feature, _ value: Bool) { values[feature.column] = value ? 1 : 0 }
    private mutating func set(_ feature: Feature, since instant: Int64?) {
        values[feature.column] = instant.map { Float(days(since: $0)) } ?? .nan
    }

    private func days(since instant: Int64) -> Double { Double(at - instant) / Double(millisecondsPerDay) }
    private func count(_ instants: [Int64], days: Int64) -> Int {
        instants.count(after: at - days * millisecondsPerDay, through: at)
    }

    private mutating func readAge(_ project: ProjectFigures) {
        let age = days(since: history.created.milliseconds)
        set(.age, age)
        // A NaN of `medianLead` would get lost in `max`, which may give either.
        set(.ageToMedianLead, project.medianLead.isNaN ? .nan : age / max(project.medianLead, 0.5))
        set(.ageRank, project.leads.rank(of: age))
    }

    private mutating func readProgress() {
        set(.daysInStatus, since: progress.statusSince)
        if let category = progress.facts.category {
            set(.isNew, category == .new)
            set(.isInProgress, category == .indeterminate)
        }
        set(.daysSinceStart, since: progress.startedAt)
        set(.statusChanges, progress.statusChanges)
    }

    private mutating func readActivity() {
        let (comments, changes) = (history.commentTimes, history.changeTimes)
        let count = comments.firstIndex(after: at)
        set(.comments, count)
        set(.comments7, self.count(comments, days: 7))
        set(.comments30, self.count(comments, days: 30))
        set(.daysSinceComment, since: count > 0 ? comments[count - 1] : nil)
        set(.commenters, progress.commenters.count)
        if count == 0 {
            set(.commentLength, 0)
        } else if progress.measuredComments > 0 {
            set(.commentLength, Double(progress.commentLengths) / Double(progress.measuredComments))
        }
        set(.changes7, self.count(changes, days: 7))
        set(.changes30, self.count(changes, days: 30))
        set(.changes90, self.count(changes, days: 90))
        set(.daysSinceActivity, since: progress.lastActivity)
        set(.daysSinceOwnerActivity, since: progress.lastOwnerActivity)
        set(.editors, progress.editors.count)
        set(.attachments, progress.attachments)
    }

    private mutating func readOwner(_ pace: TenantPace, _ figures: inout PaceFigures) {
        let facts = progress.facts
        set(.isAssigned, facts.assignee != nil)
        set(.daysSinceAssigned, since: progress.assignedAt)
        set(.isSelfReported, facts.assignee != nil && facts.assignee == facts.reporter)
        guard let assignee = facts.assignee else { return }
        let person = figures.person(assignee, pace)
        set(.ownerOpen, person.open)
        set(.ownerDone90, person.done90)
        set(.ownerActs30, person.acts30)
        set(.ownerDaysSinceAct, person.daysSinceAct)
        set(.ownerMedianLead, person.medianLead)
        set(.ownerDone, person.done)
    }

    private mutating func readReporter(_ pace: TenantPace, _ figures: inout PaceFigures) {
        guard let reporter = progress.facts.reporter else { return }
        let person = figures.person(reporter, pace)
        set(.reporterDoneShare, person.doneShare)
        set(.reporterMedianLead, person.reportedMedianLead)
        set(.reporterReported, person.reported)
    }

    private mutating func readWork() {
        let facts = progress.facts
        if let kind = facts.kind {
            for feature in IssueKind.features { set(feature, feature == kind.feature) }
        }
        set(.priority, facts.priority)
        set(.summaryLength, facts.summary.length)
        set(.descriptionLength, facts.description.length)
        set(.hasCode, facts.description.hasCode)
        set(.components, facts.components)
        set(.labels, facts.labels)
        set(.affectedVersions, facts.affectedVersions)
        set(.fixVersions, facts.fixVersions)
        set(.subtasks, facts.subtasks)
        let left = facts.work.remainingEstimate ?? facts.work.originalEstimate
        set(.hasEstimate, left != nil || facts.storyPoints != nil)
        let secondsPerDay = 28_800.0
        if let left { set(.estimateLeft, Double(left) / secondsPerDay) }
        set(.timeLogged, Double(facts.work.timeSpent ?? 0) / secondsPerDay)
    }

    private mutating func readLinks(_ pace: TenantPace) {
        let links = progress.facts.links
        let blockers = links.filter { $0.relation == .blockedBy }
        set(.links, links.count)
        set(.blockers, blockers.count)
        set(.openBlockers, blockers.count { !(pace.blockers[$0.other] ?? false) })
        set(.blocked, links.count { $0.relation == .blocks })
        set(.duplicates, links.count { $0.isDuplicate })
        set(.linkChanges, progress.linkChanges)
    }

    private mutating func readChurn() {
        set(.reopenings, progress.reopenings)
        set(.assigneeChanges, progress.assigneeChanges)
        set(.priorityChanges, progress.priorityChanges)
        set(.fixVersionChanges, progress.fixVersionChanges)
        set(.textChanges, progress.textChanges)
        set(.dueDateChanges, progress.dueDateChanges)
        set(.daysPostponed, progress.daysPostponed)
        set(.sprintChanges, progress.sprintChanges)
        set(.estimateChanges, progress.estimateChanges)
    }

    private mutating func readDeadline(_ due: Timestamp?) {
        set(.hasDueDate, due != nil)
        if let due { set(.daysToDue, -days(since: due.milliseconds)) }
        set(.isOverdue, due.map { $0.milliseconds <= at } ?? false)
        set(.isInSprint, progress.facts.sprints.contains { !isClosed($0) })
    }

    private mutating func readTempo(_ project: ProjectFigures) {
        set(.medianLead, project.medianLead)
        set(.usualLead, project.usualLead)
        set(.flow, Double(project.done90 + 1) / Double(project.open + 1))
        set(.doneToCreated, Double(project.done30 + 1) / Double(project.created30 + 1))
        set(.projectOpen, project.open)
        set(.projectCreated30, project.created30)
        set(.projectDone30, project.done30)
        set(.projectDone90, project.done90)
        set(.projectDone, project.done)
    }

    private func isClosed(_ name: String) -> Bool { history.isClosed(name, at: at) }

    private var sprintEnd: Timestamp? { history.sprintEnd(of: progress, at: at) }
}
