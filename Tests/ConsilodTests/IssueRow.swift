import Foundation

@testable import DaemonTestSupport

/// The columns of one issue that can be told from its REST document.
struct IssueRow: Hashable {
    var key: String
    var status: String
    var priority: String
    var assignee: String
    var dueDate: String
    var comments: Int

    private struct Document: Decodable {
        struct Fields: Decodable {
            struct Named: Decodable { var name: String }
            struct Person: Decodable { var accountId: String }
            struct Comments: Decodable { var total: Int }
            var status: Named
            var priority: Named?
            var assignee: Person?
            var duedate: String?
            var comment: Comments
        }
        var key: String
        var fields: Fields
    }

    /// As Jira has it.
    init(document: some StringProtocol) throws {
        let issue = try JSONDecoder().decode(Document.self, from: Data(document.utf8))
        key = issue.key
        status = issue.fields.status.name
        priority = issue.fields.priority?.name ?? ""
        assignee = issue.fields.assignee?.accountId ?? ""
        dueDate = issue.fields.duedate ?? ""
        comments = issue.fields.comment.total
    }

    private init(columns: [String]) {
        (key, status, priority) = (columns[0], columns[1], columns[2])
        (assignee, dueDate, comments) = (columns[3], columns[4], Int(columns[5]) ?? -1)
    }

    /// All issues that a daemon's store shows of a tenant.
    static func inStore(of daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant) throws -> [IssueRow] {
        try daemon.query(
            """
            SELECT issue_key, status, COALESCE(priority, ''), COALESCE(assignee_id, ''),
                COALESCE(CAST(due_date AS TEXT), ''), comment_count
            FROM issue_snapshots WHERE tenant_id = '\(tenant.id)' AND NOT is_deleted
            """
        ).map(IssueRow.init(columns:))
    }
}
