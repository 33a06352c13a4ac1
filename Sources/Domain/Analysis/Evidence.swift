/// What supports a factor: the id of a comment, change, link or field that a reader can look up in Jira.
public struct Evidence: Sendable, Hashable, Codable {
    /// What the id names in Jira.
    public enum Kind: String, Sendable, Codable {
        case comment, change, link, field
    }

    /// What `id` names.
    public var kind: Kind
    /// Comment id, changelog id, link id, or the field's name.
    public var id: String
    /// When it was written or changed; nil for a field.
    public var at: Timestamp?
    /// A short plain-text hint, at most 200 characters: a snippet, a date, the other issue's key.
    public var note: String?
    /// The display name of who wrote or changed it; nil where that is not known.
    public var author: String?
    /// The quotation that `note` withholds because not everybody who sees the issue may read the comment; nil where nothing
    /// is withheld. It is stored, no answer of the API has it, and only channels that show restricted texts get it.
    public var restrictedNote: String?

    public init(
        kind: Kind, id: String, at: Timestamp? = nil, note: String? = nil, author: String? = nil,
        restrictedNote: String? = nil
    ) {
        self.kind = kind
        self.id = id
        self.at = at
        self.note = note
        self.author = author
        self.restrictedNote = restrictedNote
    }

    /// Without the restricted note.
    enum CodingKeys: String, CodingKey {
        case kind, id, at, note, author
    }

    /// Where to read a comment, given the address of its issue (`https://<site>/browse/<key>`); nil for what has no address of
    /// its own.
    public func address(inIssueAt url: String) -> String? {
        guard kind == .comment, !id.isEmpty, id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return "\(url)?focusedCommentId=\(id)"
    }
}
