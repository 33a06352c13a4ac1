import Domain
import Foundation

extension SimulatedJira.State {
    typealias Asked = SimulatedJira.Asked
    typealias Reply = SimulatedJira.Reply

    /// The answer to somebody without an account: lists are empty, things are not there.
    mutating func anonymousReply(to asked: Asked, _ endpoint: SimulatedJira.Endpoint) -> Reply {
        switch endpoint {
        case .search: Reply(body: .object([("issues", .array([])), ("isLast", true)]))
        case .bulkFetch: Reply(body: .object([("issues", .array([])), ("issueErrors", .array([]))]))
        case .changelogs: Reply(body: .object([("issueChangeLogs", .array([]))]))
        default: .error(404, "not found, or you have no permission to see it")
        }
    }

    mutating func reply(to asked: Asked, _ endpoint: SimulatedJira.Endpoint, url: String) -> Reply {
        if endpoint == .tenantInfo {
            return Reply(body: .object([("cloudId", .string(SimulatedJira.cloudID))]))
        }
        let credentials = Data("\(SimulatedJira.email):\(password)".utf8).base64EncodedString()
        guard asked.authorization == "Basic \(credentials)", asked.isGateway == (token == .scoped) else {
            return .error(401, "Client must be authenticated to access this resource.")
        }
        let body = asked.body.isEmpty ? JSON.object([]) : (try? JSON(parsing: asked.body))
        guard let body else { return refuse("the body is not JSON") }
        switch endpoint {
        case .removedSearch: return Self.removedSearch
        case .search: return search(asked.method == "GET" ? Self.searchRequest(asked.query) : body)
        case .issue: return issue(String(asked.parts[4]), asked.query)
        case .bulkFetch: return bulkFetch(body)
        case .changelogs: return changelogs(body)
        case .comments: return comments(of: String(asked.parts[4]), asked.query)
        case .fields: return Reply(body: .array(fieldList))
        case .myself: return Reply(body: SimulatedJira.person("bot-1", "Bot"))
        case .serverInfo:
            return Reply(
                body: .object([
                    ("baseUrl", .string(url)), ("deploymentType", "Cloud"), ("version", "1001.0.0-SNAPSHOT"),
                    ("serverTime", .string(SimulatedJira.instant(now))),
                ]))
        case .permissions: return permissions(asked.query)
        case .project: return project(String(asked.parts[4]))
        case .securityScheme:
            let key = String(asked.parts[4])
            return isAdministrator
                ? securedProjects.contains(key)
                    ? Reply(body: .object([("id", 10_000), ("name", "Levels")])) : .error(404, "no scheme")
                : .error(403, "You do not have permission to see the scheme.")
        case .boards:
            let key = asked.query["projectKeyOrId"]
            let found = boards.filter { key == nil || $0["location", "projectKey"]?.text == key }
            return agilePage(of: found.map { $0.without("configuration") }, asked.query)
        case .boardConfiguration:
            guard let board = board(String(asked.parts[4])), let configuration = board["configuration"] else {
                return .error(
                    404,
                    "The requested board cannot be viewed because it either does not exist or you do "
                        + "not have permission to view it.")
            }
            return Reply(body: configuration)
        case .boardSprints:
            guard let board = board(String(asked.parts[4])) else { return .error(404, "no such board") }
            guard board["type"]?.text != "kanban" else { return .error(400, "The board does not support sprints") }
            let found = sprints.filter { $0["originBoardId"] == board["id"] }
            return agilePage(of: found, asked.query)
        case .sprint:
            let sprint = sprints.first { "\($0["id"]?.int ?? -1)" == asked.parts[4] }
            return sprint.map { Reply(body: $0) } ?? .error(404, "Sprint does not exist")
        case .webhooks: return webhooks(asked, body, url: url)
        case .editIssue, .property, .addComment: return write(asked, endpoint, body)
        case .unknown, .tenantInfo: return .error(404, "null for uri: \(asked.path)")
        }
    }

    private static let removedSearch = Reply.error(
        410,
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full "
            + "migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046")

    private mutating func refuse(_ message: String) -> Reply {
        violations.append(message)
        return .error(400, message)
    }

    /// An issue by id or key, where the account may see it.
    func visible(_ idOrKey: String) -> SimulatedJira.StoredIssue? {
        let issue =
            issues[idOrKey] ?? issues.values.first { $0.document["key"]?.text == idOrKey }
            ?? formerKeys[idOrKey].flatMap { issues[$0] }
        guard let issue, !issue.isHidden, issue.document["key"] != nil else { return nil }
        return issue
    }

