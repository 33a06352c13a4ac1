public import Domain
import Foundation

/// A field of a site's issues.
public struct JiraField: Sendable, Hashable {
    /// `summary`, `customfield_10016`, …
    public var id: String
    /// As people on the site see it.
    public var name: String
    /// `schema.custom`, the kind of a custom field: `com.pyxis.greenhopper.jira:gh-sprint`; nil for Jira's own.
    public var customType: String?
    /// `schema.type`, what its values are: `number`, `string`, `date`; nil where Jira does not tell.
    public var valueType: String?
}

/// Who the account is.
public struct JiraMyself: Sendable, Hashable {
    /// Atlassian's id of the account, the same on every site.
    public var accountID: String
    /// As people see it.
    public var displayName: String
    /// An IANA name; nil where Jira does not tell it.
    public var timeZone: String?
}

/// What a site says of itself.
public struct JiraServerInfo: Sendable, Hashable {
    /// The site's own address; nil where Jira does not tell it.
    public var baseURL: String?
    /// `Cloud`, or `Server`.
    public var deploymentType: String?
    /// The site's own clock.
    public var serverTime: Timestamp?
}

/// A project.
public struct JiraProject: Sendable, Hashable {
    /// Jira's number of the project.
    public var id: String
    /// The key, which administrators can change: `PAY`.
    public var key: String
    /// As people see it.
    public var name: String
    /// Whether the project is managed by its team; nil where Jira does not tell.
    public var isTeamManaged: Bool?
}

extension JiraClient {
    /// The fields of the site (`GET /rest/api/3/field`).
    public func fields() async throws(JiraError) -> [JiraField] {
        let fields: LossyList<FieldPayload> = try await answer(to: Call(path: "/rest/api/3/field"))
        return fields.values.map(\.field)
    }

    /// Who the account is (`GET /rest/api/3/myself`): the cheapest way to see whether the token is good.
    public func myself() async throws(JiraError) -> JiraMyself {
        let answer: MyselfPayload = try await answer(to: Call(path: "/rest/api/3/myself"))
        return answer.myself
    }

    /// What the site is, and what time it has (`GET /rest/api/3/serverInfo`).
    public func serverInfo() async throws(JiraError) -> JiraServerInfo {
        let answer: ServerInfoPayload = try await answer(to: Call(path: "/rest/api/3/serverInfo"))
        return answer.info
    }

    /// Which of some permissions (`BROWSE_PROJECTS`, `ADMINISTER`, …) the account has, in a project or on the site
    /// (`GET /rest/api/3/mypermissions`). Those that Jira does not know are left out.
    public func permissions(projectKey: String? = nil, _ names: [String]) async throws(JiraError) -> [String: Bool] {
        var call = Call(path: "/rest/api/3/mypermissions")
        call.query = [.init(name: "permissions", value: names.joined(separator: ","))]
        if let projectKey { call.query.append(.init(name: "projectKey", value: projectKey)) }
        let answer: PermissionsPayload = try await answer(to: call)
        return answer.permissions.mapValues(\.havePermission)
    }

    /// A project; nil where the key is unknown or the account may not see it (`GET /rest/api/3/project/{key}`).
    public func project(key: String) async throws(JiraError) -> JiraProject? {
        let call = Call(path: "/rest/api/3/project/\(try Self.segment(key))")
        let answer: ProjectAnswer? = try await orNil { () async throws(JiraError) in try await self.answer(to: call) }
        return answer?.project
    }
}

private struct FieldPayload: Decodable {
    let field: JiraField

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let id = try container.decode(String.self, forKey: "id")
        let schema = try? container.nestedContainer(keyedBy: WireKey.self, forKey: "schema")
        field = JiraField(
            id: id, name: container.value("name") ?? id, customType: schema?.value("custom"),
            valueType: schema?.value("type"))
    }
}

private struct MyselfPayload: Decodable {
    let myself: JiraMyself

    init(from decoder: any Decoder) throws {
        let person = try PersonPayload(from: decoder).person
        myself = JiraMyself(accountID: person.id, displayName: person.displayName, timeZone: person.timeZone)
    }
}

private struct ServerInfoPayload: Decodable {
    let info: JiraServerInfo

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        info = JiraServerInfo(
            baseURL: container.value("baseUrl"), deploymentType: container.value("deploymentType"),
            serverTime: container.value("serverTime", as: JiraInstant.self)?.timestamp)
    }
}

private struct PermissionsPayload: Decodable {
    let permissions: [String: Permission]

    struct Permission: Decodable {
        let havePermission: Bool
    }
}

private struct ProjectAnswer: Decodable {
    let project: JiraProject

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let key = try container.decode(JiraID.self, forKey: "key").text
        project = JiraProject(
            id: try container.decode(JiraID.self, forKey: "id").text, key: key, name: container.value("name") ?? key,
            isTeamManaged: container.value("simplified"))
    }
}
