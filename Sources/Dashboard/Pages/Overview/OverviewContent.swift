import Domain

/// What the template of the overview reads.
struct OverviewContent: Sendable {
    struct Project: Sendable {
        var key: String
        var path: String
        var high: Int
        var medium: Int
        var low: Int
        var total: Int
    }

    /// An issue that moved, or that is due.
    struct Line: Sendable {
        var path: String
        var key: String
        var summary: String
        var score: Int
        var band: String
        /// `+12`
        var move: String?
        var due: String?
        var forecast: String?
        var cause: String?
        var isRestricted: Bool

        init(_ line: DigestContent.Line) {
            path = PageText.issuePath(line.key)
            key = line.key.rawValue
            summary = line.summary
            score = line.score
            band = RiskBand(score: line.score).rawValue
            move = line.previousScore.map { "\(line.score < $0 ? "−" : "+")\(abs(line.score - $0))" }
            due = line.dueDate?.description
            forecast = line.forecast
            cause = line.cause
            isRestricted = line.isRestricted
        }
    }

    struct OpenAlert: Sendable {
        var at: String
        var headline: String
        var path: String?
    }

    /// What a worker keeps; of an instant of its own.
    struct Week: Sendable {
        var risen: [Line]
        var fallen: [Line]
        var due: [Line]
        /// How many are due beside those that are named; nil for none.
        var moreDue: String?
        var heat: BlockerHeat
        var series: RiskSeries
        var asOf: String
    }

    var sync: SyncLine
    var high: Int
    var medium: Int
    var low: Int
    var total: Int
    var hasIssues: Bool
    var projects: [Project]
    var hasMoreProjects: Bool
    var riskiest: [IssueRow]
    var alerts: [OpenAlert]
    var moreAlerts: String?
    var week: Week?
    var asOf: String

    /// Projects in the table.
    private static let projectLimit = 20

    init(_ figures: OverviewFigures, _ picture: RiskPicture?, riskiest: [IssueLine], at now: Timestamp) {
        sync = SyncLine(figures.sync, at: now)
        let open = figures.open
        (high, medium, low, total) = (open.high, open.medium, open.low, open.total)
        hasIssues = !figures.projects.isEmpty
        projects = figures.projects.prefix(Self.projectLimit).map {
            Project(
                key: $0.projectKey, path: PageText.projectPath($0.projectKey), high: $0.counts.high,
                medium: $0.counts.medium, low: $0.counts.low, total: $0.counts.total)
        }
        hasMoreProjects = figures.projects.count > Self.projectLimit
        self.riskiest = riskiest.map(IssueRow.init)
        alerts = figures.openAlerts.map {
            OpenAlert(
                at: PageText.instant($0.createdAt), headline: $0.headline,
                path: $0.issue.map { PageText.issuePath($0.issueKey) })
        }
        let more = figures.openAlertCount - figures.openAlerts.count
        moreAlerts = more > 0 ? PageTexts.english("overview", "more_alerts", ["count": "\(more)"]) : nil
        week = picture.map(Week.init)
        asOf = PageText.instant(now)
    }
}

extension OverviewContent.Week {
    init(_ picture: RiskPicture) {
        let week = picture.week
        risen = week?.risen.map(OverviewContent.Line.init) ?? []
        fallen = week?.fallen.map(OverviewContent.Line.init) ?? []
        due = week?.due.map(OverviewContent.Line.init) ?? []
        let more = (week?.dueCount ?? 0) - due.count
        moreDue = more > 0 ? PageTexts.english("overview", "more_due", ["count": "\(more)"]) : nil
        heat = BlockerHeat(picture.blockersByProject ?? [])
        series = RiskSeries(picture, csv: "/dashboard/risk.csv")
        asOf = PageText.instant(picture.asOf)
    }
}
