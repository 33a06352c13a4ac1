import Domain
import Foundation
import Hummingbird

/// A page of the audit log: of a tenant, or of the host.
struct AuditContent: Sendable {
    /// The rows of a page.
    static let pageSize = 50

    struct Action: Sendable {
        var code: String
        var isChosen: Bool
    }

    struct Row: Sendable {
        var row: Int
        var at: String
        var actor: String
        var action: String
        var object: String
        var changes: [String]
        var address: String
        var request: String?

        init(_ entry: AuditEntry) {
            row = entry.sequence
            at = PageText.instant(entry.at)
            actor = entry.actor
            action = entry.action
            object = [entry.objectKind, entry.objectID].compactMap(\.self).joined(separator: " ")
            changes = Self.changes(AuditEntry.fields(entry.before), AuditEntry.fields(entry.after))
            address = entry.address ?? ""
            request = entry.requestID.map { PageTexts.english("audit", "request", ["id": $0]) }
        }

        /// A line for each field, by name.
        private static func changes(_ before: [String: AuditValue], _ after: [String: AuditValue]) -> [String] {
            Set(before.keys).union(after.keys).sorted().map { name in
                let (old, new) = (before[name].map(text), after[name].map(text))
                guard let old else { return PageTexts.english("audit", "set", ["name": name, "after": new ?? ""]) }
                guard let new else { return PageTexts.english("audit", "gone", ["name": name, "before": old]) }
                return PageTexts.english("audit", "changed", ["name": name, "before": old, "after": new])
            }
        }

        /// At most 200 characters of a value.
        private static func text(_ value: AuditValue) -> String {
            let text: String
            switch value {
            case .text(let words): text = words
            case .null: text = "–"
            default:
                // What has been decoded from JSON can be encoded.
                text = (try? CanonicalJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            }
            return text.count <= 200 ? text : "\(text.prefix(200))…"
        }
    }

    var heading: String
    var intro: String
    /// Of the page itself.
    var path: String
    var actions: [Action]
    var actor: String
    var since: String
    var until: String
    var isUnfiltered: Bool
    var rows: [Row]
    var hasRows: Bool
    var isFirst: Bool
    var first: String
    var next: String?
    var problems: [FormProblem]
    var hasProblems: Bool
    var asOf: String

    init(_ query: AuditQuery, _ page: Page<AuditEntry>, path: String, heading: String, intro: String, now: Timestamp) {
        self.heading = heading
        self.intro = intro
        self.path = path
        actions = AuditAction.allCases.map { Action(code: $0.rawValue, isChosen: $0.rawValue == query.action) }
        (actor, since, until) = (query.actor ?? "", query.since ?? "", query.until ?? "")
        isUnfiltered = query.fields.isEmpty
        rows = page.items.map(Row.init)
        hasRows = !page.items.isEmpty
        isFirst = query.cursor == nil
        first = query.address(path, cursor: nil)
        next = page.nextCursor.map { query.address(path, cursor: $0) }
        problems = query.problems
        hasProblems = !query.problems.isEmpty
        asOf = PageText.instant(now)
    }
}

/// What the address of a page of the audit log asks for.
struct AuditQuery: Sendable {
    var action: String?
    var actor: String?
    /// Days, as they were entered.
    var since: String?
    var until: String?
    var cursor: String?
    private(set) var filter = AuditFilter()
    private(set) var problems: [FormProblem] = []

    init(_ request: Request) {
        let query = PageQuery(request)
        (action, actor, since) = (query["action"], query["actor"], query["since"])
        (until, cursor) = (query["until"], query["cursor"])
        filter.action = action
        filter.actor = actor
        if let since {
            filter.since = CalendarDay(since)?.startUTC
            if filter.since == nil { problems.append(FormProblem(text: PageTexts.english("audit", "bad_since"))) }
        }
        if let until {
            filter.until = CalendarDay(until)?.startUTC.adding(days: 1)
            if filter.until == nil { problems.append(FormProblem(text: PageTexts.english("audit", "bad_until"))) }
        }
    }

    /// The filters that are set.
    var fields: [(name: String, value: String)] {
        let all: [(name: String, value: String?)] = [
            ("action", action), ("actor", actor), ("since", since), ("until", until),
        ]
        return all.compactMap { field in field.value.map { (name: field.name, value: $0) } }
    }

    /// The page with these filters at a place.
    func address(_ path: String, cursor: String?) -> String {
        var all = fields
        if let cursor { all.append((name: "cursor", value: cursor)) }
        guard !all.isEmpty else { return path }
        return "\(path)?" + all.map { "\($0.name)=\(PathText.encoded($0.value))" }.joined(separator: "&")
    }
}
