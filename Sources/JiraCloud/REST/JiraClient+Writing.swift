import Domain
import Foundation
import NIOHTTP1

/// What consilod writes. A missing permission or scope throws `.forbidden` or `.scopeMissing`, which does not stop the tenant's
/// other calls. The budget repeats what was not answered: written twice, a value is the same.
extension JiraClient {
    /// Sets fields of an issue without mail to its watchers (`PUT /rest/api/3/issue/{id}?notifyUsers=false`).
    ///
    /// Jira refuses with `.badRequest` what is on no edit screen of the issue or of another type, and names the field. An
    /// account that may not administer the project may not leave the mail out: the call fails then, and no mail is sent.
    func setFields(_ fields: [String: JiraValue], of issueID: IssueID) async throws(JiraError) {
        var call = Call(
            method: .PUT, path: "/rest/api/3/issue/\(try Self.segment(issueID.rawValue))",
            body: try Self.json(["fields": fields]), behavior: .init(stopsWhenForbidden: false))
        call.query = [.init(name: "notifyUsers", value: "false")]
        _ = try await answer(to: call)
    }

    /// Sets a property of an issue (`PUT /rest/api/3/issue/{id}/properties/{key}`).
    func setProperty(
        _ key: String, to value: [String: JiraValue], of issueID: IssueID
    ) async throws(JiraError) {
        let call = Call(
            method: .PUT, path: try Self.propertyPath(key, of: issueID), body: try Self.json(value),
            behavior: .init(stopsWhenForbidden: false))
        _ = try await answer(to: call)
    }

    /// Removes a property of an issue; one that is not there is removed already.
    func removeProperty(_ key: String, of issueID: IssueID) async throws(JiraError) {
        let call = Call(
            method: .DELETE, path: try Self.propertyPath(key, of: issueID),
            behavior: .init(stopsWhenForbidden: false))
        _ = try await orNil { () async throws(JiraError) in try await self.answer(to: call) }
    }

    /// Posts a comment (`POST /rest/api/3/issue/{id}/comment`); its id. Customers of a service project do not see it. Not repeated when no answer comes: Jira may have it.
    func addComment(_ comment: RiskComment, to issueID: IssueID) async throws(JiraError) -> CommentID {
        let call = Call(
            method: .POST, path: "/rest/api/3/issue/\(try Self.segment(issueID.rawValue))/comment",
            body: try Self.json(NewComment(body: ADFDocument(comment))),
            behavior: .init(isRepeatable: false, stopsWhenForbidden: false))
        let posted: PostedComment = try await answer(to: call)
        return CommentID(posted.id.text)
    }

    private static func propertyPath(_ key: String, of issueID: IssueID) throws(JiraError) -> String {
        // A period stands for itself in a path.
        let name = try segment(key).replacing("%2E", with: ".")
        return "/rest/api/3/issue/\(try segment(issueID.rawValue))/properties/\(name)"
    }
}

private struct NewComment: Encodable {
    struct Property: Encodable {
        var key: String
        var value: [String: Bool]
    }

    var body: ADFDocument
    /// By it Jira Service Management keeps the comment from the customer who made the request; elsewhere it says nothing.
    var properties = [Property(key: "sd.public.comment", value: ["internal": true])]
}

private struct PostedComment: Decodable {
    let id: JiraID
}

/// A comment in the Atlassian Document Format, made of paragraphs and lists.
///
/// <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure>
struct ADFDocument: Encodable {
    private struct Node: Encodable {
        struct Mark: Encodable {
            var type: String
            var attrs: [String: String]
        }

        var type: String
        var text: String?
        var marks: [Mark]?
        var content: [Node]?

        static func words(_ text: String, link: String? = nil) -> Node {
            Node(type: "text", text: text, marks: link.map { [Mark(type: "link", attrs: ["href": $0])] })
        }

        static func paragraph(of nodes: [Node]) -> Node { Node(type: "paragraph", content: nodes) }

        static func list(_ lines: [String]) -> Node {
            Node(
                type: "bulletList",
                content: lines.map { Node(type: "listItem", content: [paragraph(of: [words($0)])]) })
        }
    }

    private let version = 1
    private let type = "doc"
    private let content: [Node]

    /// The first and the last line say whose it is (``OwnComment``).
    init(_ comment: RiskComment) {
        var nodes = [Node.paragraph(of: [.words("\(OwnComment.beginning): \(comment.head)")])]
        if !comment.causes.isEmpty { nodes.append(.list(comment.causes)) }
        if !comment.remedies.isEmpty {
            nodes.append(.paragraph(of: [.words("What would help:")]))
            nodes.append(.list(comment.remedies))
        }
        if let link = comment.link { nodes.append(.paragraph(of: [.words(link, link: link)])) }
        nodes.append(.paragraph(of: [.words(OwnComment.ending)]))
        content = nodes
    }
}
