public import Domain
import Foundation

/// A board of Jira Software.
public struct JiraBoard: Sendable, Hashable {
    /// Jira's number of the board.
    public var id: String
    /// As people see it; its number where Jira tells no name.
    public var name: String
    /// `scrum`, `kanban` or `simple`: only the first has sprints for certain.
    public var type: String?
}

/// How a board is set up.
public struct JiraBoardConfiguration: Sendable, Hashable {
    /// A column and the statuses that belong to it.
    public struct Column: Sendable, Hashable {
        /// As people see it.
        public var name: String
        /// Jira's numbers of the statuses; empty for a column without any.
        public var statusIDs: [String]
    }

    /// Jira's number of the board.
    public var id: String
    /// The field with the estimates, `customfield_10016`; nil where the board counts issues or nothing.
    public var estimationFieldID: String?
    /// From left to right; the last one with a status means done.
    public var columns: [Column]
}

/// The agile endpoints. Sites without Jira Software, and accounts and scoped tokens without access to it, get
/// `.forbidden`, `.scopeMissing` or `.notFound` here, which does not stop the tenant's other calls.
extension JiraClient {
    /// Most boards or sprints in a page.
    private static let agilePage = 50
    private static let agile = JiraBudget.RetryBehavior(stopsWhenForbidden: false)

    /// The boards that show a project, or all (`GET /rest/agile/1.0/board`).
    public func boards(projectKey: String? = nil) async throws(JiraError) -> [JiraBoard] {
        let filter = projectKey.map { [URLQueryItem(name: "projectKeyOrId", value: $0)] } ?? []
        let boards: [BoardPayload] = try await pages(of: "/rest/agile/1.0/board", filter)
        return boards.map(\.board)
    }

    /// How a board is set up (`GET /rest/agile/1.0/board/{id}/configuration`).
    public func boardConfiguration(id: String) async throws(JiraError) -> JiraBoardConfiguration {
        let path = "/rest/agile/1.0/board/\(try Self.segment(id))/configuration"
        let answer: BoardConfigurationPayload = try await answer(to: Call(path: path, behavior: Self.agile))
        return answer.configuration
    }

    /// All sprints of a board (`GET /rest/agile/1.0/board/{id}/sprint`); `.badRequest` for a board without sprints.
    public func sprints(boardID: String) async throws(JiraError) -> [Sprint] {
        let sprints: [SprintPayload] = try await pages(
            of: "/rest/agile/1.0/board/\(try Self.segment(boardID))/sprint", [])
        return sprints.compactMap(\.sprint)
    }

    /// A sprint; nil where it does not exist or the account may not see it (`GET /rest/agile/1.0/sprint/{id}`).
    public func sprint(id: String) async throws(JiraError) -> Sprint? {
        let call = Call(path: "/rest/agile/1.0/sprint/\(try Self.segment(id))", behavior: Self.agile)
        let sprint: SprintPayload? = try await orNil { () async throws(JiraError) in try await self.answer(to: call) }
        return sprint?.sprint
    }

    private func pages<Value: Decodable & Sendable>(
        of path: String, _ filter: [URLQueryItem]
    ) async throws(JiraError) -> [Value] {
        var values: [Value] = []
        var start = 0
        while true {
            let query = [
                URLQueryItem(name: "startAt", value: "\(start)"),
                URLQueryItem(name: "maxResults", value: "\(Self.agilePage)"),
            ]
            let page: AgilePage<Value> = try await answer(
                to: Call(path: path, query: filter + query, behavior: Self.agile))
            values += page.values
            start += page.count
            if page.isLast || page.count == 0 { return values }
        }
    }
}

private struct AgilePage<Value: Decodable>: Decodable {
    let values: [Value]
    /// With those that could not be read.
    let count: Int
    let isLast: Bool

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let list = try container.decode(LossyList<Value>.self, forKey: "values")
        values = list.values
        count = list.elements.count
        isLast = container.value("isLast") ?? false
    }
}

private struct BoardPayload: Decodable, Sendable {
    let board: JiraBoard

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let id = try container.decode(JiraID.self, forKey: "id").text
        board = JiraBoard(id: id, name: container.value("name") ?? id, type: container.value("type"))
    }
}

private struct BoardConfigurationPayload: Decodable {
    let configuration: JiraBoardConfiguration

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let estimation = container.value("estimation", as: Estimation.self)
        configuration = JiraBoardConfiguration(
            id: try container.decode(JiraID.self, forKey: "id").text,
            estimationFieldID: estimation?.field?.fieldId,
            columns: container.value("columnConfig", as: ColumnConfiguration.self)?.columns.values.map(\.column) ?? [])
    }

    struct Estimation: Decodable {
        let field: Field?

        struct Field: Decodable {
            let fieldId: String
        }
    }

    struct ColumnConfiguration: Decodable {
        let columns: LossyList<Column>
    }

    struct Column: Decodable {
        let column: JiraBoardConfiguration.Column

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            let statuses = container.value("statuses", as: LossyList<Status>.self)?.values ?? []
            column = .init(name: container.value("name") ?? "", statusIDs: statuses.map(\.id.text))
        }
    }

    struct Status: Decodable {
        let id: JiraID
    }
}
