import Domain

// What an issue belongs to and what belongs to it: versions, files, sub-tasks, its parent.

struct StoredProjectVersion: StoredForm {
    let value: ProjectVersion

    init(_ value: ProjectVersion) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, name, isReleased, releaseDate
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = ProjectVersion(
            id: try row.read(.id), name: try row.read(.name), isReleased: try row.readIfPresent(.isReleased) ?? false,
            releaseDate: try row.readIfPresent(.releaseDate))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.id, .id)
        try row.write(value.name, .name)
        try row.writeFlag(value.isReleased, .isReleased)
        try row.writeIfPresent(value.releaseDate, .releaseDate)
    }
}

struct StoredAttachment: StoredForm {
    let value: Attachment

    init(_ value: Attachment) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, created, author
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Attachment(
            id: try row.read(.id), created: try row.read(.created),
            author: try row.readIfPresent(.author, as: StoredPerson.self))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.id, .id)
        try row.write(value.created, .created)
        try row.writeIfPresent(value.author, .author, as: StoredPerson.self)
    }
}

struct StoredSubtask: StoredForm {
    let value: Subtask

    init(_ value: Subtask) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, key, status
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Subtask(
            id: try row.read(.id), key: try row.read(.key),
            status: try row.readIfPresent(.status, as: StoredStatus.self))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.id, .id)
        try row.write(value.key, .key)
        try row.writeIfPresent(value.status, .status, as: StoredStatus.self)
    }
}

struct StoredParentIssue: StoredForm {
    let value: ParentIssue

    init(_ value: ParentIssue) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, key
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = ParentIssue(id: try row.read(.id), key: try row.readIfPresent(.key))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.id, .id)
        try row.writeIfPresent(value.key, .key)
    }
}
