import Domain

/// The original product's blockers: comments that contain one of its keywords anywhere, in lower case.
///
/// Kept to the letter for the `classic` profile, its mistakes included: "released yesterday" is a blocker, and nothing
/// ever resolves one.
struct SeedBlockers: Sendable {
    private static let keywords: [(category: BlockerCategory, keywords: [String])] = [
        (.technicalDebt, ["refactor", "technical debt", "legacy code", "deprecated"]),
        (.dependency, ["waiting on", "blocked by", "depends on", "dependency"]),
        (.resource, ["need help", "need resource", "understaffed", "capacity"]),
        (.external, ["vendor", "third party", "external team", "partner"]),
        (.requirements, ["unclear requirements", "missing spec", "need clarification"]),
        (.testing, ["test failure", "qa blocker", "test environment"]),
        (.deployment, ["deploy", "release", "environment issue", "infrastructure"]),
    ]

    private struct Keyword: Sendable {
        var bytes: [UInt8]
        /// Nil for the words that only make a blocker where no category does.
        var category: BlockerCategory?
    }

    /// By first byte.
    private let byFirstByte: [[Keyword]]

    init() {
        var table = [[Keyword]](repeating: [], count: 256)
        func add(_ word: String, _ category: BlockerCategory?) {
            let bytes = Array(word.utf8)
            table[Int(bytes[0])].append(Keyword(bytes: bytes, category: category))
        }
        for (category, words) in Self.keywords {
            for word in words { add(word, category) }
        }
        add("blocked", nil)
        add("blocker", nil)
        byFirstByte = table
    }

    /// The blockers among `comments`, in their order.
    func find(in comments: [Comment]) -> [Blocker] {
        comments.compactMap { comment in
            guard let categories = categories(of: comment.body) else { return nil }
            return Blocker(comment, categories: categories)
        }
    }

    private static func stands(_ keyword: [UInt8], in bytes: [UInt8], at start: Int) -> Bool {
        guard start + keyword.count <= bytes.count else { return false }
        for index in 1..<keyword.count where bytes[start + index] != keyword[index] { return false }
        return true
    }

    /// Nil when the text holds, or held before it was erased, no keyword.
    func categories(of text: String) -> [String]? {
        if let erased = ErasedText(text) { return erased.keywords }
        // Lower case for ASCII is enough: the keywords have no other letters.
        let bytes = text.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        var found: Set<BlockerCategory> = []
        var isUncategorized = false
        for start in bytes.indices {
            for keyword in byFirstByte[Int(bytes[start])] where Self.stands(keyword.bytes, in: bytes, at: start) {
                if let category = keyword.category { found.insert(category) } else { isUncategorized = true }
            }
        }
        if found.isEmpty { return isUncategorized ? [BlockerCategory.uncategorized] : nil }
        return BlockerCategory.allCases.filter(found.contains).map(\.rawValue)
    }
}

extension Blocker {
    /// A blocker that a comment speaks of.
    init(_ comment: Comment, categories: [String]) {
        let snippet = comment.quote(comment.body, limit: 200)
        self.init(
            author: comment.authorName, date: comment.created, snippet: snippet, categories: categories,
            evidence: Evidence(
                kind: .comment, id: comment.id.rawValue, at: comment.created, note: snippet,
                restrictedNote: comment.restrictedQuote(comment.body, limit: 200)))
    }
}
