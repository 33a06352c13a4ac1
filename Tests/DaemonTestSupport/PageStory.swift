import Domain
import Foundation
import TestSupport

/// A running daemon with a tenant whose issues lists, projects and sprints can be looked at: sprint 7 of the project PAY runs,
/// with PAY-1 and PAY-4 from its start on, PAY-2 added later, PAY-3 removed and PAY-4 done; OPS-9 is in no sprint.
struct PageStory {
    let daemon: DaemonProcess
    let tenant: DaemonProcess.Tenant
    static let formula = "=HYPERLINK(\"http://evil.example\",\"x\"), \"quoted\"\u{301} <b>bold</b>"

    private static let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    /// Of the sprint.
    private static let start = now.adding(days: -5)

    /// - Parameters:
    ///   - configuration: more lines of the configuration.
    ///   - prepare: done before the first webhook.
    static func started(
        configuration: String = "",
        _ prepare: (DaemonProcess, DaemonProcess.Tenant) async throws -> Void = { _, _ in }
    ) async throws -> PageStory {
        let daemon = try DaemonProcess(
            configuration: "alerts: {group_wait_seconds: 0, max_attempts: 1}\n\(configuration)")
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        try await prepare(daemon, tenant)
        for body in bodies {
            let status = try await daemon.post(body, to: tenant).status
            guard status == 202 else { throw Unexpected("a webhook was answered \(status)") }
        }
        try await daemon.waitUntilSettled(tenant, issues: 5)
        try await daemon.waitUntilApplied()
        return PageStory(daemon: daemon, tenant: tenant)
    }

    private static var bodies: [String] {
        [
            issue(1, hour: -48, points: 5),
            issue(2, hour: -40, sprint: false, points: 8),
            issue(3, hour: -20), issue(4, hour: -10, points: 2),
            issue(2, hour: 10, points: 8, change: ("Sprint", "", "7")),
            issue(3, hour: 20, sprint: false, change: ("Sprint", "7", "")),
            issue(4, hour: 30, status: "Done", points: 2, change: ("status", "To Do", "Done")),
            issue(9, hour: 40, project: "OPS", sprint: false, summary: formula),
        ] + [comment(1, hour: 50, "We are blocked by the vendor and wait for an answer, this is terrible.")]
    }

    private static func issue(
        _ number: Int, hour: Int64, project: String = "PAY", sprint: Bool = true, status: String = "To Do",
        points: Int = 3, summary: String? = nil,
        change: (field: String, from: String, to: String)? = nil
    ) -> String {
        let at = start.adding(seconds: hour * 3600)
        let sprints =
            #"[{"id": 7, "name": "Sprint 7", "state": "active", "boardId": 3, "startDate": "\#(start)", "#
            + #""endDate": "\#(start.adding(days: 14))"}]"#
        let changelog =
            change.map {
                """
                , "changelog": {"id": "\(number * 1000 + Int(hour) + 100)", "items": [{"field": "\($0.field)",
                 "from": "\($0.from)", "fromString": "\($0.from)", "to": "\($0.to)", "toString": "\($0.to)"}]}
                """
            } ?? ""
        let text = String(decoding: (try? CanonicalJSON.encode(summary ?? "Story \(number)")) ?? Data(), as: UTF8.self)
        let person = number % 2 == 0 ? "null" : #"{"accountId": "712020:ada", "displayName": "Ada Nowak"}"#
        return """
            {"timestamp": \(at.milliseconds), "webhookEvent": "jira:issue_\(change == nil ? "created" : "updated")",
             "issue": {"id": "\(10_000 + number)", "key": "\(project)-\(number)", "fields": {"summary": \(text),
              "project": {"id": "\(project == "PAY" ? 1 : 2)", "key": "\(project)", "name": "\(project)"},
              "issuetype": {"name": "Story"}, "labels": ["\(number == 1 ? "Release" : "other")"],
              "parent": {"id": "10900", "key": "PAY-900", "fields": {"summary": "Epic"}},
              "status": {"id": "\(status == "Done" ? 5 : 3)", "name": "\(status)",
               "statusCategory": {"id": 4, "key": "\(status == "Done" ? "done" : "new")"}},
              "assignee": \(person), "duedate": "\(now.adding(days: number).utcDay)",
              "created": "\(start.adding(days: -2))", "updated": "\(at)", "customfield_10016": \(points),
              "customfield_10020": \(sprint ? sprints : "null")}}\(changelog)}
            """.replacing("\n", with: " ")
    }

    private static func comment(_ number: Int, hour: Int64, _ text: String) -> String {
        let at = start.adding(seconds: hour * 3600)
        return """
            {"timestamp": \(at.milliseconds), "webhookEvent": "comment_created",
             "comment": {"id": "\(number * 100)", "author": {"accountId": "712020:bo", "displayName": "Bo Ek"},
              "body": "\(text)", "created": "\(at)", "updated": "\(at)"},
             "issue": {"id": "\(10_000 + number)", "key": "PAY-\(number)", "fields": {"summary": "Story \(number)",
              "issuetype": {"name": "Story"}, "project": {"id": "1", "key": "PAY", "name": "PAY"}}}}
            """.replacing("\n", with: " ")
    }
}