    // MARK: Search

    private static func searchRequest(_ query: [String: String]) -> JSON {
        var request = JSON.object([])
        for name in ["jql", "nextPageToken"] { request[name] = query[name].map(JSON.string) }
        request["maxResults"] = query["maxResults"].map(JSON.number)
        request["fields"] = query["fields"].map { .array($0.split(separator: ",").map { .string(String($0)) }) }
        return request
    }

    private mutating func search(_ request: JSON) -> Reply {
        let known: Set = ["jql", "fields", "maxResults", "nextPageToken", "reconcileIssues", "expand", "fieldsByKeys"]
        if let other = request.members.first(where: { !known.contains($0.0) }) {
            return refuse("Unrecognized field \"\(other.0)\"")
        }
        let reconciled = request["reconcileIssues"]?.elements ?? []
        guard reconciled.count <= 50 else { return refuse("reconcileIssues takes at most 50 ids") }
        guard reconciled.allSatisfy({ $0.int != nil }) else { return refuse("reconcileIssues takes numbers") }
        let fields = request["fields"]?.elements.compactMap(\.text) ?? []
        let most = request["maxResults"]?.int ?? 50
        guard (1...5000).contains(most) else { return refuse("maxResults must be from 1 to 5000") }
        let identity = String(
            decoding: JSON.array([request["jql"] ?? .null, .array(reconciled)]).bytes, as: UTF8.self)
        let found: [String]
        if let token = request["nextPageToken"]?.text {
            guard let search = openSearches[token], search.request == identity, search.until >= now else {
                return refuse("The provided next page token is invalid or has expired.")
            }
            found = search.rest
        } else {
            do {
                found = try ids(foundBy: request["jql"]?.text ?? "", Set(reconciled.compactMap(\.int).map { "\($0)" }))
            } catch {
                return refuse("Error in the JQL Query: \(error)")
            }
        }
        // "Fewer when many fields are asked for."
        let size = min(most, fields.contains { !["id", "key", "updated"].contains($0) } ? 100 : 5000)
        let issues = found.prefix(size).compactMap { id -> JSON? in
            guard let issue = self.issues[id] else { return nil }
            let isReconciled = reconciled.contains { "\($0.int ?? -1)" == id }
            return (isReconciled ? issue.document : indexed(issue)).map {
                listed($0, fields, expand: request["expand"]?.text)
            }
        }
        var answer = JSON.object([("issues", .array(issues)), ("isLast", .bool(found.count <= size))])
        if found.count > size {
            let token = "Ch0jU3RyaW5n\(number())"
            openSearches[token] = .init(
                request: identity, rest: Array(found.dropFirst(size)), until: now.adding(days: 7))
            answer["nextPageToken"] = .string(token)
        }
        return Reply(body: answer)
    }

    private func ids(foundBy jql: String, _ reconciled: Set<String>) throws -> [String] {
        let query = try SimulatedJQL(jql, now: now)
        var found: [JSON] = []
        for (id, issue) in issues where !issue.isHidden || indexed(issue) != nil {
            if issue.isHidden && issue.document["key"] != nil { continue }
            guard let document = reconciled.contains(id) ? issue.document : indexed(issue), document["key"] != nil
            else { continue }
            if query.matches(document) { found.append(document) }
        }
        return query.sorted(found).compactMap { $0["id"]?.text }
    }

    /// Ids only, unless fields are asked for.
    private func listed(_ document: JSON, _ fields: [String], expand: String?) -> JSON {
        var listed = JSON.object([("id", document["id"] ?? .null)])
        guard fields.contains(where: { $0 != "id" }) else { return listed }
        listed["key"] = document["key"]
        listed["self"] = document["self"]
        listed["fields"] = withEmbeddedComments(Self.chosen(fields, of: document))
        if expand?.split(separator: ",").contains("changelog") == true {
            // The newest first.
            let histories = (document["changelog", "histories"]?.elements ?? []).reversed()
            listed["changelog"] = .object([
                ("startAt", 0), ("maxResults", .number("\(min(histories.count, expandedHistories))")),
                ("total", .number("\(histories.count)")),
                ("histories", .array(Array(histories.prefix(expandedHistories)))),
            ])
        }
        return listed
    }

    private static func chosen(_ fields: [String], of document: JSON) -> JSON {
        let all = document["fields"]?.members ?? []
        if fields.contains("*all") { return .object(all) }
        let names = Set(fields)
        return .object(all.filter { names.contains($0.0) || fields.contains("*navigable") && $0.0 != "comment" })
    }

    // MARK: Issues

