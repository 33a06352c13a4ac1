public import Domain

extension RiskStore {
    /// What sprint webhooks said of these sprints, as far as there were any, by id.
    public func sprintRecords(tenantID: TenantID, sprintIDs: [String]) async throws -> [SprintRecord] {
        guard !sprintIDs.isEmpty else { return [] }
        return try await driver.read { try SprintStatements.records(of: sprintIDs, tenantID, $0) }
    }
}

/// The statements on sprints that the inbox and the scoring transaction share.
enum SprintStatements {
    static func records(
        of sprintIDs: [String], _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> [SprintRecord] {
        try Set(sprintIDs).sorted().compactMap { try record(of: $0, tenantID, connection) }
    }

    private static func record(
        of sprintID: String, _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> SprintRecord? {
        try connection.first(
            """
            SELECT name, state, board_id, start_date, end_date, complete_date, is_deleted, sent_at FROM sprints
            WHERE tenant_id = ? AND sprint_id = ?
            """, [.tenant(tenantID), .text(sprintID)]
        ).map { row in
            SprintRecord(
                sprint: Sprint(
                    id: sprintID, name: try row.text(0), state: try row.text(1), boardID: try row.optionalText(2),
                    startDate: try row.optionalTimestamp(3), endDate: try row.optionalTimestamp(4),
                    completeDate: try row.optionalTimestamp(5)),
                isDeleted: try row.flag(6), sentAt: try row.timestamp(7))
        }
    }

    /// Keeps the newest word about a sprint, whatever order the webhooks come in; the sprint's issues when it changes
    /// something for them, which the caller queues.
    static func upsert(
        _ told: SprintRecord, of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> [IssueID] {
        let sprint = told.sprint
        try lock([sprint.id], of: tenantID, .exclusive, in: connection)
        let known = try record(of: sprint.id, tenantID, connection)
        if let known, try !told.isNewer(than: known) { return [] }
        try connection.run(
            """
            INSERT INTO sprints (tenant_id, sprint_id, name, state, board_id, start_date, end_date, complete_date,
                is_deleted, sent_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id, sprint_id) DO UPDATE SET name = excluded.name, state = excluded.state,
                board_id = excluded.board_id, start_date = excluded.start_date, end_date = excluded.end_date,
                complete_date = excluded.complete_date, is_deleted = excluded.is_deleted, sent_at = excluded.sent_at
            """,
            [
                .tenant(tenantID), .text(sprint.id), .text(sprint.name), .text(sprint.state), .text(sprint.boardID),
                .timestamp(sprint.startDate), .timestamp(sprint.endDate), .timestamp(sprint.completeDate),
                .flag(told.isDeleted), .timestamp(told.sentAt),
            ])
        if let known, known.sprint == sprint, known.isDeleted == told.isDeleted { return [] }
        return try connection.query(
            "SELECT issue_id FROM issue_sprints WHERE tenant_id = ? AND sprint_id = ? ORDER BY issue_id",
            [.tenant(tenantID), .text(sprint.id)]
        ).map { IssueID(try $0.text(0)) }
    }

    /// Keeps a change of sprints and the scoring of their issues apart, in `mode` shared by the scorings: whichever comes
    /// second sees what the first has done. Taken before rows of the queue are locked.
    static func lock(
        _ sprintIDs: [String], of tenantID: TenantID, _ mode: SQLLockMode, in connection: any SQLConnection
    ) throws {
        for id in Set(sprintIDs).sorted() { try connection.lock(mode, "sprint \(tenantID) \(id)") }
    }

    /// Notes which sprints an issue is in, so that their issues are found without reading all of them.
    static func record(_ state: IssueState, of tenantID: TenantID, in connection: any SQLConnection) throws {
        let known = Set(
            try connection.query(
                "SELECT sprint_id FROM issue_sprints WHERE tenant_id = ? AND issue_id = ?",
                [.tenant(tenantID), .id(state.id)]
            ).map { try $0.text(0) })
        let sprints = Set(state.sprintIDs)
        for id in known.subtracting(sprints) {
            try connection.run(
                "DELETE FROM issue_sprints WHERE tenant_id = ? AND issue_id = ? AND sprint_id = ?",
                [.tenant(tenantID), .id(state.id), .text(id)])
        }
        for id in sprints.subtracting(known) {
            try connection.run(
                "INSERT INTO issue_sprints (tenant_id, issue_id, sprint_id) VALUES (?, ?, ?)",
                [.tenant(tenantID), .id(state.id), .text(id)])
        }
    }
}

extension SprintRecord {
    /// Whether this word replaces another: the later one does, a deletion before others at one instant, and else the one
    /// whose canonical JSON is last, so that the order of arrival decides nothing.
    fileprivate func isNewer(than other: SprintRecord) throws -> Bool {
        if sentAt != other.sentAt { return sentAt > other.sentAt }
        if isDeleted != other.isDeleted { return isDeleted }
        guard sprint != other.sprint else { return false }
        return try CanonicalJSON.encode(other.sprint).lexicographicallyPrecedes(CanonicalJSON.encode(sprint))
    }
}
