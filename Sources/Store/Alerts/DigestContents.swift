public import Domain
import Foundation

extension RiskStore {
    /// What a digest says. Reads every open issue once, in a few columns, and more of those alone that it names.
    public func digestContent(_ request: DigestRequest) async throws -> DigestContent {
        try await driver.read { connection in
            let reader = DigestReader(request: request, connection: connection)
            let selection = DigestSelection(of: try reader.scores(), for: request)
            return DigestContent(
                request, selection, try reader.details(of: selection), sprints: try reader.sprints(),
                silenced: try reader.silenced(), undelivered: try reader.undelivered())
        }
    }
}

/// The queries of one digest, in one transaction.
private struct DigestReader {
    /// Sprints that are named.
    private static let sprintLimit = 5
    /// Silences, and channels with what they could not deliver, that are named.
    private static let listLimit = 10

    let request: DigestRequest
    let connection: any SQLConnection

    private var tenant: SQLValue { .tenant(request.tenantID) }

    /// A condition for the projects of the request; none for all.
    private func ofProjects(_ column: String) -> (sql: String, arguments: [SQLValue]) {
        guard !request.projectKeys.isEmpty else { return ("", []) }
        return (
            " AND \(connection.dialect.isAny(column))", [.array(request.projectKeys.map { .text($0) })]
        )
    }

    // MARK: Issues

    /// The open issues with their scores now and at the instants of the request.
    func scores() throws -> [DigestScore] {
        let instants = request.pastInstants
        let (condition, projects) = ofProjects("s.project_key")
        let past = instants.map { _ in
            """
            (SELECT h.risk_score FROM analysis_history AS h
                WHERE h.tenant_id = s.tenant_id AND h.issue_id = s.issue_id AND h.analyzed_at <= ? AND NOT h.on_request
                ORDER BY h.analyzed_at DESC, h.recorded_at DESC LIMIT 1)
            """
        }
        return try connection.query(
            """
            SELECT s.issue_id, s.issue_key, s.risk_score, s.due_date, f.late_due, \(past.joined(separator: ", "))
            FROM issue_snapshots AS s
            LEFT JOIN forecasts AS f ON f.tenant_id = s.tenant_id AND f.issue_id = s.issue_id
            WHERE s.tenant_id = ? AND s.risk_score IS NOT NULL AND s.issue_key IS NOT NULL AND NOT s.is_done
                AND NOT s.is_deleted\(condition)
            """, instants.map { .timestamp($0) } + [tenant] + projects
        ).map { row in
            DigestScore(
                issueID: IssueID(try row.text(0)), key: IssueKey(try row.text(1)), score: try row.integer(2),
                past: try instants.indices.map { try row.optionalInteger(5 + $0) },
                dueDate: try row.optionalText(3).flatMap(CalendarDay.init), lateDue: try row.optionalReal(4))
        }
    }

    /// What is known of the issues that are named. An analysis that cannot be read takes its issue with it, and nothing else.
    func details(of selection: DigestSelection) throws -> DigestContent.Details {
        let listings = try ListingStatements.readable(request.tenantID, of: selection.issueIDs, connection)
        let moved = selection.movedIssueIDs
        let rows = try connection.query(
            moved.map { id in
                .select(
                    AnalysisColumn.self,
                    """
                    FROM analysis_history WHERE tenant_id = ? AND issue_id = ? AND analyzed_at <= ? AND NOT on_request
                    ORDER BY analyzed_at DESC, recorded_at DESC LIMIT 1
                    """, [tenant, .id(id), .timestamp(request.from)])
            })
        var before: [IssueID: [Factor]] = [:]
        for (id, found) in zip(moved, rows) {
            guard let row = found.first else { continue }
            before[id] = try row.optionalReadable(0, as: StoredAnalysis.self)?.factors
        }
        return DigestContent.Details(
            listings: Dictionary(listings.map { ($0.issue.id, $0) }) { first, _ in first }, factorsBefore: before)
    }

    // MARK: Sprints

    private struct Member {
        var issueID: IssueID
        var score: Int?
    }

