public import Domain
public import Foundation

/// Makes samples of the histories of a tenant: for training and backtests in bulk, for a forecast of one instant.
///
/// All go the same way: play the histories in the order of time, stop at T, read the features. So a sample of today's
/// issue is made as one of last year's was.
public struct SampleMaker: Sendable {
    /// When issues are looked at for training.
    public var grid: SampleGrid
    /// The tenant's time zone, in which due days end.
    public var zone: TimeZone

    /// The default is a grid of Mondays and days that end in UTC.
    public init(grid: SampleGrid = SampleGrid(), zone: TimeZone = .gmt) {
        self.grid = grid
        self.zone = zone
    }

    /// The weekly samples of all issues up to `cut`, thinned.
    ///
    /// Of an issue the samples number 0, 1, 2, 3, 4, 6, 8, 11, 16 and so on are kept, ever further apart, and those in whose
    /// 7 days something was changed or commented. An issue has samples while it is open and known whole.
    ///
    /// - Parameter histories: of all issues of the tenant, in any order.
    public func samples(of histories: [IssueHistory], upTo cut: Timestamp) -> SampleSet {
        var replay = Replay(histories)
        var ends = DueDayEnds(zone: zone)
        var entries: [SampleSet.Entry] = []
        var weeks = [[Int64]](repeating: [], count: replay.histories.count)
        var at = replay.begin.map { grid.next(from: $0) } ?? cut.adding(days: 1)
        while at <= cut {
            replay.play(through: at)
            var figures = PaceFigures(at: at)
            let isFourth = grid.isFourth(at)
            for (index, history) in replay.histories.enumerated() {
                guard let progress = replay.progress[index], history.hasSample(of: progress, at: at) else { continue }
                let number = weeks[index].count
                weeks[index].append(at.milliseconds)
                let isStirred = progress.lastStir.map { $0 > at.milliseconds - SampleGrid.week } ?? false
                let isKept = isStirred || SampleGrid.gap(after: number) != nil
                guard isKept || isFourth else { continue }
                let sample = FeatureReader.sample(history, progress, replay.pace, figures: &figures, ends: &ends)
                entries.append(SampleSet.Entry(sample: sample, number: number, isKept: isKept, isFourth: isFourth))
            }
            at = at.adding(milliseconds: SampleGrid.week)
        }
        let byID = zip(replay.histories, weeks).map { ($0.id, $1) }
        return SampleSet(
            entries, weeks: Dictionary(byID, uniquingKeysWith: { first, _ in first }),
            histories: Dictionary(replay.histories.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }))
    }

    /// The samples of all issues that are open at an instant, by issue.
    ///
    /// - Parameters:
    ///   - histories: of all issues of the tenant, in any order.
    ///   - issues: those to give samples of; nil for all.
    public func samples(of histories: [IssueHistory], at instant: Timestamp, issues: Set<IssueID>? = nil) -> [Sample] {
        var replay = Replay(histories)
        replay.play(through: instant)
        var figures = PaceFigures(at: instant)
        var ends = DueDayEnds(zone: zone)
        return zip(replay.histories, replay.progress).compactMap { history, progress in
            guard let progress, history.hasSample(of: progress, at: instant), issues?.contains(history.id) ?? true
            else {
                return nil
            }
            return FeatureReader.sample(history, progress, replay.pace, figures: &figures, ends: &ends)
        }
    }

    /// The pace of a tenant as of an instant.
    ///
    /// - Parameter histories: of all issues of the tenant, in any order.
    public func pace(of histories: [IssueHistory], asOf instant: Timestamp) -> TenantPace {
        var replay = Replay(histories)
        replay.play(through: instant)
        return replay.pace
    }

    /// The samples of issues as of an instant by a stored pace, in the order of `histories`, without those that have none:
    /// not yet created, done, gone or not known whole.
    ///
    /// What an issue did after the pace was taken counts for the figures of its own project and people; what others did
    /// since does not.
    ///
    /// - Parameters:
    ///   - histories: of the issues to give samples of.
    ///   - pace: taken at `instant` or before it.
    public func samples(of histories: [IssueHistory], at instant: Timestamp, pace: TenantPace) -> [Sample] {
        samples(of: histories, at: instant, pace: pace, leads: nil)
    }

    /// As ``samples(of:at:pace:)``.
    ///
    /// - Parameter leads: those of `pace`, for calls that follow each other; nil sorts them again.
    func samples(
        of histories: [IssueHistory], at instant: Timestamp, pace: TenantPace, leads: SharedLeads?
    ) -> [Sample] {
        var shared = PaceFigures(at: instant, shared: leads)
        var ends = DueDayEnds(zone: zone)
        return histories.compactMap { history in
            guard history.created <= instant else { return nil }
            var progress = IssueProgress(history)
            progress.play(history, through: instant)
            guard history.hasSample(of: progress, at: instant) else { return nil }
            guard history.isNews(to: pace, at: instant) else {
                return FeatureReader.sample(history, progress, pace, figures: &shared, ends: &ends)
            }
            var own = PaceFigures(at: instant, shared: leads)
            return FeatureReader.sample(
                history, progress, pace.adding(history, through: instant), figures: &own, ends: &ends)
        }
    }
}

extension IssueHistory {
    /// Whether the issue, played to `instant`, has a sample there: it is open and known whole.
    fileprivate func hasSample(of progress: IssueProgress, at instant: Timestamp) -> Bool {
        guard progress.isOpen, let completeSince else { return false }
        return completeSince <= instant
    }

    /// Whether something happened to the issue between the pace and the instant.
    fileprivate func isNews(to pace: TenantPace, at instant: Timestamp) -> Bool {
        if created > pace.asOf { return true }
        return steps.contains { $0.at > pace.asOf.milliseconds && $0.at <= instant.milliseconds }
    }
}

extension TenantPace {
    /// With what happened to one issue since.
    fileprivate func adding(_ history: IssueHistory, through instant: Timestamp) -> TenantPace {
        var pace = self
        var progress = IssueProgress(history)
        if history.created > asOf { pace.create(history, Standing(progress)) }
        for step in history.steps where step.at <= instant.milliseconds {
            let before = Standing(progress)
            progress.play(step)
            if step.at > asOf.milliseconds { pace.note(step, of: history, from: before, to: Standing(progress)) }
        }
        pace.asOf = instant
        return pace
    }
}
