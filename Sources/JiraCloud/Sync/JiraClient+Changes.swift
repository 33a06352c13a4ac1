import Domain
import Foundation
import NIOHTTP1

/// An issue as a sweep lists it: with enough of its comments and history to tell whether an event of it was missed.
struct ChangedIssue: Sendable {
    var id: IssueID
    var updated: Timestamp?
    /// Comments that the listing shows, each with the time of its last edit; Jira shows 20 at most.
    var comments: [(id: CommentID, updated: Timestamp?)] = []
    /// How many comments there are; nil where the listing does not say.
    var commentCount: Int?
    /// The numbers of the newest entries of the history; Jira shows 40 at most.
    var historyIDs: [String] = []
    /// How many entries there are; nil where the listing does not say.
    var historyCount: Int?
}

/// How much of a project the account sees.
enum ProjectVisibility: Sendable, Hashable {
    /// The project is not shown, or its issues are not.
    case nothing
    /// Its issues are shown, but security levels may hide some.
    case someIssues
    /// All issues: one that is not shown does not exist.
    case allIssues
}

extension JiraClient {
    /// A page of the issues that a query finds, with their newest comments and changes (`POST /rest/api/3/search/jql`).
    ///
    /// - Parameters: as of ``search(jql:fields:pageToken:limit:reconciling:)``.
    func changes(
        jql: String, pageToken: String?, limit: Int, reconciling: [IssueID]
    ) async throws(JiraError) -> (issues: [ChangedIssue], nextPageToken: String?) {
        struct Search: Encodable {
            var jql: String
            var fields = ["updated", "comment"]
            var expand = "changelog"
            var maxResults: Int
            var nextPageToken: String?
            var reconcileIssues: [Int64]?
        }
        let ids = reconciling.compactMap { Int64($0.rawValue) }
        let search = Search(
            jql: jql, maxResults: limit, nextPageToken: pageToken, reconcileIssues: ids.isEmpty ? nil : ids)
        let page: ChangesPage = try await answer(
            to: Call(method: .POST, path: "/rest/api/3/search/jql", body: try Self.json(search)))
        return (page.issues.values.map(\.issue), try Self.next(page.nextPageToken, after: pageToken))
    }

    /// How much of a project the account sees. A project that has no scheme of security levels shows all of its issues to
    /// everyone who may browse it; whether it has one, only its administrators can see.
    func visibility(ofProject key: String) async throws(JiraError) -> ProjectVisibility {
        guard let project = try await project(key: key) else { return .nothing }
        let granted = try await permissions(projectKey: key, ["BROWSE_PROJECTS"])
        guard granted["BROWSE_PROJECTS"] == true else { return .nothing }
        // There roles restrict single issues, without a scheme.
        guard project.isTeamManaged != true else { return .someIssues }
        do {
            let path = "/rest/api/3/project/\(try Self.segment(key))/issuesecuritylevelscheme"
            _ = try await answer(to: Call(path: path, behavior: .init(stopsWhenForbidden: false)))
            return .someIssues
        } catch .notFound {
            return .allIssues
        } catch .forbidden {
            return .someIssues
        } catch .scopeMissing {
            return .someIssues
        }
    }
}

private struct ChangesPage: Decodable {
    let issues: LossyList<Issue>
    let nextPageToken: String?

    struct Issue: Decodable {
        let issue: ChangedIssue

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            var issue = ChangedIssue(id: IssueID(try container.decode(JiraID.self, forKey: "id").text))
            if let fields = container.value("fields", as: Fields.self) {
                issue.updated = fields.updated
                issue.comments = fields.comment?.comments ?? []
                issue.commentCount = fields.comment?.total
            }
            if let changelog = container.value("changelog", as: Changelog.self) {
                issue.historyIDs = changelog.ids
                issue.historyCount = changelog.total
            }
            self.issue = issue
        }
    }

    private struct Fields: Decodable {
        let updated: Timestamp?
        let comment: Comments?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            updated = container.value("updated", as: JiraInstant.self)?.timestamp
            comment = container.value("comment")
        }
    }

    private struct Comments: Decodable {
        let comments: [(id: CommentID, updated: Timestamp?)]
        let total: Int?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            let list = container.value("comments", as: LossyList<CommentPayload>.self)?.values ?? []
            comments = list.map { ($0.id, $0.updated) }
            total = container.value("total")
        }
    }

    private struct Changelog: Decodable {
        let ids: [String]
        let total: Int?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            ids = container.value("histories", as: LossyList<Entry>.self)?.values.map(\.id.text) ?? []
            total = container.value("total")
        }

        private struct Entry: Decodable { let id: JiraID }
    }
}
