public import Domain

extension RiskStore {
    /// A page of the tenant's issues in the order of their ids, finished and deleted ones included, with everything that
    /// happened to them. One round trip to a server; texts of comments stay in the database.
    ///
    /// - Parameters:
    ///   - after: the last issue of the page before; nil for the first page.
    ///   - limit: most issues of the page; one with fewer is the last.
    public func issueHistories(
        of tenantID: TenantID, after: IssueID?, limit: Int
    ) async throws -> [StoredIssueHistory] {
        let ofPage = """
            tenant_id = ? AND issue_id > ? AND issue_id <= (
                SELECT MAX(issue_id) FROM (
                    SELECT issue_id FROM issue_snapshots WHERE tenant_id = ? AND issue_id > ? ORDER BY issue_id LIMIT ?
                ) AS page)
            """
        let start = SQLValue.text(after?.rawValue ?? "")
        let page: [SQLValue] = [.tenant(tenantID), start, .tenant(tenantID), start, .integer(limit)]
        return try await issueHistories(of: tenantID, where: ofPage, page)
    }

    /// These issues, as ``issueHistories(of:after:limit:)`` has them.
    public func issueHistories(of tenantID: TenantID, ids: [IssueID]) async throws -> [StoredIssueHistory] {
        guard !ids.isEmpty else { return [] }
        return try await issueHistories(
            of: tenantID, where: "tenant_id = ? AND \(driver.dialect.isAny("issue_id"))",
            [.tenant(tenantID), .ids(ids)])
    }

    private func issueHistories(
        of tenantID: TenantID, where ofPage: String, _ page: [SQLValue]
    ) async throws -> [StoredIssueHistory] {
        try await driver.read { connection in
            let rows = try connection.query([
                .select(StateColumn.self, "FROM issue_snapshots WHERE \(ofPage) ORDER BY issue_id", page),
                .select(CommentColumn.self, "FROM issue_comments WHERE \(ofPage)", page),
                .select(ChangeColumn.self, "FROM issue_changes WHERE \(ofPage)", page),
                SprintStatements.select(
                    "tenant_id = ? AND sprint_id IN (SELECT sprint_id FROM issue_sprints WHERE \(ofPage))",
                    [.tenant(tenantID)] + page),
                ProjectStatements.select("tenant_id = ?", [.tenant(tenantID)]),
            ])
            let sprints = try Dictionary(
                SprintStatements.records(rows[3]).map { ($0.sprint.id, $0) }, uniquingKeysWith: { first, _ in first })
            let projects = try Dictionary(
                ProjectStatements.records(rows[4]).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            var comments = try Dictionary(
                grouping: rows[1].map { SQLRecord<CommentColumn>($0) }, by: { IssueID(try $0.text(.issueID)) })
            var changes = try Dictionary(
                grouping: rows[2].map { SQLRecord<ChangeColumn>($0) }, by: { IssueID(try $0.text(.issueID)) })
            return try rows[0].map { SQLRecord<StateColumn>($0) }.map { row in
                var history = StoredIssueHistory(state: try row.stored(.stateJSON, as: StoredIssueState.self))
                let id = history.state.id
                for comment in comments.removeValue(forKey: id) ?? [] {
                    let (told, length) = (try comment.comment, try comment.integer(.length))
                    history.state.comments[told.id] = told
                    history.commentLengths[told.id] = length
                }
                for change in try (changes.removeValue(forKey: id) ?? []).map({ try $0.change }) {
                    history.state.changes[change.id] = change
                }
                history.sprintRecords = Set(history.state.sprintIDs).sorted().compactMap { sprints[$0] }
                history.project = history.state.fields.projectID.flatMap { projects[$0.value] }
                return history
            }
        }
    }
}

private enum StateColumn: Int, SQLColumns {
    case stateJSON
    static let list = columnList()
}

private enum CommentColumn: Int, PersonColumns {
    case issueID, commentID, authorID, author, authorTimeZone, authorIsApp, created, updated, isRestricted, length
    static let list = columnList()

    // In characters, in both engines; of an erased text what it had.
    var sql: String { self == .length ? "COALESCE(erased_length, LENGTH(body))" : columnName }
}

private enum ChangeColumn: Int, PersonColumns {
    case issueID, changeID, authorID, author, authorTimeZone, authorIsApp, changedAt, field, fromValue, fromString
    case toValue, toString
    static let list = columnList()
}

extension SQLRecord<CommentColumn> {
    /// The comment without its text.
    fileprivate var comment: Comment {
        get throws {
            Comment(
                id: CommentID(try text(.commentID)), author: try person, body: "", created: try timestamp(.created),
                updated: try timestamp(.updated), isRestricted: try flag(.isRestricted))
        }
    }
}

extension SQLRecord<ChangeColumn> {
    fileprivate var change: Change {
        get throws {
            Change(
                id: ChangeID(try text(.changeID)), at: try timestamp(.changedAt), author: try person,
                field: try text(.field), from: try optionalText(.fromValue), fromString: try optionalText(.fromString),
                to: try optionalText(.toValue), toString: try optionalText(.toString))
        }
    }
}
