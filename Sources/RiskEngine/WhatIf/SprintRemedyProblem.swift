public import Domain

/// What can be done about the open issues of a sprint, and what each issue is after each set of it. Pure.
///
/// What an issue's actions do to other issues is left out, but for issues that are finished: then the answer is that somewhat less would
/// do, and never that less does than it takes.
public struct SprintRemedyProblem: Sendable {
    /// Most issues that actions are looked for of.
    public static let issueLimit = 32
    /// Most actions of one issue, so that an issue has 128 sets of them.
    public static let actionLimit = 7
    /// Those of them that finish an issue that blocks it, at most.
    public static let blockingLimit = 3
    /// Most actions that concern several issues: all sets of them are looked at.
    public static let sharedLimit = 4

    /// What can be done.
    public struct Action: Sendable, Hashable {
        /// For the issue or, where there are several, for each of them.
        public var action: RemedyAction
        /// By key.
        public var issueKeys: [IssueKey]
    }

    /// An issue at hand, with what there is to do about it.
    struct Part: Sendable {
        var found: IssueAnalyst.Found
        var actions: [RemedyAction]
        /// With the readings of all texts that the actions write.
        var input: ScoringInput

        var key: IssueKey { found.issue.key }
    }

    /// An issue after a set of its actions.
    public struct Outcome: Sendable {
        /// 0–100.
        public var riskScore: Int
        /// What a forecast is made of.
        public var past: IssuePast
    }

    /// An issue with its actions.
    public struct Member: Sendable {
        /// The issue.
        public let issueID: IssueID
        /// What is held about it.
        public let work: IssueWork
        /// What sprint webhooks said of its sprints.
        public let sprintRecords: [SprintRecord]
        /// Where each of its actions stands among all.
        public let positions: [Int]
        /// Where the action stands that finishes it; nil where none does.
        public let endedBy: Int?
        private let problem: RemedyProblem

        fileprivate init(_ part: Part, actions: [RemedyAction], positions: [Int], endedBy: Int?) {
            issueID = part.found.issue.id
            work = part.found.work
            sprintRecords = part.found.sprintRecords
            self.positions = positions
            self.endedBy = endedBy
            problem = RemedyProblem(actions, of: part.found.hypothesis, input: part.input)
        }

        /// Every set of its actions, by their indices in ``positions``; the empty one first.
        public var sets: [[Int]] { SprintRemedySearch.subsets(of: Array(positions.indices)) }

        /// The issue after a set; nil for one of which too little is known.
        public func outcome(after set: [Int]) -> Outcome? {
            problem.past(after: set, project: work.project).map {
                Outcome(riskScore: problem.score(after: set), past: $0)
            }
        }

        /// A set by the places of its actions among all, ascending.
        public func places(of set: [Int]) -> [Int] { set.map { positions[$0] }.sorted() }
    }

    /// Those that concern several issues first, by name; then those of each issue.
    public let actions: [Action]
    /// How many of them concern several issues, or finish one of them.
    public let sharedCount: Int
    /// By key.
    public let members: [Member]

    init(_ parts: [Part]) {
        let parts = parts.sorted { $0.key < $1.key }
        let shared = Self.shared(of: parts)
        let kept = Set(shared.prefix(Self.sharedLimit))
        let left = Set(shared).subtracting(kept)
        let common = kept.sorted()
        var actions = common.compactMap { name -> Action? in
            let concerned = parts.filter { part in part.actions.contains { $0.name == name } }
            guard let action = concerned.first?.actions.first(where: { $0.name == name }) else { return nil }
            return Action(action: action, issueKeys: concerned.map(\.key))
        }
        sharedCount = actions.count
        var members: [Member] = []
        for part in parts {
            let own = part.actions.filter { !left.contains($0.name) }
            var positions: [Int] = []
            for action in own {
                if let place = common.firstIndex(of: action.name) {
                    positions.append(place)
                } else {
                    positions.append(actions.count)
                    actions.append(Action(action: action, issueKeys: [part.key]))
                }
            }
            members.append(
                Member(part, actions: own, positions: positions, endedBy: common.firstIndex(of: Self.end(of: part.key)))
            )
        }
        self.actions = actions
        self.members = members
    }

    /// The name of the action that finishes an issue.
    private static func end(of key: IssueKey) -> String {
        "\(RemedyAction.Kind.finishBlockingIssue.rawValue):\(key)"
    }

    /// The names of the actions that several issues have, or that finish one of them: those that concern the most first.
    private static func shared(of parts: [Part]) -> [String] {
        let ends = Set(parts.map { end(of: $0.key) })
        let blocking = parts.flatMap(\.actions).filter { $0.kind == .finishBlockingIssue }
        let counts = Dictionary(grouping: blocking, by: \.name).mapValues(\.count)
        return counts.filter { $0.value > 1 || ends.contains($0.key) }
            .sorted { a, b in a.value == b.value ? a.key < b.key : a.value > b.value }
            .map(\.key)
    }
}