    /// A moved issue is found by its former key too, and answers with its present one.
    private func issue(_ idOrKey: String, _ query: [String: String]) -> Reply {
        guard let issue = visible(idOrKey)?.document else {
            return .error(404, "Issue does not exist or you do not have permission to see it.")
        }
        let fields = query["fields"].map { $0.split(separator: ",").map(String.init) } ?? ["*navigable"]
        return Reply(
            body: .object([
                ("expand", "renderedFields,names"), ("id", issue["id"] ?? .null), ("self", issue["self"] ?? .null),
                ("key", issue["key"] ?? .null), ("fields", Self.chosen(fields, of: issue)),
            ]))
    }

    private mutating func bulkFetch(_ request: JSON) -> Reply {
        let asked = request["issueIdsOrKeys"]?.elements.compactMap(\.text) ?? []
        guard (1...100).contains(asked.count) else { return refuse("issueIdsOrKeys must have from 1 to 100 entries") }
        let fields = request["fields"]?.elements.compactMap(\.text) ?? ["*navigable"]
        var found: [JSON] = []
        var errors: [JSON] = []
        for id in asked {
            if refusedIssues.contains(id) {
                errors.append(.object([("id", .string(id)), ("errorMessage", "The payload is too large")]))
                continue
            }
            // Those that are not there, or not for this account, are in neither list.
            guard let issue = visible(id)?.document else { continue }
            let shown = withEmbeddedComments(Self.chosen(fields, of: issue))
            found.append(
                .object([
                    ("expand", "renderedFields,names"), ("id", issue["id"] ?? .null), ("self", issue["self"] ?? .null),
                    ("key", issue["key"] ?? .null), ("fields", shown),
                ]))
        }
        return Reply(body: .object([("expand", "names"), ("issues", .array(found)), ("issueErrors", .array(errors))]))
    }

    /// Sorted by time and issue id over all the issues, so that those of one issue lie on several pages.
    private mutating func changelogs(_ request: JSON) -> Reply {
        let asked = request["issueIdsOrKeys"]?.elements.compactMap(\.text) ?? []
        guard (1...1000).contains(asked.count) else { return refuse("issueIdsOrKeys must have from 1 to 1000 entries") }
        let most = request["maxResults"]?.int ?? 1000
        guard (1...10_000).contains(most) else { return refuse("maxResults must be from 1 to 10000") }
        let identity = String(decoding: JSON.array(asked.map(JSON.string)).bytes, as: UTF8.self)
        var start = 0
        if let token = request["nextPageToken"]?.text {
            guard let open = openChangelogs[token], open.request == identity else {
                return refuse("The provided next page token is invalid.")
            }
            start = open.start
        }
        var entries: [(at: String, issue: String, history: JSON)] = []
        for id in asked {
            guard let issue = visible(id)?.document, let id = issue["id"]?.text else { continue }
            for history in issue["changelog", "histories"]?.elements ?? [] {
                entries.append((history["created"]?.text ?? "", id, history))
            }
        }
        entries.sort { ($0.at, $0.issue) < ($1.at, $1.issue) }
        let page = entries.dropFirst(start).prefix(most)
        var logs: [(String, [JSON])] = []
        for entry in page {
            if let index = logs.firstIndex(where: { $0.0 == entry.issue }) {
                logs[index].1.append(entry.history)
            } else {
                logs.append((entry.issue, [entry.history]))
            }
        }
        var answer = JSON.object([
            (
                "issueChangeLogs",
                .array(logs.map { .object([("issueId", .string($0.0)), ("changeHistories", .array($0.1))]) })
            )
        ])
        if entries.count > start + page.count {
            let token = "UxAQBFRF\(number())"
            openChangelogs[token] = (identity, start + page.count)
            answer["nextPageToken"] = .string(token)
        }
        return Reply(body: answer)
    }

    private mutating func comments(of id: String, _ query: [String: String]) -> Reply {
        guard let issue = visible(id)?.document else {
            return .error(404, "Issue does not exist or you do not have permission to see it.")
        }
        let order = query["orderBy"] ?? "created"
        guard ["created", "-created", "+created"].contains(order) else { return refuse("orderBy: created or -created") }
        var comments = issue["fields", "comment", "comments"]?.elements ?? []
        if order == "-created" { comments.reverse() }
        let start = query["startAt"].flatMap { Int($0) } ?? 0
        let most = min(query["maxResults"].flatMap { Int($0) } ?? 100, 100)
        let page = comments.dropFirst(start).prefix(most)
        return Reply(
            body: .object([
                ("startAt", .number("\(start)")), ("maxResults", .number("\(most)")),
                ("total", .number("\(comments.count)")), ("comments", .array(Array(page))),
            ]))
    }

