import Domain

/// The part of a webhook that decides where it goes. Reads no more than its kind needs: this runs for every request,
/// before it is answered.
struct WebhookEnvelope: Decodable {
    /// `webhookEvent`, empty where it is missing.
    let event: String
    let kind: WebhookKind
    let sentAt: Timestamp?
    let routing: WebhookDelivery.Routing

    init(from decoder: any Decoder) throws {
        let body = try decoder.container(keyedBy: WireKey.self)
        let named = body.value("webhookEvent") ?? ""
        let isNameTooLong = named.utf8.count > JiraID.longest
        event = isNameTooLong ? "" : named
        kind = WebhookKind(event: named)
        sentAt = body.value("timestamp", as: JiraInstant.self)?.timestamp
        routing =
            isNameTooLong
            ? .rejected(reason: body.fault(ofID: "webhookEvent")) : Self.routing(of: body, event: event, kind: kind)
    }

    /// Whether the body itself is the issue, as Jira Automation's "Issue data (Automation format)" is.
    static func isIssue(_ body: KeyedDecodingContainer<WireKey>) -> Bool {
        !body.contains("webhookEvent") && !body.contains("issue") && body.contains("id") && body.contains("fields")
    }

    private static func routing(
        of body: KeyedDecodingContainer<WireKey>, event: String, kind: WebhookKind
    ) -> WebhookDelivery.Routing {
        switch kind {
        case .issue, .fetched, .absent:
            let issue =
                isIssue(body) ? IssueReferencePayload(body) : body.value("issue", as: IssueReferencePayload.self)
            if let id = issue?.id { return issue?.hasOverlongKey == true ? overlongKey(body) : .issues([id]) }
            let isNameless = event.isEmpty && !body.contains("issue")
            return .rejected(
                reason: isNameless ? "neither webhookEvent nor issue is there" : body.fault(ofID: "issue", "id"))
        case .comment:
            guard let comment = body.value("comment", as: CommentReferencePayload.self) else {
                return .rejected(reason: body.fault(ofID: "comment", "id"))
            }
            let issue = body.value("issue", as: IssueReferencePayload.self)
            guard issue?.hasOverlongKey != true else { return overlongKey(body) }
            guard let id = issue?.id ?? comment.issueID else {
                return .rejected(reason: body.fault(ofID: "issue", "id"))
            }
            return .issues([id])
        case .worklog:
            let issue =
                body.value("worklog", as: WorklogPayload.self)?.issueID
                ?? body.value("issue", as: IssueReferencePayload.self)?.id
            return issue.map { .issues([$0]) } ?? .rejected(reason: body.fault(ofID: "worklog", "issueId"))
        case .issueLink:
            guard let link = body.value("issueLink", as: IssueLinkEventPayload.self) else {
                return .rejected(
                    reason: "issueLink lacks one of id, sourceIssueId and destinationIssueId, or one is too long")
            }
            return .issues(link.source == link.destination ? [link.source] : [link.source, link.destination])
        case .sprint(let impliedState, let deleted):
            guard let sprint = body.value("sprint", as: SprintPayload.self) else {
                return .rejected(reason: body.fault(ofID: "sprint", "id"))
            }
            guard let state = sprint.state ?? impliedState else { return .rejected(reason: "sprint.state is missing") }
            return .sprint(sprint.sprint(state: state), deleted: deleted)
        case .project(let isGone):
            let project = body.value("project", as: ProjectPayload.self)
            guard let id = project?.id else { return .rejected(reason: body.fault(ofID: "project", "id")) }
            guard let key = project?.key else { return .rejected(reason: body.fault(ofID: "project", "key")) }
            return .project(id: id, key: key, isGone: isGone)
        case .other:
            return .ignored
        }
    }

    private static func overlongKey(_ body: KeyedDecodingContainer<WireKey>) -> WebhookDelivery.Routing {
        .rejected(reason: body.fault(ofID: "issue", "key"))
    }
}

/// An issue named by its id, wherever it stands in a payload.
struct IssueReferencePayload: Decodable {
    let id: IssueID?
    let key: IssueKey?
    /// Whether there is a key, and it is too long to be one.
    let hasOverlongKey: Bool

    init(from decoder: any Decoder) throws {
        self.init(try decoder.container(keyedBy: WireKey.self))
    }

    init(_ container: KeyedDecodingContainer<WireKey>) {
        id = container.value("id", as: JiraID.self).map { IssueID($0.text) }
        key = container.value("key", as: JiraID.self).map { IssueKey($0.text) }
        hasOverlongKey =
            key == nil && container.contains("key")
            && container.value("key", as: String.self).map { $0.utf8.count > JiraID.longest } ?? false
    }
}

/// A comment as far as it says which one it is, and of which issue.
struct CommentReferencePayload: Decodable {
    let id: CommentID
    /// The issue in `self` (`…/rest/api/2/issue/10013/comment/10084`): Jira Server names it nowhere else.
    let issueID: IssueID?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        id = CommentID(try container.decode(JiraID.self, forKey: "id").text)
        let path = container.value("self", as: String.self)?.split(separator: "/") ?? []
        let name = path.lastIndex(of: "issue").flatMap { path.dropFirst($0 + 1).first }
        issueID = name.flatMap { UInt64($0) }.map { IssueID(String($0)) }
    }
}

/// Work logged on an issue.
struct WorklogPayload: Decodable {
    let issueID: IssueID?
    let updated: Timestamp?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        issueID = container.value("issueId", as: JiraID.self).map { IssueID($0.text) }
        updated = container.value("updated", as: JiraInstant.self)?.timestamp
    }
}
