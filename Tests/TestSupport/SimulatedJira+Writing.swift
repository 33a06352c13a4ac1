public import Domain
import Synchronization

/// What an account writes through the API: fields, properties and comments, with the traces that Jira leaves of it.
extension SimulatedJira {
    /// Something that the account did, which a webhook would tell.
    public enum OwnEvent: Sendable, Hashable {
        /// An entry of an issue's change log.
        case change(entry: String, issue: IssueID)
        /// A comment.
        case comment(id: String, issue: IssueID)
    }

    /// The account, as it stands at what it wrote.
    public static let account = person("bot-1", "Bot")

    /// What the account did since this was last asked, in order.
    public func takeOwnEvents() -> [OwnEvent] {
        state.withLock { state in
            let events = state.ownEvents
            state.ownEvents = []
            return events
        }
    }

    /// Permissions in projects that the account lacks from here on.
    public func lack(_ permissions: Set<String>) { state.withLock { $0.lackedPermissions = permissions } }

    /// Projects whose issues the account may see and not edit, from here on.
    public func close(_ projects: Set<String>) { state.withLock { $0.closedProjects = projects } }

    /// Takes fields from every edit screen.
    public func takeOffScreen(_ fields: Set<String>) { state.withLock { $0.offScreen = fields } }

    /// A property of an issue; nil where it has none of this name.
    public func property(_ key: String, of id: IssueID) -> JSON? {
        state.withLock { $0.properties[id.rawValue]?[key] }
    }

    /// Adds custom fields for a score, a band, a date and a cause.
    public func addRiskFields() {
        let kind = "com.atlassian.jira.plugin.system.customfieldtypes:"
        state.withLock { state in
            state.fieldList += [
                Self.field("customfield_10100", "Risk score", kind + "float", valueType: "number"),
                Self.field("customfield_10101", "Risk band", kind + "textfield", valueType: "string"),
                Self.field("customfield_10102", "Risk forecast", kind + "datepicker", valueType: "date"),
                Self.field("customfield_10103", "Risk cause", kind + "textfield", valueType: "string"),
            ]
        }
    }
}

extension SimulatedJira.State {
    /// What the account writes.
    mutating func write(_ asked: Asked, _ endpoint: SimulatedJira.Endpoint, _ body: JSON) -> Reply {
        let id = String(asked.parts[4])
        switch endpoint {
        case .editIssue: return edit(id, body, asked.query)
        case .property: return property(String(asked.parts[6]), of: id, asked.method, body)
        default: return addComment(to: id, body)
        }
    }

    /// `PUT /issue/{id}`. Jira says of every field that it does not take the same.
    mutating func edit(_ id: String, _ body: JSON, _ query: [String: String]) -> Reply {
        guard var issue = visible(id)?.document, let number = issue["id"]?.text else {
            return .error(404, "Issue does not exist or you do not have permission to see it.")
        }
        guard query["notifyUsers"] != "false" || !lackedPermissions.contains("ADMINISTER_PROJECTS") else {
            return .error(403, "You do not have permission to disable the notification.")
        }
        guard !isClosed(issue) else { return .error(403, "You do not have permission to edit the issue.") }
        let fields = body["fields"]?.members ?? []
        let faults = fields.filter { !takes($0.0, $0.1) }
        guard faults.isEmpty else {
            let errors = faults.map { name, _ -> (String, JSON) in
                (name, .string("Field '\(name)' cannot be set. It is not on the appropriate screen, or unknown."))
            }
            return SimulatedJira.Reply(
                status: 400, body: .object([("errorMessages", .array([])), ("errors", .object(errors))]))
        }
        let changed = fields.filter { (issue["fields", $0.0] ?? .null) != $0.1 }
        guard !changed.isEmpty else { return SimulatedJira.Reply(status: 204) }
        let entry = self.number()
        let items = changed.map { name, value -> JSON in
            let title = fieldList.first { $0["id"]?.text == name }?["name"]?.text ?? name
            return .object([
                ("field", .string(title)), ("fieldtype", "custom"), ("fieldId", .string(name)), ("from", .null),
                ("fromString", shown(issue["fields", name])), ("to", .null), ("toString", shown(value)),
            ])
        }
        let history = JSON.object([
            ("id", .string(entry)), ("author", SimulatedJira.account),
            ("created", .string(SimulatedJira.instant(now))), ("items", .array(items)),
        ])
        let histories = (issue["changelog", "histories"]?.elements ?? []) + [history]
        for (name, value) in changed { issue["fields", name] = value }
        issue["changelog"] = .object([
            ("startAt", 0), ("maxResults", .number("\(histories.count)")), ("total", .number("\(histories.count)")),
            ("histories", .array(histories)),
        ])
        keep(issue, number)
        ownEvents.append(.change(entry: entry, issue: IssueID(number)))
        return SimulatedJira.Reply(status: 204)
    }

