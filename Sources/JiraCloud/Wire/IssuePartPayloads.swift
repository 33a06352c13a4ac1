import Domain

/// An element of `fixVersions` or `versions`.
struct VersionPayload: Decodable {
    let version: ProjectVersion

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let id = try container.decode(JiraID.self, forKey: "id").text
        version = ProjectVersion(
            id: id, name: container.text("name", .line) ?? id, isReleased: container.value("released") ?? false,
            releaseDate: container.value("releaseDate"))
    }

    /// The versions of a list; a list that is told to be missing is empty.
    static func versions(_ list: LossyList<VersionPayload>?) -> [ProjectVersion] { list?.values.map(\.version) ?? [] }
}

/// An element of `attachment`. Its name, size and address are not read.
struct AttachmentPayload: Decodable {
    let attachment: Attachment

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        attachment = Attachment(
            id: try container.decode(JiraID.self, forKey: "id").text,
            created: try container.decode(JiraInstant.self, forKey: "created").timestamp,
            author: container.value("author", as: PersonPayload.self)?.person)
    }
}

/// An element of `subtasks`.
struct SubtaskPayload: Decodable {
    let subtask: Subtask

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let fields = container.value("fields", as: Fields.self)
        subtask = Subtask(
            id: IssueID(try container.decode(JiraID.self, forKey: "id").text),
            key: IssueKey(try container.decode(JiraID.self, forKey: "key").text), status: fields?.status)
    }

    private struct Fields: Decodable {
        let status: Status?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: WireKey.self)
            status = fields.value("status", as: StatusPayload.self)?.status
        }
    }
}

/// `parent`: the issue that a sub-task, or a story of an epic, is part of.
struct ParentPayload: Decodable {
    let parent: ParentIssue

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        parent = ParentIssue(
            id: IssueID(try container.decode(JiraID.self, forKey: "id").text),
            key: container.value("key", as: JiraID.self).map { IssueKey($0.text) })
    }
}
