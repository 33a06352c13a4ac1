import Domain

/// An account: Jira Cloud names it by `accountId`; Jira Server by `key`, which survives a renaming, and `name`.
struct PersonPayload: Decodable {
    let person: Person

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let id =
            container.value("accountId", as: JiraID.self) ?? container.value("key", as: JiraID.self)
            ?? container.value("name", as: JiraID.self)
        guard let id = id?.text else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no account id"))
        }
        person = Person(
            id: id, displayName: container.text("displayName", .line) ?? id,
            timeZone: container.text("timeZone", .word),
            isApp: container.value("accountType", as: String.self) == "app")
    }
}
