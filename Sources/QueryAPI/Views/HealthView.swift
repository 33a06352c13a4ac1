import Domain

/// `GET /`.
struct RootView: Encodable, Sendable {
    var name = "consilod"
    var version: String
    var status = "running"
    var docs = "/docs"
}

/// `GET /health` and `GET /ready`.
struct HealthView: Encodable, Sendable {
    struct Figures: Encodable, Sendable {
        var pendingEvents: Int
        var rejectedEvents: Int
        var dueIssues: Int
        var parkedIssues: Int
        var queuedDeliveries: Int
        var deadDeliveries: Int
        var lastEventAt: Nullable<Timestamp>
    }

    var status: HealthReport.Status
    var service = "consilod"
    var version: String
    var components: [String: HealthReport.Component]
    var figures: Nullable<Figures>
    var scorer: String
    var model: String

    init(_ report: HealthReport, version: String) {
        self.status = report.status
        self.version = version
        self.components = report.components
        self.figures = Nullable(
            report.figures.map {
                Figures(
                    pendingEvents: $0.pendingEvents, rejectedEvents: $0.rejectedEvents, dueIssues: $0.dueIssues,
                    parkedIssues: $0.parkedIssues, queuedDeliveries: $0.queuedDeliveries,
                    deadDeliveries: $0.deadDeliveries, lastEventAt: Nullable($0.lastEventAt))
            })
        self.scorer = report.engine.scorer
        self.model = report.engine.model
    }
}
