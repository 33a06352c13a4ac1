/// What a sprint took on, and what became of it.
///
/// Every issue that was in the sprint at its start or later is either in it at its close, completed or not, or removed:
/// `committed` and `added` together are `completed`, `notCompleted` and `removed` together.
public struct SprintScope: Sendable, Hashable, Codable {
    /// One issue of a scope.
    public struct Item: Sendable, Hashable, Codable {
        /// The issue's key.
        public var key: IssueKey
        /// The estimate as it is now; nil without one.
        public var storyPoints: Double?

        public init(key: IssueKey, storyPoints: Double?) {
            self.key = key
            self.storyPoints = storyPoints
        }

        enum CodingKeys: String, CodingKey {
            case key
            case storyPoints = "story_points"
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(key, forKey: .key)
            // As null, so that every item has the same members.
            try container.encode(storyPoints, forKey: .storyPoints)
        }
    }

    /// A set of issues and their sum.
    public struct Part: Sendable, Hashable, Codable {
        /// The number of `issues`.
        public var count: Int
        /// The sum; an issue without an estimate adds nothing.
        public var storyPoints: Double
        /// By key.
        public var issues: [Item]

        public init(_ issues: [Item]) {
            self.count = issues.count
            self.storyPoints = issues.reduce(0) { $0 + ($1.storyPoints ?? 0) }
            self.issues = issues
        }

        enum CodingKeys: String, CodingKey {
            case count, issues
            case storyPoints = "story_points"
        }
    }

    /// In the sprint at its start; of a sprint that has not started, what it holds now.
    public var committed: Part
    /// Put into the sprint after its start, whether or not it stayed.
    public var added: Part
    /// Taken out of the sprint after its start.
    public var removed: Part
    /// In the sprint at its close (now, while it runs) and done then.
    public var completed: Part
    /// In the sprint at its close (now, while it runs) and not done then.
    public var notCompleted: Part

    public init(committed: Part, added: Part, removed: Part, completed: Part, notCompleted: Part) {
        self.committed = committed
        self.added = added
        self.removed = removed
        self.completed = completed
        self.notCompleted = notCompleted
    }

    enum CodingKeys: String, CodingKey {
        case committed, added, removed, completed
        case notCompleted = "not_completed"
    }
}