    /// `PUT` and `DELETE /issue/{id}/properties/{key}`: neither is in the change log, nor dates the issue.
    mutating func property(_ key: String, of id: String, _ method: String, _ body: JSON) -> Reply {
        guard let issue = visible(id)?.document, let number = issue["id"]?.text else {
            return .error(404, "Issue does not exist or you do not have permission to see it.")
        }
        guard !lackedPermissions.contains("EDIT_ISSUES"), !isClosed(issue) else {
            return .error(403, "You do not have permission to edit the issue.")
        }
        let isNew = properties[number]?[key] == nil
        if method == "DELETE" {
            guard !isNew else { return .error(404, "The property does not exist.") }
            properties[number]?[key] = nil
            return SimulatedJira.Reply(status: 204)
        }
        properties[number, default: [:]][key] = body
        return SimulatedJira.Reply(status: isNew ? 201 : 200)
    }

    private func isClosed(_ issue: JSON) -> Bool {
        closedProjects.contains(String(issue["key"]?.text?.prefix { $0 != "-" } ?? ""))
    }

    /// `POST /issue/{id}/comment`.
    mutating func addComment(to id: String, _ body: JSON) -> Reply {
        guard var issue = visible(id)?.document, let number = issue["id"]?.text,
            !lackedPermissions.contains("ADD_COMMENTS")
        else { return .error(404, "Issue does not exist or you do not have permission to see it.") }
        guard body["body", "type"]?.text == "doc", body["body", "version"]?.int == 1 else {
            violations.append("a comment is a document")
            return .error(400, "INVALID_INPUT")
        }
        let properties = body["properties"]?.elements ?? []
        if !properties.contains(where: { $0["key"]?.text == "sd.public.comment" && $0["value", "internal"] == true }) {
            violations.append("a comment is internal")
        }
        let comment = self.number()
        let instant = JSON.string(SimulatedJira.instant(now))
        let told = JSON.object([
            ("id", .string(comment)), ("author", SimulatedJira.account), ("body", body["body"] ?? .null),
            ("created", instant), ("updated", instant),
        ])
        SimulatedJira.setComments(of: &issue, (issue["fields", "comment", "comments"]?.elements ?? []) + [told])
        keep(issue, number)
        ownEvents.append(.comment(id: comment, issue: IssueID(number)))
        return SimulatedJira.Reply(status: 201, body: told)
    }

    private mutating func keep(_ issue: JSON, _ id: String) {
        var issue = issue
        issue["fields", "updated"] = .string(SimulatedJira.instant(now))
        issues[id]?.document = issue
        index(id)
    }

    /// Whether an account without Edit issues, a field on no screen, or a value of another type stands in the way.
    private func takes(_ name: String, _ value: JSON) -> Bool {
        guard !lackedPermissions.contains("EDIT_ISSUES"), !offScreen.contains(name),
            let field = fieldList.first(where: { $0["id"]?.text == name })
        else { return false }
        switch field["schema", "type"]?.text {
        case "number": return value.isNull || value.int != nil
        case "date": return value.isNull || value.text.flatMap { CalendarDay($0) } != nil
        case "string": return value.isNull || (value.text?.count ?? 256) <= 255
        default: return false
        }
    }

    private func shown(_ value: JSON?) -> JSON {
        switch value {
        case .number(let digits)?: .string(digits)
        case .string(let text)?: .string(text)
        default: .null
        }
    }
}
