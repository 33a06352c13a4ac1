public import Domain
import Synchronization

/// What happens on the site while it runs.
extension SimulatedJira {
    /// Adds issues: REST documents with `fields.comment.comments` and `changelog.histories`. Search knows them at once.
    public func load(_ lines: [String]) throws {
        for line in lines { try add(JSON(parsing: line)) }
    }

    /// Adds an issue, or puts another in its place. Search knows it at once.
    public func add(_ document: JSON) throws {
        guard let id = document["id"]?.text else { throw Unexpected("an issue without an id") }
        state.withLock { state in
            state.issues[id] = StoredIssue(document: document)
            state.index(id, at: Timestamp(milliseconds: 0))
        }
    }

    /// The ids of all issues, hidden ones too, in the order of their numbers.
    public var issueIDs: [IssueID] {
        state.withLock { $0.issues.keys }.map { IssueID($0) }
            .sorted { (Int($0.rawValue) ?? 0) < (Int($1.rawValue) ?? 0) }
    }

    /// The whole of an issue, with all comments and the changelog.
    public func document(of id: IssueID) -> JSON? { state.withLock { $0.issues[id.rawValue]?.document } }

    /// Sets a field, with the entry in the changelog and a new `updated`.
    ///
    /// - Returns: the id of the changelog entry.
    @discardableResult
    public func change(
        _ id: IssueID, _ field: String, to value: JSON, from: String? = nil, toString: String? = nil,
        author: JSON = person("u-1", "Ada")
    ) -> String {
        edit(id) { state, issue, now in
            let entry = state.number()
            let item = JSON.object([
                ("field", .string(field)), ("fieldtype", "jira"), ("fieldId", .string(field)), ("from", .null),
                ("fromString", from.map(JSON.string) ?? .null), ("to", .null),
                ("toString", toString.map(JSON.string) ?? .null),
            ])
            let history = JSON.object([
                ("id", .string(entry)), ("author", author), ("created", .string(Self.instant(now))),
                ("items", .array([item])),
            ])
            issue["fields", field] = value
            issue["changelog", "histories"] = .array((issue["changelog", "histories"]?.elements ?? []) + [history])
            let count = issue["changelog", "histories"]?.elements.count ?? 0
            issue["changelog", "total"] = .number("\(count)")
            issue["changelog", "maxResults"] = .number("\(count)")
            return entry
        } ?? ""
    }

    /// Moves an issue to another project, where it has another key.
    public func move(_ id: IssueID, to key: String) {
        _ = edit(id) { state, issue, _ in
            if let former = issue["key"]?.text { state.formerKeys[former] = id.rawValue }
            let project = key.split(separator: "-").first.map(String.init) ?? key
            issue["key"] = .string(key)
            issue["fields", "project"] = .object([
                ("id", .string(Self.projectID(of: project))), ("key", .string(project)), ("name", .string(project)),
            ])
            return key
        }
    }

    /// Adds a comment; `body` is a string, or a document in the Atlassian Document Format.
    ///
    /// - Returns: the comment's id.
    @discardableResult
    public func comment(on id: IssueID, _ body: JSON, author: JSON = person("u-1", "Ada")) -> String {
        edit(id) { state, issue, now in
            let number = state.number()
            let instant = JSON.string(Self.instant(now))
            let comment = JSON.object([
                ("id", .string(number)), ("author", author), ("body", body), ("created", instant), ("updated", instant),
            ])
            Self.setComments(of: &issue, (issue["fields", "comment", "comments"]?.elements ?? []) + [comment])
            return number
        } ?? ""
    }

    public func deleteComment(_ comment: String, on id: IssueID) {
        _ = edit(id) { _, issue, _ in
            let left = (issue["fields", "comment", "comments"]?.elements ?? []).filter { $0["id"]?.text != comment }
            Self.setComments(of: &issue, left)
            return comment
        }
    }

    /// Deletes an issue. Search finds it until its delay is over.
    public func delete(_ id: IssueID) {
        state.withLock { state in
            guard state.issues[id.rawValue] != nil else { return }
            state.issues[id.rawValue]?.isHidden = true
            let now = state.now
            state.issues[id.rawValue]?.indexed.append((now, nil))
            state.issues[id.rawValue]?.document = .object([("id", .string(id.rawValue))])
            state.deleted.insert(id.rawValue)
        }
    }

    /// Takes the permission to see an issue from the account, or gives it back.
    public func hide(_ id: IssueID, _ isHidden: Bool = true) {
        state.withLock { $0.issues[id.rawValue]?.isHidden = isHidden }
    }

    /// Gives a project a scheme of security levels: single issues of it may be hidden.
    public func secure(project key: String) { state.withLock { _ = $0.securedProjects.insert(key) } }

    /// Has every place in a listing forgotten, as Jira does after seven days: the token of a next page is refused.
    public func forgetSearches() { state.withLock { $0.openSearches = [:] } }

    /// What `/field` tells.
    public func setFields(_ fields: [JSON]) { state.withLock { $0.fieldList = fields } }

    /// Adds a board; `estimationField` is what it estimates with.
    public func addBoard(id: Int, name: String, projectKey: String, type: String = "scrum", estimationField: String?) {
        var configuration = JSON.object([
            ("id", .number("\(id)")), ("name", .string(name)), ("type", .string(type)),
            (
                "columnConfig",
                .object([
                    (
                        "columns",
                        .array([
                            Self.column("To Do", "1"), Self.column("In Progress", "3"), Self.column("Done", "6"),
                        ])
                    )
                ])
            ),
        ])
        if let estimationField {
            configuration["estimation"] = .object([
                ("type", "field"),
                ("field", .object([("fieldId", .string(estimationField)), ("displayName", "Points")])),
            ])
        }
        let board = JSON.object([
            ("id", .number("\(id)")), ("name", .string(name)), ("type", .string(type)),
            ("location", .object([("projectKey", .string(projectKey))])), ("configuration", configuration),
        ])
        state.withLock { $0.boards.append(board) }
    }

