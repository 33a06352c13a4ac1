public import Domain
import NIOHTTP1

/// An issue in the answer to a search.
public struct ListedIssue: Sendable, Hashable {
    /// Jira's number of the issue.
    public var id: IssueID
    /// Nil where no field was asked for: Jira then tells ids only.
    public var key: IssueKey?
    /// When the issue was last changed; nil where `updated` was not asked for.
    public var updated: Timestamp?

    public init(id: IssueID, key: IssueKey? = nil, updated: Timestamp? = nil) {
        self.id = id
        self.key = key
        self.updated = updated
    }
}

/// A part of what a search finds.
public struct JiraSearchPage: Sendable, Hashable {
    /// In the order of the query; may be empty before the last page.
    public var issues: [ListedIssue]
    /// Asks for the next page of the same search; nil after the last. Good for seven days.
    public var nextPageToken: String?

    public init(issues: [ListedIssue], nextPageToken: String?) {
        self.issues = issues
        self.nextPageToken = nextPageToken
    }
}

extension JiraClient {
    /// Most ids that a search takes in `reconciling`.
    public static let mostReconciled = 50

    /// A page of the issues that a query finds (`POST /rest/api/3/search/jql`).
    ///
    /// Jira's index lags behind by seconds to minutes. Issues in `reconciling` are looked at as they are, so that a search
    /// finds what a webhook has just reported.
    ///
    /// - Parameters:
    ///   - jql: a bounded query: Jira refuses one without a restriction.
    ///   - fields: what to return of each issue; only `key` and `updated` are read here.
    ///   - pageToken: ``JiraSearchPage/nextPageToken`` of the page before, with all else the same.
    ///   - limit: issues per page, at most 5,000; Jira may give fewer.
    ///   - reconciling: at most ``mostReconciled`` numeric ids, the same for every page.
    public func search(
        jql: String, fields: [String] = ["updated"], pageToken: String? = nil, limit: Int = 1000,
        reconciling: [IssueID] = []
    ) async throws(JiraError) -> JiraSearchPage {
        let ids = reconciling.compactMap { Int64($0.rawValue) }
        guard reconciling.count <= Self.mostReconciled, ids.count == reconciling.count else {
            throw .badRequest(message: "a search reconciles at most \(Self.mostReconciled) numeric ids")
        }
        let request = SearchRequest(
            jql: jql, fields: fields.isEmpty ? nil : fields, maxResults: min(max(limit, 1), 5000),
            nextPageToken: pageToken, reconcileIssues: ids.isEmpty ? nil : ids)
        let page: SearchAnswer = try await answer(
            to: Call(method: .POST, path: "/rest/api/3/search/jql", body: Self.json(request)))
        return JiraSearchPage(
            issues: page.issues.map { ListedIssue(id: $0.id, key: $0.key, updated: $0.updated) },
            nextPageToken: try Self.next(page.nextPageToken, after: pageToken))
    }

    /// The token of the next page of a search; one that stays where it is would never end.
    static func next(_ token: String?, after page: String?) throws(JiraError) -> String? {
        guard token == nil || token != page else {
            throw .malformedAnswer(reason: "the pages of a search loop")
        }
        return token
    }
}

private struct SearchRequest: Encodable {
    let jql: String
    let fields: [String]?
    let maxResults: Int
    let nextPageToken: String?
    let reconcileIssues: [Int64]?
}

private struct SearchAnswer: Decodable {
    let issues: [Listed]
    let nextPageToken: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        issues = try container.decode([Listed].self, forKey: "issues")
        let isLast = container.value("isLast", as: Bool.self) ?? false
        nextPageToken = isLast ? nil : container.value("nextPageToken")
    }

    struct Listed: Decodable {
        let id: IssueID
        let key: IssueKey?
        let updated: Timestamp?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            id = IssueID(try container.decode(JiraID.self, forKey: "id").text)
            key = container.value("key", as: JiraID.self).map { IssueKey($0.text) }
            let fields = try? container.nestedContainer(keyedBy: WireKey.self, forKey: "fields")
            updated = fields?.value("updated", as: JiraInstant.self)?.timestamp
        }
    }
}