    /// The active sprints with an open issue of the projects, the first that ends first.
    func sprints() throws -> [DigestContent.SprintLine] {
        let active = try SprintScopeStatements.active(request.tenantID, connection)
        guard !active.isEmpty else { return [] }
        let (condition, projects) = ofProjects("s.project_key")
        let rows = try connection.query(
            """
            SELECT m.sprint_id, s.issue_id, s.risk_score FROM issue_sprints AS m
            JOIN issue_snapshots AS s ON s.tenant_id = m.tenant_id AND s.issue_id = m.issue_id
            WHERE m.tenant_id = ? AND \(connection.dialect.isAny("m.sprint_id")) AND m.is_member
                AND s.issue_key IS NOT NULL AND NOT s.is_done AND NOT s.is_deleted\(condition)
            ORDER BY m.sprint_id, s.issue_id
            """, [tenant, .array(active.map { .text($0.id) })] + projects)
        var members: [String: [Member]] = [:]
        for row in rows {
            members[try row.text(0), default: []].append(
                Member(issueID: IssueID(try row.text(1)), score: try row.optionalInteger(2)))
        }
        let named = active.filter { members[$0.id] != nil }
            .sorted { ($0.endDate?.milliseconds ?? .max, $0.id) < ($1.endDate?.milliseconds ?? .max, $1.id) }
            .prefix(Self.sprintLimit)
        let forecasts = try ForecastStatements.forecasts(
            of: named.flatMap { members[$0.id] ?? [] }.map(\.issueID), request.tenantID, connection)
        return named.map { line(of: $0, members[$0.id] ?? [], forecasts) }
    }

    private func line(
        of sprint: Sprint, _ members: [Member], _ forecasts: [IssueID: ForecastRecord]
    ) -> DigestContent.SprintLine {
        let outlook = ForecastOutlook(
            .sprint, of: members.map { forecasts[$0.issueID]?.forecast }, deadline: sprint.endDate, countsAll: true)
        return DigestContent.SprintLine(
            name: sprint.name, endsAt: sprint.endDate, open: RiskCounts(of: members.compactMap(\.score)),
            expectedLate: outlook.lateness?.expected, outlook: outlook.sentence)
    }

    // MARK: Deliveries

    /// What silences kept back in the period. One that was deleted since is named so.
    func silenced() throws -> [DigestContent.SilencedLine] {
        let (condition, projects) = ofProjects("s.project_key")
        let issues =
            projects.isEmpty
            ? "" : "JOIN issue_snapshots AS s ON s.tenant_id = a.tenant_id AND s.issue_id = a.issue_id"
        let rows = try connection.query(
            """
            SELECT a.silence_id, COUNT(*) FROM alerts AS a \(issues)
            WHERE a.tenant_id = ? AND a.created_at >= ? AND a.created_at < ? AND a.silence_id IS NOT NULL
                AND a.event = 'raised'\(condition)
            GROUP BY a.silence_id ORDER BY COUNT(*) DESC, a.silence_id LIMIT \(Self.listLimit)
            """, [tenant, .timestamp(request.from), .timestamp(request.to)] + projects)
        let counts = try rows.map { (id: try $0.uuid(0), count: try $0.integer(1)) }
        guard !counts.isEmpty else { return [] }
        let silences = try connection.query(
            "SELECT silence_json FROM alert_silences WHERE tenant_id = ? AND \(connection.dialect.isAny("id"))",
            [tenant, .array(counts.map { .uuid($0.id) })]
        ).compactMap { try $0.optionalReadable(0, as: StoredAlertSilence.self) }
        return counts.map { id, count in
            let silence = silences.first { $0.id == id }
            return DigestContent.SilencedLine(
                reason: silence?.reason ?? "a silence that was deleted since", createdBy: silence?.createdBy ?? "-",
                alerts: count)
        }
    }

    /// What was given up in the period. A dead letter is due no more: its instant is that of its end.
    func undelivered() throws -> [DigestContent.UndeliveredLine] {
        try connection.query(
            """
            SELECT channel_name, COALESCE(last_error, ''), COUNT(*) FROM notifications
            WHERE tenant_id = ? AND state = 'dead' AND due_at >= ? AND due_at < ?
            GROUP BY channel_name, COALESCE(last_error, '') ORDER BY COUNT(*) DESC, channel_name, COALESCE(last_error, '')
            LIMIT \(Self.listLimit)
            """, [tenant, .timestamp(request.from), .timestamp(request.to)]
        ).map {
            DigestContent.UndeliveredLine(
                channel: try $0.text(0), reason: try $0.text(1), deliveries: try $0.integer(2))
        }
    }
}

extension SQLRow {
    /// As `optionalStored`, nil also where the column cannot be read.
    fileprivate func optionalReadable<Form: StoredRow>(_ column: Int, as form: Form.Type) throws -> Form.Value? {
        do {
            return try optionalStored(column, as: form)
        } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }
}
