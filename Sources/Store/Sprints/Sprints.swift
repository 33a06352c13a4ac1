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
        guard !sprintIDs.isEmpty else { return [] }
        let query = select(
            "tenant_id = ? AND \(connection.dialect.isAny("sprint_id"))",
            [.tenant(tenantID), .array(Set(sprintIDs).map { .text($0) })])
        return try records(connection.query([query])[0])
    }

    /// What was said of the sprints that meet `condition`, by id.
    static func select(_ condition: String, _ arguments: [SQLValue]) -> SQLQuery {
        .select(RecordColumn.self, "FROM sprints WHERE \(condition) ORDER BY sprint_id", arguments)
    }

    /// The records from the rows of ``select(_:_:)``.
    static func records(_ rows: [SQLRow]) throws -> [SprintRecord] {
        try rows.map { SQLRecord<RecordColumn>($0) }.map { row in
            SprintRecord(
                sprint: try row.sprint(try row.text(.sprintID)), isDeleted: try row.flag(.isDeleted),
                sentAt: try row.timestamp(.sentAt))
        }
    }

    private enum RecordColumn: Int, SprintColumns {
        case sprintID, name, state, boardID, startDate, endDate, completeDate, isDeleted, sentAt
        static let list = columnList()
    }

    /// Keeps the newest word about a sprint, whatever order the webhooks come in; the sprint's issues when it changes
    /// something for them, which the caller queues.
    static func upsert(
        _ told: SprintRecord, of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> [IssueID] {
        let sprint = told.sprint
        try lock([sprint.id], of: tenantID, .exclusive, in: connection)
        let known = try records(of: [sprint.id], tenantID, connection).first
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
            "SELECT issue_id FROM issue_sprints WHERE tenant_id = ? AND sprint_id = ? AND is_member ORDER BY issue_id",
            [.tenant(tenantID), .text(sprint.id)]
        ).map { IssueID(try $0.text()) }
    }

    /// Keeps a change of sprints and the scoring of their issues apart, in `mode` shared by the scorings: whichever comes
    /// second sees what the first has done. Taken before rows of the queue are locked.
    static func lock(
        _ sprintIDs: [String], of tenantID: TenantID, _ mode: SQLLockMode, in connection: any SQLConnection
    ) throws {
        for id in Set(sprintIDs).sorted() { try connection.lock(mode, "sprint \(tenantID) \(id)") }
    }

    /// Notes which sprints an issue is or was in, and what it says of them, so that their issues are found without
    /// reading all of them. The rows are a function of the state: the order of its events shows nowhere (P3).
    static func record(_ state: IssueState, of tenantID: TenantID, in connection: any SQLConnection) throws {
        let rows = try connection.query([selectMemberships(of: state.id, tenantID)])[0]
        try record(state, replacing: rows, of: tenantID, in: connection)
    }

    /// As ``record(_:of:in:)``, with what is there already: the rows of ``selectMemberships(of:_:)``.
    static func record(
        _ state: IssueState, replacing rows: [SQLRow], of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        let known = try memberships(rows)
        let memberships = IssueSprint.all(of: state)
        for id in known.keys where memberships[id] == nil {
            try connection.run(
                "DELETE FROM issue_sprints WHERE tenant_id = ? AND issue_id = ? AND sprint_id = ?",
                [.tenant(tenantID), .id(state.id), .text(id)])
        }
        for (id, membership) in memberships.sorted(by: { $0.key < $1.key }) where known[id] != membership {
            let sprint = membership.sprint
            try connection.run(
                """
                INSERT INTO issue_sprints (tenant_id, issue_id, sprint_id, is_member, project_key, name, name_key,
                    state, board_id, start_date, end_date, complete_date)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant_id, issue_id, sprint_id) DO UPDATE SET is_member = excluded.is_member,
                    project_key = excluded.project_key, name = excluded.name, name_key = excluded.name_key,
                    state = excluded.state, board_id = excluded.board_id, start_date = excluded.start_date,
                    end_date = excluded.end_date, complete_date = excluded.complete_date
                """,
                [
                    .tenant(tenantID), .id(state.id), .text(id), .flag(membership.isMember),
                    .text(membership.projectKey), .text(sprint?.name), .text(sprint?.nameKey), .text(sprint?.state),
                    .text(sprint?.boardID), .timestamp(sprint?.startDate), .timestamp(sprint?.endDate),
                    .timestamp(sprint?.completeDate),
                ])
        }
    }

    /// The sprints that an issue is or was in, as far as that is noted.
    static func selectMemberships(of issueID: IssueID, _ tenantID: TenantID) -> SQLQuery {
        .select(
            IssueSprintColumn.self, "FROM issue_sprints WHERE tenant_id = ? AND issue_id = ?",
            [.tenant(tenantID), .id(issueID)])
    }

    private static func memberships(_ rows: [SQLRow]) throws -> [String: IssueSprint] {
        try Dictionary(
            uniqueKeysWithValues: rows.map { SQLRecord<IssueSprintColumn>($0) }.map { row in
                let id = try row.text(.sprintID)
                return (
                    id,
                    IssueSprint(
                        isMember: try row.flag(.isMember), projectKey: try row.optionalText(.projectKey),
                        sprint: try row.optionalText(.name) == nil ? nil : row.sprint(id))
                )
            })
    }

    private enum IssueSprintColumn: Int, SprintColumns {
        case sprintID, isMember, projectKey, name, state, boardID, startDate, endDate, completeDate
        static let list = columnList()
    }
}

/// Columns with those that describe a sprint among them.
protocol SprintColumns: SQLColumns {
    static var name: Self { get }
    static var state: Self { get }
    static var boardID: Self { get }
    static var startDate: Self { get }
    static var endDate: Self { get }
    static var completeDate: Self { get }
}

extension SQLRecord where Columns: SprintColumns {
    /// The sprint that the row describes.
    func sprint(_ id: String) throws -> Sprint {
        Sprint(
            id: id, name: try text(.name), state: try text(.state), boardID: try optionalText(.boardID),
            startDate: try optionalTimestamp(.startDate), endDate: try optionalTimestamp(.endDate),
            completeDate: try optionalTimestamp(.completeDate))
    }
}

/// What an issue's own state says of a sprint that it is or was in: a row of `issue_sprints`.
private struct IssueSprint: Equatable {
    var isMember: Bool
    var projectKey: String?
    /// As the issue's sprint field describes it; nil where the issue is in it no more.
    var sprint: Sprint?

    static func all(of state: IssueState) -> [String: IssueSprint] {
        let project = state.fields.projectKey?.value ?? state.fields.key?.value.projectKey
        let own = Dictionary((state.fields.sprints?.value ?? []).map { ($0.id, $0) }) { first, _ in first }
        return Dictionary(
            uniqueKeysWithValues: state.sprintIDsEver.map {
                ($0, IssueSprint(isMember: own[$0] != nil, projectKey: project, sprint: own[$0]))
            })
    }
}

extension Sprint {
    /// The name in small letters, to be found by.
    var nameKey: String { name.lowercased() }
}

extension SprintRecord {
    /// Whether this word replaces another: the later one does, a deletion before others at one instant, and else the one
    /// whose canonical JSON is last, so that the order of arrival decides nothing.
    func isNewer(than other: SprintRecord) throws -> Bool {
        if sentAt != other.sentAt { return sentAt > other.sentAt }
        if isDeleted != other.isDeleted { return isDeleted }
        guard sprint != other.sprint else { return false }
        return try CanonicalJSON.encode(other.sprint).lexicographicallyPrecedes(CanonicalJSON.encode(sprint))
    }
}
