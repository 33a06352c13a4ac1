import Domain

/// A comment on an issue.
struct CommentPayload: Decodable {
    let id: CommentID
    let author: Person?
    let body: String
    let created: Timestamp?
    let updated: Timestamp?
    let isRestricted: Bool

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        id = CommentID(try container.decode(JiraID.self, forKey: "id").text)
        author = container.value("author", as: PersonPayload.self)?.person
        body = container.value("body", as: JiraText.self).map { TextLimit.text.cut(JiraText.plainText(of: $0)) } ?? ""
        created = container.value("created", as: JiraInstant.self)?.timestamp
        updated = container.value("updated", as: JiraInstant.self)?.timestamp
        // `visibility` names the role or group that sees it; Jira Service Management marks internal notes, and so do custom
        // bodies of Jira Automation, as a text.
        isRestricted =
            container.value("visibility", as: VisibilityPayload.self) != nil
            || container.value("jsdPublic", as: Bool.self) == false
            || container.value("internal", as: String.self) == "true"
    }

    /// The comment; what it does not say of its times it owes to the moment of the webhook. Nil when neither says.
    func comment(toldAt moment: Timestamp?) -> Comment? {
        guard let created = created ?? updated ?? moment else { return nil }
        return Comment(
            id: id, author: author, body: body, created: created, updated: updated ?? created,
            isRestricted: isRestricted)
    }

    /// Who may read a comment; absent or null for everybody who sees the issue.
    private struct VisibilityPayload: Decodable {
        init(from decoder: any Decoder) throws {
            _ = try decoder.container(keyedBy: WireKey.self)
        }
    }
}
