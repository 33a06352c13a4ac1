import Domain

struct StoredPerson: StoredForm {
    let value: Person

    init(_ value: Person) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, displayName, timeZone, isApp
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Person(
            id: try row.read(.id), displayName: try row.read(.displayName), timeZone: try row.readIfPresent(.timeZone),
            isApp: try row.readIfPresent(.isApp) ?? false)
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.id, .id)
        try row.write(value.displayName, .displayName)
        try row.writeIfPresent(value.timeZone, .timeZone)
        try row.writeFlag(value.isApp, .isApp)
    }
}

struct StoredStatus: StoredForm {
    let value: Status

    init(_ value: Status) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, name, category
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Status(
            id: try row.readIfPresent(.id), name: try row.read(.name), category: try row.readIfPresent(.category))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.writeIfPresent(value.id, .id)
        try row.write(value.name, .name)
        try row.writeIfPresent(value.category, .category)
    }
}

struct StoredSprint: StoredForm {
    let value: Sprint

    init(_ value: Sprint) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, name, state, boardID, startDate, endDate, completeDate
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Sprint(
            id: try row.read(.id), name: try row.read(.name), state: try row.read(.state),
            boardID: try row.readIfPresent(.boardID), startDate: try row.readIfPresent(.startDate),
            endDate: try row.readIfPresent(.endDate), completeDate: try row.readIfPresent(.completeDate))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.id, .id)
        try row.write(value.name, .name)
        try row.write(value.state, .state)
        try row.writeIfPresent(value.boardID, .boardID)
        try row.writeIfPresent(value.startDate, .startDate)
        try row.writeIfPresent(value.endDate, .endDate)
        try row.writeIfPresent(value.completeDate, .completeDate)
    }
}

struct StoredComment: StoredForm {
    let value: Comment

    init(_ value: Comment) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, author, body, created, updated, isRestricted
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Comment(
            id: try row.read(.id), author: try row.readIfPresent(.author, as: StoredPerson.self),
            body: try row.read(.body), created: try row.read(.created), updated: try row.read(.updated),
            isRestricted: try row.readIfPresent(.isRestricted) ?? false)
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.id, .id)
        try row.writeIfPresent(value.author, .author, as: StoredPerson.self)
        try row.write(value.body, .body)
        try row.write(value.created, .created)
        try row.write(value.updated, .updated)
        try row.writeFlag(value.isRestricted, .isRestricted)
    }
}

struct StoredChange: StoredForm {
    let value: Change

    init(_ value: Change) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, at, author, field, from, fromString, to, toString
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Change(
            id: try row.read(.id), at: try row.read(.at), author: try row.readIfPresent(.author, as: StoredPerson.self),
            field: try row.read(.field), from: try row.readIfPresent(.from),
            fromString: try row.readIfPresent(.fromString), to: try row.readIfPresent(.to),
            toString: try row.readIfPresent(.toString))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.id, .id)
        try row.write(value.at, .at)
        try row.writeIfPresent(value.author, .author, as: StoredPerson.self)
        try row.write(value.field, .field)
        try row.writeIfPresent(value.from, .from)
        try row.writeIfPresent(value.fromString, .fromString)
        try row.writeIfPresent(value.to, .to)
        try row.writeIfPresent(value.toString, .toString)
    }
}

struct StoredIssueLink: StoredForm {
    let value: IssueLink

    init(_ value: IssueLink) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case id, relation, typeName, otherID, otherKey, otherStatus
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = IssueLink(
            id: try row.read(.id), relation: try row.read(.relation), typeName: try row.read(.typeName),
            otherID: try row.readIfPresent(.otherID), otherKey: try row.readIfPresent(.otherKey),
            otherStatus: try row.readIfPresent(.otherStatus, as: StoredStatus.self))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.id, .id)
        try row.write(value.relation, .relation)
        try row.write(value.typeName, .typeName)
        try row.writeIfPresent(value.otherID, .otherID)
        try row.writeIfPresent(value.otherKey, .otherKey)
        try row.writeIfPresent(value.otherStatus, .otherStatus, as: StoredStatus.self)
    }
}

struct StoredTimeTracking: StoredForm {
    let value: TimeTracking

    init(_ value: TimeTracking) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case originalEstimate, remainingEstimate, timeSpent
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = TimeTracking(
            originalEstimate: try row.readIfPresent(.originalEstimate),
            remainingEstimate: try row.readIfPresent(.remainingEstimate), timeSpent: try row.readIfPresent(.timeSpent))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.writeIfPresent(value.originalEstimate, .originalEstimate)
        try row.writeIfPresent(value.remainingEstimate, .remainingEstimate)
        try row.writeIfPresent(value.timeSpent, .timeSpent)
    }
}
