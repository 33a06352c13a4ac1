import Domain
import Foundation

extension SimulatedJira {
    struct ScriptedFault: Sendable {
        let fault: Fault
        let endpoint: Endpoint?
        var left: Int
    }

    struct StoredIssue: Sendable {
        var document: JSON
        var isHidden = false
        /// What search knows, oldest first; nil where the issue was gone.
        var indexed: [(at: Timestamp, document: JSON?)] = []
    }

    /// A search whose pages are being read.
    struct OpenSearch: Sendable {
        let request: String
        let rest: [String]
        let until: Timestamp
    }

    struct State: Sendable {
        var password = SimulatedJira.token
        let token: TokenKind
        var searchDelay: Duration
        var setNow: Timestamp?
        var isAdministrator = true
        /// Projects with a scheme of security levels.
        var securedProjects: Set<String> = []

        var issues: [String: StoredIssue] = [:]
        /// The ids of moved issues by their former keys.
        var formerKeys: [String: String] = [:]
        var openSearches: [String: OpenSearch] = [:]
        var openChangelogs: [String: (request: String, start: Int)] = [:]
        var nextNumber = 900_001

        var fieldList: [JSON] = SimulatedJira.standardFields
        /// With `configuration` inside.
        var boards: [JSON] = []
        var sprints: [JSON] = []
        var webhooks: [JSON] = []
        var webhookSecrets: [String: String] = [:]
        /// Permissions in projects that the account lacks.
        var lackedPermissions: Set<String> = []
        /// Projects whose issues the account may not edit.
        var closedProjects: Set<String> = []
        /// Fields that are on no edit screen.
        var offScreen: Set<String> = []
        /// Properties by the ids of issues.
        var properties: [String: [String: JSON]] = [:]
        /// What the account itself did, in order, that webhooks would tell.
        var ownEvents: [OwnEvent] = []

        var counts: [Endpoint: Int] = [:]
        var violations: [String] = []
        var active = 0
        var mostConcurrent = 0
        var faults: [ScriptedFault] = []
        var refusedIssues: Set<String> = []
        var deleted: Set<String> = []

        init(token: TokenKind, searchDelay: Duration) {
            self.token = token
            self.searchDelay = searchDelay
        }

        var now: Timestamp {
            setNow ?? Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        }

        mutating func takeFaults(for endpoint: Endpoint) -> [Fault] {
            var taken: [Fault] = []
            for index in faults.indices where faults[index].left > 0 {
                guard faults[index].endpoint == nil || faults[index].endpoint == endpoint else { continue }
                faults[index].left -= 1
                taken.append(faults[index].fault)
            }
            faults.removeAll { $0.left == 0 }
            return taken
        }

        mutating func number() -> String {
            nextNumber += 1
            return "\(nextNumber)"
        }

        /// The issue as search sees it at this time.
        func indexed(_ issue: StoredIssue) -> JSON? {
            let seen = now.adding(milliseconds: -Int64(searchDelay / .milliseconds(1)))
            return issue.indexed.last { $0.at <= seen }?.document
        }

        /// Notes for search what an issue has become.
        mutating func index(_ id: String, at instant: Timestamp? = nil) {
            guard var issue = issues[id] else { return }
            // What no search will see any more is not kept.
            let seen = now.adding(milliseconds: -Int64(searchDelay / .milliseconds(1)))
            if let last = issue.indexed.lastIndex(where: { $0.at <= seen }), last > 0 {
                issue.indexed.removeFirst(last)
            }
            issue.indexed.append((instant ?? now, issue.document))
            issues[id] = issue
        }
    }

    static let standardFields: [JSON] = [
        field("summary", "Summary"), field("status", "Status"),
        field(
            "customfield_10016", "Story point estimate", "com.pyxis.greenhopper.jira:jsw-story-points"),
        field("customfield_10020", "Sprint", "com.pyxis.greenhopper.jira:gh-sprint"),
    ]

    /// A field as `/field` tells it.
    public static func field(
        _ id: String, _ name: String, _ customType: String? = nil, valueType: String = "any"
    ) -> JSON {
        var schema = JSON.object([("type", .string(valueType))])
        if let customType { schema["custom"] = .string(customType) }
        return .object([
            ("id", .string(id)), ("key", .string(id)), ("name", .string(name)), ("custom", .bool(customType != nil)),
            ("schema", schema),
        ])
    }
}
