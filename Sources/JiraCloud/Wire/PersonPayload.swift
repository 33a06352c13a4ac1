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
            id: id, displayName: container.value("displayName") ?? id, timeZone: container.value("timeZone"),
            isApp: container.value("accountType", as: String.self) == "app")
    }
}
