import Domain

/// Puts together what comments, links and the status say of the same cause (decision 0026).
///
/// - An issue's key is a cause: comments whose sentence names it and the link to it are one blocker.
/// - A comment that says "still" or "again", names no other issue and is of the same kind, repeats the one before.
/// - The status says that there is an impediment, and not which one: it is a cause of its own only alone.
struct CausesOfBlockers {
    /// What a comment says.
    struct Statement {
        var blocker: Blocker
        /// The keys that its sentence names.
        var keys: [String]
        /// Whether its words say that it was so before.
        var repeats: Bool
    }

    private var comments: [Blocker] = []
    private var links: [Blocker] = []
    private var status: Blocker?
    /// Positions in ``comments``.
    private var byKey: [String: Int] = [:]
    private let finishedKeys: Set<String>

    /// `finished`: the keys of finished issues that a link says blocked this one.
    init(finished: Set<String>) { finishedKeys = finished }

    /// In the order of ``OpenBlockers/find(in:names:upstream:)``.
    var blockers: [Blocker] { comments + (status.map { [$0] } ?? []) + links }

    /// Adds a comment's blocker; comments come oldest first.
    mutating func add(_ statement: Statement) {
        // What it waits for is done, as the link knows.
        if !statement.keys.isEmpty, statement.keys.allSatisfy(finishedKeys.contains) { return }
        let known = statement.keys.compactMap { byKey[$0] }.first
        let place = known ?? repeated(by: statement)
        if let place {
            comments[place].add(statement.blocker)
            comments[place].unansweredSince = statement.blocker.unansweredSince.map {
                min($0, comments[place].unansweredSince ?? $0)
            }
        } else {
            comments.append(statement.blocker)
        }
        for key in statement.keys where byKey[key] == nil { byKey[key] = place ?? comments.count - 1 }
    }

    /// The newest comment's blocker, where the statement says that again: of no other issue, and of the same kind.
    private func repeated(by statement: Statement) -> Int? {
        guard statement.repeats, statement.keys.isEmpty, let last = comments.indices.last else { return nil }
        let (old, new) = (Set(comments[last].categories), Set(statement.blocker.categories))
        let isSilent = [old, new].contains([BlockerCategory.uncategorized])
        return isSilent || !old.isDisjoint(with: new) ? last : nil
    }

    /// Adds a link to an unfinished issue, `key`; after all comments.
    mutating func add(_ link: Blocker, key: String?) {
        if let key, let place = byKey[key] { comments[place].add(link) } else { links.append(link) }
    }

    /// Adds that the status says so; last.
    mutating func addStatus(_ blocker: Blocker) {
        if !comments.isEmpty {
            comments[comments.count - 1].add(blocker)
        } else if !links.isEmpty {
            links[links.count - 1].add(blocker)
        } else if status != nil {
            status?.add(blocker)
        } else {
            status = blocker
        }
    }
}

extension Blocker {
    /// Takes over what `other` says of the same cause.
    fileprivate mutating func add(_ other: Blocker) {
        furtherEvidence = (furtherEvidence ?? []) + [other.evidence] + (other.furtherEvidence ?? [])
        let named = (categories + other.categories).filter { $0 != BlockerCategory.uncategorized }
        let known = BlockerCategory.allCases.map(\.rawValue).filter(named.contains)
        if !known.isEmpty { categories = known }
    }

    /// All it rests on, the main evidence first.
    var allEvidence: [Evidence] { [evidence] + (furtherEvidence ?? []) }
}

/// Keys of issues in a text.
enum IssueKeys {
    /// The keys in `text`, in their order, each once: a capital, capitals, digits or `_`, a hyphen, digits.
    static func all(in text: String) -> [String] {
        var keys: [String] = []
        for word in text.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }) {
            let parts = word.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].count >= 2, let first = parts[0].utf8.first,
                (0x41...0x5A).contains(first), !parts[1].isEmpty,
                parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                parts[0].utf8.allSatisfy({ (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F })
            else { continue }
            if !keys.contains(String(word)) { keys.append(String(word)) }
        }
        return keys
    }
}
