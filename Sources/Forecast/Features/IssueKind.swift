/// What kind of work an issue is, by the words in the name of its type.
enum IssueKind: Sendable, Hashable {
    case bug, story, improvement, feature, task, subtask, epic, documentation, other

    /// Tried in this order: a `Documentation Task` is documentation, a `Bug Story` a bug.
    private static let words: [(word: String, kind: IssueKind)] = [
        ("bug", .bug), ("story", .story), ("improvement", .improvement), ("feature", .feature), ("epic", .epic),
        ("doc", .documentation), ("task", .task),
    ]

    init(name: String, isSubtask: Bool) {
        let name = name.lowercased()
        // Jira's own type for sub-tasks was once called `Technical task`.
        if isSubtask || name.contains("sub") || name == "technical task" {
            self = .subtask
        } else {
            self = Self.words.first { name.contains($0.word) }?.kind ?? .other
        }
    }

    /// The feature that is 1 for it; nil for a kind without one.
    var feature: Feature? {
        switch self {
        case .bug: .isBug
        case .story: .isStory
        case .improvement: .isImprovement
        case .feature: .isFeature
        case .task: .isTask
        case .subtask: .isSubtask
        case .epic: .isEpic
        case .documentation: .isDocumentation
        case .other: nil
        }
    }

    static let features: [Feature] = [
        .isBug, .isStory, .isImprovement, .isFeature, .isTask, .isSubtask, .isEpic, .isDocumentation,
    ]
}

/// Jira's two series of priorities, of today and of before 2014, on one scale.
enum PriorityRank {
    private static let ranks = [
        "blocker": 5, "highest": 5, "critical": 4, "high": 4, "major": 3, "medium": 3, "minor": 2, "low": 2,
        "trivial": 1, "lowest": 1,
    ]

    /// 1 (lowest) to 5 (highest); nil for none and for a name that is in neither series.
    static func of(_ name: String?) -> Int? { name.flatMap { ranks[$0.lowercased()] } }
}

/// What a sample knows of a text.
struct TextTraits: Sendable, Hashable {
    /// In Unicode scalars.
    var length: Int
    /// Whether it holds a code block of wiki markup or Markdown, an exception or a stack trace.
    var hasCode: Bool

    init(_ text: String?) {
        guard let text, !text.isEmpty else {
            length = 0
            hasCode = false
            return
        }
        length = text.unicodeScalars.count
        hasCode = Self.marks.contains { text.utf8.contains($0) }
    }

    private static let marks: [[UInt8]] = ["{code", "{noformat", "```", "Exception", "\tat "].map { Array($0.utf8) }
}

extension Sequence<UInt8> {
    /// Whether the bytes stand in it, one after the other. `mark` begins with a byte that it does not repeat.
    fileprivate func contains(_ mark: [UInt8]) -> Bool {
        var matched = 0
        for byte in self {
            if byte == mark[matched] {
                matched += 1
                if matched == mark.count { return true }
            } else {
                matched = byte == mark[0] ? 1 : 0
            }
        }
        return false
    }
}
