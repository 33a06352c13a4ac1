import Domain

/// What a commit writes as JSON, made before it: the connection that writes is what all work of a store waits for.
struct RescoreEncoding: Sendable {
    /// The issue's state without comments and changes, which have tables of their own.
    let state: SQLValue
    /// The newest analysis; null without one.
    let analysis: SQLValue
    /// The analyses of the history rows, in their order.
    let history: [SQLValue]

    /// Throws what the encoder throws.
    init(_ result: RescoreResult) throws {
        var core = result.state
        core.comments = [:]
        core.changes = [:]
        state = try .stored(core, as: StoredIssueState.self)
        history = try result.history.map { try .stored($0.analysis, as: StoredAnalysis.self) }
        guard let newest = result.analysis else {
            analysis = .null
            return
        }
        // As a rule it is the last row's.
        if let last = history.last, result.history.last?.analysis == newest {
            analysis = last
        } else {
            analysis = try .stored(newest, as: StoredAnalysis.self)
        }
    }
}