    private var embeddedComments: Int { 20 }
    private var expandedHistories: Int { 40 }

    private func withEmbeddedComments(_ fields: JSON) -> JSON {
        guard let comments = fields["comment", "comments"]?.elements, comments.count > embeddedComments else {
            return fields
        }
        var shown = fields
        shown["comment", "comments"] = .array(Array(comments.prefix(embeddedComments)))
        shown["comment", "maxResults"] = .number("\(embeddedComments)")
        return shown
    }

    // MARK: The rest

    private func permissions(_ query: [String: String]) -> Reply {
        guard let names = query["permissions"], !names.isEmpty else {
            return .error(400, "The 'permissions' query parameter is required.")
        }
        if let key = query["projectKey"], !hasProject(key) { return .error(404, "No project could be found.") }
        let permissions = names.split(separator: ",").map(String.init).map { name in
            let isAllowed = name == "ADMINISTER" ? isAdministrator : !lackedPermissions.contains(name)
            return (
                name, JSON.object([("key", .string(name)), ("havePermission", .bool(isAllowed))])
            )
        }
        return Reply(body: .object([("permissions", .object(permissions))]))
    }

    private func hasProject(_ key: String) -> Bool {
        issues.values.contains { !$0.isHidden && $0.document["fields", "project", "key"]?.text == key }
    }

    private func project(_ key: String) -> Reply {
        let issue = issues.values.first { !$0.isHidden && $0.document["fields", "project", "key"]?.text == key }
        guard var project = issue?.document["fields", "project"] else {
            return .error(404, "No project could be found with key '\(key)'.")
        }
        project["simplified"] = false
        return Reply(body: project)
    }

    private func board(_ id: String) -> JSON? { boards.first { "\($0["id"]?.int ?? -1)" == id } }

    private func agilePage(of values: [JSON], _ query: [String: String]) -> Reply {
        let start = query["startAt"].flatMap { Int($0) } ?? 0
        let most = min(query["maxResults"].flatMap { Int($0) } ?? 50, 50)
        let page = values.dropFirst(start).prefix(most)
        return Reply(
            body: .object([
                ("maxResults", .number("\(most)")), ("startAt", .number("\(start)")),
                ("isLast", .bool(start + page.count >= values.count)), ("values", .array(Array(page))),
            ]))
    }

    private mutating func webhooks(_ asked: Asked, _ body: JSON, url: String) -> Reply {
        guard isAdministrator else { return .error(403, "You do not have permission to administer webhooks.") }
        let id = asked.parts.count == 5 ? String(asked.parts[4]) : nil
        func own(_ id: String) -> String { "\(url)/rest/webhooks/1.0/webhook/\(id)" }
        let index = id.flatMap { id in webhooks.firstIndex { $0["self"]?.text == own(id) } }
        if id != nil && index == nil { return .error(404, "no such webhook") }
        switch (asked.method, index) {
        case ("GET", nil): return Reply(body: .array(webhooks))
        case ("GET", let index?): return Reply(body: webhooks[index])
        case ("DELETE", let index?):
            webhooks.remove(at: index)
            return Reply(status: 204)
        case ("POST", nil), ("PUT", _?):
            guard let name = body["name"]?.text, !name.isEmpty, let target = body["url"]?.text,
                let events = body["events"]?.elements, !events.isEmpty
            else { return refuse("name, url and events are required") }
            guard target.hasPrefix("https://") || target.hasPrefix("http://127.0.0.1") else {
                return refuse("a webhook needs an https address")
            }
            let number = id ?? self.number()
            if let secret = body["secret"]?.text { webhookSecrets[number] = secret }
            // Jira makes a webhook switched on; whoever changes it may switch it.
            let isEnabled = index.flatMap { body["enabled"] ?? webhooks[$0]["enabled"] } ?? true
            let webhook = JSON.object([
                ("name", .string(name)), ("url", .string(target)), ("events", .array(events)),
                ("filters", body["filters"] ?? .object([])), ("excludeBody", body["excludeBody"] ?? false),
                ("enabled", isEnabled), ("self", .string(own(number))), ("lastUpdated", .number("\(now.milliseconds)")),
            ])
            if let index { webhooks[index] = webhook } else { webhooks.append(webhook) }
            return Reply(status: index == nil ? 201 : 200, body: webhook)
        default: return .error(405, "method not allowed")
        }
    }
}

extension JSON {
    fileprivate func without(_ name: String) -> JSON {
        var copy = self
        copy[name] = nil
        return copy
    }
}
