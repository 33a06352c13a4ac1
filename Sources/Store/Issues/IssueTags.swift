public import Domain

/// Something that lists of issues are filtered by: a row of `issue_tags`.
struct IssueTag: Sendable, Hashable {
    enum Kind: String, Sendable, CaseIterable {
        case assignee, status, label, sprint, epic
    }

    /// Of a value, in scalars: more than Jira allows for any of these, and as much as an index takes.
    static let valueLength = 255

    var kind: Kind
    /// As Jira has it; empty for an issue without an assignee.
    var value: String
    /// What it is found by: small letters.
    var valueKey: String

    init(_ kind: Kind, _ value: String) {
        self.kind = kind
        // A zero is no character of a text for PostgreSQL.
        self.value = String(
            String.UnicodeScalarView(value.unicodeScalars.lazy.filter { $0.value != 0 }.prefix(Self.valueLength)))
        // Some capital letters become two small ones.
        valueKey = String(
            String.UnicodeScalarView(self.value.lowercased().unicodeScalars.prefix(Self.valueLength)))
    }

    /// Those of an issue; of two with the same key the one that sorts first, so that the order of labels decides nothing.
    static func all(of fields: IssueFields) -> Set<IssueTag> {
        var tags = [IssueTag(.assignee, fields.assignee?.value?.displayName ?? "")]
        if let status = fields.status?.value?.name { tags.append(IssueTag(.status, status)) }
        if let epic = fields.parent?.value?.key { tags.append(IssueTag(.epic, epic.rawValue)) }
        tags += (fields.labels?.value ?? []).map { IssueTag(.label, $0) }
        tags += (fields.sprints?.value ?? []).map { IssueTag(.sprint, $0.name) }
        let byKey = Dictionary(grouping: tags) { [$0.kind.rawValue, $0.valueKey] }
        return Set(byKey.values.compactMap { $0.min { $0.value < $1.value } })
    }
}

extension RiskStore {
    /// What the filters of lists may be set to, at most `limit` of each. The cost goes with their number, not with that of
    /// the issues.
    public func issueChoices(_ id: TenantID, limit: Int) async throws -> IssueChoices {
        try await driver.read { connection in
            let rows = try connection.query(IssueTag.Kind.allCases.map { Self.choices(of: $0, id, limit: limit) })
            let values = try zip(IssueTag.Kind.allCases, rows).reduce(into: [IssueTag.Kind: [String]]()) {
                $0[$1.0] = try $1.1.map { try $0.text() }.filter { !$0.isEmpty }
            }
            return IssueChoices(
                assignees: values[.assignee] ?? [], statuses: values[.status] ?? [], labels: values[.label] ?? [],
                sprints: values[.sprint] ?? [], epics: values[.epic] ?? [])
        }
    }

    /// Jumps from each value to the next, by the primary key.
    private static func choices(of kind: IssueTag.Kind, _ id: TenantID, limit: Int) -> SQLQuery {
        let ofKind = "FROM issue_tags WHERE tenant_id = ? AND kind = ?"
        let bound: [SQLValue] = [.tenant(id), .text(kind.rawValue)]
        return SQLQuery(
            """
            WITH RECURSIVE choices (value_key, place) AS (
                SELECT (SELECT MIN(value_key) \(ofKind)), 1
                UNION ALL
                SELECT (SELECT MIN(value_key) \(ofKind) AND value_key > choices.value_key), choices.place + 1
                FROM choices WHERE choices.value_key IS NOT NULL AND choices.place < ?
            )
            SELECT (SELECT value \(ofKind) AND value_key = choices.value_key LIMIT 1) FROM choices
            WHERE value_key IS NOT NULL ORDER BY place
            """, bound + bound + [.integer(limit)] + bound)
    }
}

/// The rows of `issue_tags`.
enum IssueTagStatements {
    /// Rows read at a time to fill the table.
    private static let fillRows = 200

    /// Writes those of an issue where they differ from those of the state that is replaced. The rows are a function of the
    /// state: the order of its events shows nowhere (P3).
    static func record(
        _ state: IssueState, replacing previous: IssueState?, of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        let tags = IssueTag.all(of: state.fields)
        let known = previous.map { IssueTag.all(of: $0.fields) } ?? []
        guard tags != known else { return }
        func key(_ tag: IssueTag) -> [SQLValue] {
            [.tenant(tenantID), .text(tag.kind.rawValue), .text(tag.valueKey), .id(state.id)]
        }
        let gone = known.subtracting(tags).sorted { ($0.kind.rawValue, $0.valueKey) < ($1.kind.rawValue, $1.valueKey) }
        if !gone.isEmpty {
            try connection.runAll(
                "DELETE FROM issue_tags WHERE tenant_id = ? AND kind = ? AND value_key = ? AND issue_id = ?",
                gone.map(key))
        }
        try insert(tags.subtracting(known), of: state.id, tenantID, in: connection)
    }

    /// Writes those of all issues there are.
    @Sendable static func fill(_ connection: any SQLConnection) throws {
        var place: [SQLValue] = []
        while true {
            let page = try connection.select(
                StateColumn.self,
                """
                FROM issue_snapshots \(place.isEmpty ? "" : "WHERE (tenant_id, issue_id) > (?, ?)")
                ORDER BY tenant_id, issue_id LIMIT ?
                """, place + [.integer(fillRows)])
            guard let last = page.last else { return }
            place = [.tenant(try last.tenantID(.tenantID)), .text(try last.text(.issueID))]
            for row in page {
                guard let state = try state(of: row) else { continue }
                try insert(IssueTag.all(of: state.fields), of: state.id, try row.tenantID(.tenantID), in: connection)
            }
        }
    }

    private static func insert(
        _ tags: Set<IssueTag>, of issueID: IssueID, _ tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        try connection.insert(
            tags.sorted { ($0.kind.rawValue, $0.valueKey) < ($1.kind.rawValue, $1.valueKey) }.map {
                [.tenant(tenantID), .text($0.kind.rawValue), .text($0.valueKey), .id(issueID), .text($0.value)]
            }, tagInsert)
    }

    private static let tagInsert = SQLInsert(
        table: "issue_tags",
        columns: [
            "tenant_id": "{uuid}", "kind": "TEXT", "value_key": "TEXT", "issue_id": "TEXT", "value": "TEXT",
        ], key: ["tenant_id", "kind", "value_key", "issue_id"], conflict: "DO UPDATE SET value = excluded.value")

    /// Nil for a state that cannot be read: it must not keep the store from opening.
    private static func state(of record: SQLRecord<StateColumn>) throws -> IssueState? {
        do {
            return try record.stored(.stateJSON, as: StoredIssueState.self)
        } catch let error as StorageError where error.code == .corrupt {
            return nil
        }
    }

    private enum StateColumn: Int, SQLColumns {
        case tenantID, issueID, stateJSON
        static let list = columnList()
    }
}