    /// Adds a sprint to a board.
    public func addSprint(id: Int, name: String, state sprintState: String, boardID: Int) {
        let sprint = JSON.object([
            ("id", .number("\(id)")), ("name", .string(name)), ("state", .string(sprintState)),
            ("originBoardId", .number("\(boardID)")), ("startDate", "2026-11-02T09:00:00.000Z"),
            ("endDate", "2026-11-16T09:00:00.000Z"),
        ])
        state.withLock { $0.sprints.append(sprint) }
    }

    /// Makes an admin webhook as somebody does by hand, switched off and without the body where that is said; its number.
    @discardableResult
    public func addWebhook(
        name: String, to address: String, events: [String], jqlFilter: String = "", isEnabled: Bool = true,
        excludesBody: Bool = false
    ) -> String {
        state.withLock { state in
            let number = state.number()
            state.webhooks.append(
                .object([
                    ("name", .string(name)), ("url", .string(address)), ("events", .array(events.map { .string($0) })),
                    ("filters", .object([("issue-related-events-section", .string(jqlFilter))])),
                    ("excludeBody", .bool(excludesBody)), ("enabled", .bool(isEnabled)),
                    ("self", .string("\(url)/rest/webhooks/1.0/webhook/\(number)")),
                ]))
            return number
        }
    }

    /// The admin webhooks as the site tells them, oldest first.
    public var webhooks: [JSON] { state.withLock { $0.webhooks } }

    /// The secret that a webhook was given; Jira itself never tells it.
    public func webhookSecret(_ id: String) -> String? { state.withLock { $0.webhookSecrets[id] } }

    /// A person as Jira Cloud shows one.
    public static func person(_ id: String, _ name: String) -> JSON {
        .object([("accountId", .string(id)), ("displayName", .string(name)), ("active", true)])
    }

    /// An issue with nothing in it but what is needed.
    public static func issue(
        _ id: String, key: String, updated: Timestamp, comments: [JSON] = [], histories: [JSON] = [],
        fields more: [(String, JSON)] = []
    ) -> JSON {
        let project = key.split(separator: "-").first.map(String.init) ?? key
        var document = JSON.object([
            ("id", .string(id)), ("self", .string("https://example.atlassian.net/rest/api/3/issue/\(id)")),
            ("key", .string(key)),
            (
                "fields",
                .object(
                    [
                        ("summary", .string("Issue \(key)")), ("description", .null),
                        (
                            "project",
                            .object([
                                ("id", .string(projectID(of: project))), ("key", .string(project)),
                                ("name", .string(project)),
                            ])
                        ),
                        ("status", status("To Do", "new")), ("created", .string(instant(updated))),
                        ("updated", .string(instant(updated))), ("labels", .array([])),
                    ] + more)
            ),
            (
                "changelog",
                .object([
                    ("startAt", 0), ("maxResults", .number("\(histories.count)")),
                    ("total", .number("\(histories.count)")), ("histories", .array(histories)),
                ])
            ),
        ])
        setComments(of: &document, comments)
        return document
    }

    /// A status with its category: `new`, `indeterminate` or `done`.
    public static func status(_ name: String, _ category: String) -> JSON {
        .object([("name", .string(name)), ("statusCategory", .object([("key", .string(category))]))])
    }

    /// As Jira writes an instant: `2026-11-24T13:18:00.000+0000`.
    public static func instant(_ at: Timestamp) -> String { at.description.dropLast() + "+0000" }

    // MARK: Within

    private static func column(_ name: String, _ status: String) -> JSON {
        .object([("name", .string(name)), ("statuses", .array([.object([("id", .string(status))])]))])
    }

    static func setComments(of issue: inout JSON, _ comments: [JSON]) {
        issue["fields", "comment"] = .object([
            ("startAt", 0), ("maxResults", .number("\(comments.count)")), ("total", .number("\(comments.count)")),
            ("comments", .array(comments)),
        ])
    }

    private func edit(
        _ id: IssueID, _ change: (inout State, inout JSON, Timestamp) -> String
    ) -> String? {
        state.withLock { state in
            guard var document = state.issues[id.rawValue]?.document, document["key"] != nil else { return nil }
            let now = state.now
            let result = change(&state, &document, now)
            document["fields", "updated"] = .string(Self.instant(now))
            state.issues[id.rawValue]?.document = document
            state.index(id.rawValue)
            return result
        }
    }
}

extension JSON {
    /// The member at a path of names; setting makes the objects on the way.
    public subscript(path: String...) -> JSON? {
        get { value(at: path[...]) }
        set { set(newValue, at: path[...]) }
    }

    private func value(at path: ArraySlice<String>) -> JSON? {
        guard let name = path.first else { return self }
        return self[name]?.value(at: path.dropFirst())
    }

    private mutating func set(_ value: JSON?, at path: ArraySlice<String>) {
        guard let name = path.first else { return }
        guard path.count > 1 else {
            self[name] = value
            return
        }
        var inner = self[name] ?? .object([])
        inner.set(value, at: path.dropFirst())
        self[name] = inner
    }
}

extension SimulatedJira {
    /// Each project has a number of its own.
    static func projectID(of key: String) -> String {
        String(10_000 + key.utf8.reduce(0) { ($0 * 31 + Int($1)) % 9973 })
    }
}
