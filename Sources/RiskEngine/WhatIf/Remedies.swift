public import Domain

/// The least that brings the score of an issue below a value.
public struct Remedies: Sendable, Hashable {
    /// The value to get below.
    public struct Goal: Sendable, Hashable {
        /// Where a value comes from.
        public enum Origin: Sendable, Hashable {
            /// Somebody asked for it.
            case request
            /// An alert rule of this name is cleared below it.
            case rule(String)
            /// The next lower band ends there.
            case band
        }

        /// 1–100.
        public var below: Int
        /// Where it comes from.
        public var origin: Origin

        public init(below: Int, _ origin: Origin) {
            self.below = below
            self.origin = origin
        }
    }

    /// The analysis as of now.
    public var analysis: Analysis
    /// Whether the issue is done or gone.
    public var isOver: Bool
    /// The value to get below.
    public var goal: Goal
    /// The fewest actions that get there and, among those, the ones with the least effort; where no set does, the fewest that
    /// lead to the lowest score. By name.
    public var actions: [RemedyAction]
    /// The score after them.
    public var score: Int
    /// How many actions there are for the issue.
    public var considered: Int

    /// Whether the actions bring the score below the value.
    public var isReached: Bool { score < goal.below }

    public init(
        analysis: Analysis, isOver: Bool, goal: Goal, actions: [RemedyAction], score: Int, considered: Int
    ) {
        self.analysis = analysis
        self.isOver = isOver
        self.goal = goal
        self.actions = actions
        self.score = score
        self.considered = considered
    }
}
