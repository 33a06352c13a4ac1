import Domain

/// The part of JQL that consilod uses. Whatever else is asked is refused, as Jira refuses what it does not understand.
struct SimulatedJQL {
    private struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private enum Clause {
        case isOneOf(field: String, values: [String], negated: Bool)
        case compares(field: String, with: String, to: Timestamp)
    }

    private var clauses: [Clause] = []
    private var order: [(field: String, isDescending: Bool)] = []

    /// Throws with a sentence for what is not supported, and for a query without any restriction.
    init(_ text: String, now: Timestamp) throws {
        var tokens = try Self.tokens(of: text)[...]
        while let token = tokens.first, token.lowercased() != "order" {
            if !clauses.isEmpty {
                guard token.lowercased() == "and" else { throw Fault(description: "expected AND but got '\(token)'") }
                tokens.removeFirst()
            }
            clauses.append(try Self.clause(&tokens, now: now))
        }
        if tokens.first?.lowercased() == "order" {
            tokens.removeFirst()
            guard tokens.popFirst()?.lowercased() == "by" else { throw Fault(description: "expected BY") }
            repeat {
                guard let field = tokens.popFirst()?.lowercased(),
                    ["updated", "created", "key", "issuekey", "id"].contains(field)
                else { throw Fault(description: "cannot order by this field") }
                var isDescending = false
                if let word = tokens.first?.lowercased(), word == "asc" || word == "desc" {
                    isDescending = word == "desc"
                    tokens.removeFirst()
                }
                order.append((field, isDescending))
                guard order.count <= 7 else { throw Fault(description: "at most 7 fields to order by") }
            } while Self.skipComma(&tokens)
        }
        guard tokens.isEmpty else { throw Fault(description: "unexpected '\(tokens.joined(separator: " "))'") }
        guard !clauses.isEmpty else {
            throw Fault(
                description:
                    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
        }
    }

    func matches(_ document: JSON) -> Bool {
        clauses.allSatisfy { clause in
            switch clause {
            case .isOneOf(let field, let values, let negated):
                let own = Self.values(of: field, in: document)
                return negated ? !own.isEmpty && own.isDisjoint(with: values) : !own.isDisjoint(with: values)
            case .compares(let field, let comparison, let instant):
                guard let own = document["fields", field]?.text.flatMap({ Timestamp($0) }) else { return false }
                switch comparison {
                case ">=": return own >= instant
                case ">": return own > instant
                case "<=": return own <= instant
                default: return own < instant
                }
            }
        }
    }

    func sorted(_ documents: [JSON]) -> [JSON] {
        let keyed = documents.map { document in
            (order.map { Self.rank(of: $0.field, in: document) }, Self.rank(of: "id", in: document), document)
        }
        return keyed.sorted { first, second in
            for (index, by) in order.enumerated() where first.0[index] != second.0[index] {
                return (first.0[index] < second.0[index]) != by.isDescending
            }
            // Without an order Jira gives the newest first.
            return order.isEmpty ? first.1 > second.1 : first.1 < second.1
        }
        .map(\.2)
    }

    private static func rank(of field: String, in document: JSON) -> Int64 {
        switch field {
        case "updated", "created":
            return document["fields", field]?.text.flatMap { Timestamp($0) }?.milliseconds ?? 0
        case "id": return document["id"]?.text.flatMap { Int64($0) } ?? 0
        default:
            // Keys by their number, within what the tests have: one project at a time.
            return document["key"]?.text.flatMap { $0.split(separator: "-").last }.flatMap { Int64($0) } ?? 0
        }
    }

    private static func values(of field: String, in document: JSON) -> Set<String> {
        let own: [String?]
        switch field {
        case "project":
            own = ["key", "id", "name"].map { document["fields", "project", $0]?.text }
        case "id", "key", "issue", "issuekey": own = [document["id"]?.text, document["key"]?.text]
        case "statuscategory":
            let key = document["fields", "status", "statusCategory", "key"]?.text
            let names = ["new": "to do", "indeterminate": "in progress", "done": "done"]
            own = [key, key.flatMap { names[$0] }]
        default:
            own = (document["fields", "customfield_10020"]?.elements ?? []).flatMap { sprint in
                [
                    sprint["id"]?.int.map { "\($0)" }, sprint["name"]?.text,
                    sprint["state"]?.text == "active" ? "openSprints()" : nil,
                ]
            }
        }
        return Set(own.compactMap { $0?.lowercased() })
    }

    private static func clause(_ tokens: inout ArraySlice<String>, now: Timestamp) throws -> Clause {
        let name = tokens.popFirst() ?? ""
        let field = name.lowercased()
        let comparison = tokens.popFirst()?.lowercased() ?? ""
        if field == "updated" || field == "created" {
            guard [">=", ">", "<=", "<"].contains(comparison), let value = tokens.popFirst() else {
                throw Fault(description: "'\(name)' is compared with >=, >, <= or <")
            }
            return .compares(field: field, with: comparison, to: try instant(value, now: now))
        }
        guard ["project", "id", "key", "issue", "issuekey", "statuscategory", "sprint"].contains(field) else {
            throw Fault(description: "Field '\(name)' does not exist or you do not have permission to view it.")
        }
        switch comparison {
        case "=", "!=":
            guard let value = tokens.popFirst(), value != "(" else { throw Fault(description: "a value is missing") }
            return .isOneOf(field: field, values: [value.lowercased()], negated: comparison == "!=")
        case "in" where field == "sprint" && tokens.first?.lowercased() == "opensprints":
            guard Array(tokens.prefix(3).dropFirst()) == ["(", ")"] else {
                throw Fault(description: "no such function")
            }
            tokens.removeFirst(3)
            return .isOneOf(field: field, values: ["opensprints()"], negated: false)
        case "in":
            guard tokens.popFirst() == "(" else { throw Fault(description: "expected a list") }
            var values: [String] = []
            repeat {
                guard let value = tokens.popFirst(), value != ")" else { throw Fault(description: "an empty list") }
                values.append(value.lowercased())
            } while skipComma(&tokens)
            guard tokens.popFirst() == ")" else { throw Fault(description: "the list does not end") }
            return .isOneOf(field: field, values: values, negated: false)
        default: throw Fault(description: "unknown operator '\(comparison)'")
        }
    }

    private static func skipComma(_ tokens: inout ArraySlice<String>) -> Bool {
        guard tokens.first == "," else { return false }
        tokens.removeFirst()
        return true
    }

    /// `-90m`, `yyyy-MM-dd HH:mm` or `yyyy-MM-dd`, in UTC; Jira has no finer times than minutes.
    private static func instant(_ value: String, now: Timestamp) throws -> Timestamp {
        let units: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        if let unit = value.last, let seconds = units[unit], let count = Int64(value.dropLast()) {
            return now.adding(seconds: count * seconds)
        }
        let isDay = value.count == 10
        guard isDay || value.count == 16, let instant = Timestamp(isDay ? value + " 00:00" : value) else {
            throw Fault(description: "Date value '\(value)' is invalid.")
        }
        return instant
    }

    private static func tokens(of text: String) throws -> [String] {
        var tokens: [String] = []
        var rest = text[...]
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first == "\"" || first == "'" {
                rest.removeFirst()
                var value = ""
                while let next = rest.popFirst(), next != first {
                    if next == "\\", let escaped = rest.popFirst() { value.append(escaped) } else { value.append(next) }
                }
                tokens.append(value)
            } else if "(),".contains(first) {
                tokens.append(String(rest.removeFirst()))
            } else if "<>=!".contains(first) {
                tokens.append(String(rest.prefix { "<>=!".contains($0) }))
                rest = rest.drop { "<>=!".contains($0) }
            } else {
                let word = rest.prefix { !$0.isWhitespace && !"(),<>=!\"'".contains($0) }
                guard !word.isEmpty else { throw Fault(description: "unexpected '\(first)'") }
                tokens.append(String(word))
                rest = rest.dropFirst(word.count)
            }
        }
        return tokens
    }
}
