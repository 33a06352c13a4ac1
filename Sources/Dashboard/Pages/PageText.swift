import Domain
import Foundation
import HTTPTypes

/// Words that several pages use.
enum PageText {
    /// `2026-11-29 17:54 UTC`.
    static func instant(_ at: Timestamp) -> String {
        "\(at.description.prefix(16).replacing("T", with: " ")) UTC"
    }

    /// `Due date` for `due_date`.
    static func title(_ name: Factor.Name) -> String {
        let words = name.rawValue.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// What is shown of a forecast in a table: `85 %`, `medium`, `3 days late`; nil where nothing is known.
    static func short(_ answer: IssueForecast.Answer?) -> String? {
        guard let answer else { return nil }
        if let days = answer.lateByDays { return "\(days) \(days == 1 ? "day" : "days") late" }
        return answer.percent.map { "\($0) %" } ?? answer.level?.rawValue
    }

    static func projectPath(_ key: String) -> String { "/dashboard/projects/\(PathText.encoded(key))" }

    /// With at most one decimal: `3`, `2.5`.
    static func number(_ value: Double) -> String {
        guard abs(value) < 1e15 else { return "\(value)" }
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths / 10)).\(abs(tenths % 10))"
    }

    /// Loads a page again in a few seconds until its figures are there.
    static func untilThere(_ isThere: Bool) -> HTTPFields {
        guard !isThere, let refresh = HTTPField.Name("Refresh") else { return [:] }
        return [refresh: "3"]
    }

    /// `+12`, `−5`, `0`.
    static func signed(_ points: Int) -> String { points == 0 ? "0" : "\(points < 0 ? "−" : "+")\(abs(points))" }

    /// `1 day`, `3 days`.
    static func days(_ count: Int) -> String {
        PageTexts.english("common", count == 1 ? "day" : "days", ["count": "\(count)"])
    }

    static func issuePath(_ key: IssueKey) -> String { "/dashboard/issues/\(PathText.encoded(key.rawValue))" }
}

/// A row of a table of issues.
struct IssueRow: Sendable {
    var path: String
    var key: String
    var summary: String
    var score: Int
    var band: String
    var status: String
    var assignee: String
    var due: String?
    var forecast: String?
    /// The day of its last change in Jira, in UTC.
    var updated: String
    var isRestricted: Bool
    var cause: String?

    init(_ line: IssueLine) {
        let issue = line.issue
        path = PageText.issuePath(issue.key)
        key = issue.key.rawValue
        summary = issue.summary
        score = line.riskScore
        band = line.band.rawValue
        status = issue.status?.name ?? "Unknown"
        assignee = issue.assignee?.displayName ?? "Unassigned"
        due = issue.dueDate?.description
        updated = "\(issue.updated.utcDay)"
        isRestricted = issue.securityLevel != nil
        let forecast = line.forecast?.forecast
        self.forecast = PageText.short(forecast?[.due] ?? forecast?[.sprint] ?? forecast?[.usual])
        cause = line.cause
    }
}
