import Domain

/// The type of a link: its name, and how it reads from either end. A link reads from its source to its destination
/// in the outward words (`blocks`), and back in the inward words (`is blocked by`).
///
/// <https://developer.atlassian.com/cloud/jira/platform/issue-linking-model/>
struct IssueLinkTypePayload: Decodable {
    let name: String
    let outward: String
    let inward: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        name = container.text("name", .line) ?? ""
        // An issue says `outward`, a link webhook says `outwardName`.
        outward = container.text("outward", .line) ?? container.text("outwardName", .line) ?? ""
        inward = container.text("inward", .line) ?? container.text("inwardName", .line) ?? ""
    }

    /// What the link says about the issue it goes out from.
    ///
    /// Administrators name link types freely, so the words decide: "block" anywhere makes it a blocker, from source
    /// to destination unless the outward words are themselves passive ("is blocked by"); "depend" makes it a
    /// dependency, in which the one that depends is blocked by the other.
    var relationOfSource: IssueLink.Relation {
        let (name, outward, inward) = (name.lowercased(), outward.lowercased(), inward.lowercased())
        let words = [name, outward, inward]
        if words.contains(where: { $0.contains("block") }) {
            return outward.contains("blocked") ? .blockedBy : .blocks
        }
        if words.contains(where: { $0.contains("depend") }) {
            return Self.isDependent(inward) && !Self.isDependent(outward) ? .blocks : .blockedBy
        }
        return .relatesTo
    }

    /// What the link says about the issue it comes in to.
    var relationOfDestination: IssueLink.Relation {
        switch relationOfSource {
        case .blocks: .blockedBy
        case .blockedBy: .blocks
        case .relatesTo: .relatesTo
        }
    }

    private static func isDependent(_ words: String) -> Bool {
        words.contains("depends") || words.contains("dependent on")
    }
}

/// A link in `issuelinks` of an issue. The other end stands in `outwardIssue` when this issue is the source, in
/// `inwardIssue` when it is the destination.
struct IssueLinkPayload: Decodable {
    let link: IssueLink

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let id = LinkID(try container.decode(JiraID.self, forKey: "id").text)
        let type = try container.decode(IssueLinkTypePayload.self, forKey: "type")
        let outward = container.value("outwardIssue", as: LinkedIssuePayload.self)
        guard let other = outward ?? container.value("inwardIssue", as: LinkedIssuePayload.self) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no other issue"))
        }
        link = IssueLink(
            id: id, relation: outward == nil ? type.relationOfDestination : type.relationOfSource, typeName: type.name,
            otherID: other.reference.id, otherKey: other.reference.key, otherStatus: other.status)
    }

    /// The other end: which issue it is, and of its fields the status.
    private struct LinkedIssuePayload: Decodable {
        let reference: IssueReferencePayload
        let status: Status?

        init(from decoder: any Decoder) throws {
            reference = try IssueReferencePayload(from: decoder)
            let fields = try decoder.container(keyedBy: WireKey.self).value("fields", as: FieldsPayload.self)
            status = fields?.status
        }

        private struct FieldsPayload: Decodable {
            let status: Status?

            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: WireKey.self)
                status = fields.value("status", as: StatusPayload.self)?.status
            }
        }
    }
}

/// The link of an `issuelink_*` webhook; it names both ends by their ids only.
struct IssueLinkEventPayload: Decodable {
    let id: LinkID
    let source: IssueID
    let destination: IssueID
    let type: IssueLinkTypePayload?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        id = LinkID(try container.decode(JiraID.self, forKey: "id").text)
        source = IssueID(try container.decode(JiraID.self, forKey: "sourceIssueId").text)
        destination = IssueID(try container.decode(JiraID.self, forKey: "destinationIssueId").text)
        type = container.value("issueLinkType")
    }

    /// The link as it stands at one of its ends.
    func link(seenFrom issueID: IssueID) -> IssueLink {
        let isSource = issueID == source
        return IssueLink(
            id: id, relation: (isSource ? type?.relationOfSource : type?.relationOfDestination) ?? .relatesTo,
            typeName: type?.name ?? "", otherID: isSource ? destination : source, otherKey: nil)
    }
}
