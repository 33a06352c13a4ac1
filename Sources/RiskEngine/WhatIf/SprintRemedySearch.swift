/// Finds the least set of actions for several issues at once, which brings what is expected of all of them below a value.
///
/// Exact, without looking at every set: what one issue adds depends on the actions for that issue alone, but for those that several
/// issues share. Every set of the shared ones is looked at; with one of them given, the issues are taken one after the other, and of the
/// ways to spend so many actions and so much effort on those so far only the best is kept. Pure.
public struct SprintRemedySearch: Sendable {
    /// A set of actions for one issue, and what the issue adds after it.
    public struct Option: Sendable, Hashable {
        /// By their places among all actions, ascending.
        public var positions: [Int]
        /// How much the issue is expected to miss, in millionths.
        public var misses: Int

        public init(positions: [Int], misses: Int) {
            self.positions = positions
            self.misses = misses
        }
    }

    /// An issue with every set of its actions.
    public struct Member: Sendable, Hashable {
        /// The empty set among them.
        public var options: [Option]
        /// The shared action that finishes the issue: after it, it misses nothing. Nil for none.
        public var endedBy: Int?

        public init(options: [Option], endedBy: Int? = nil) {
            self.options = options
            self.endedBy = endedBy
        }
    }

    /// A set of actions, and what it leads to.
    public struct Found: Sendable, Hashable {
        /// Ascending.
        public var positions: [Int]
        /// Of all issues together, in millionths.
        public var misses: Int

        public init(positions: [Int], misses: Int) {
            self.positions = positions
            self.misses = misses
        }
    }

    /// Most actions of a set: more are no list that somebody works through.
    public static let sizeLimit = 12

    private let efforts: [Int]
    private let shared: [Int]
    private let members: [Member]
    private let fixed: Int

    /// - Parameters:
    ///   - efforts: of each action, 1 or more.
    ///   - shared: the places of the actions that more than one member has, or that end one; each set of them is looked at.
    ///   - fixed: what is expected of issues for which there is nothing to do, in millionths.
    public init(efforts: [Int], shared: [Int], members: [Member], fixed: Int = 0) {
        self.efforts = efforts
        self.shared = shared
        self.members = members
        self.fixed = fixed
    }

    /// The set that brings the sum below `target`, in millionths: of the fewest actions, then of the least effort, then with the lowest
    /// sum, then of the first places. Where no set does, the one with the lowest sum, then of the fewest actions, and so on.
    public func least(below target: Int) -> Found {
        var best: Way?
        for chosen in Self.subsets(of: shared) {
            for way in ways(with: chosen) where best.map({ way.isBetter(than: $0, below: target) }) ?? true {
                best = way
            }
        }
        return Found(positions: best?.positions ?? [], misses: best?.misses ?? fixed)
    }

    /// All sets of these, the empty one first.
    public static func subsets(of positions: [Int]) -> [[Int]] {
        (0..<(1 << positions.count)).map { mask in
            positions.indices.filter { mask & (1 << $0) != 0 }.map { positions[$0] }
        }
    }

    // MARK: Ways

    /// Actions for the members so far.
    private struct Way {
        var effort: Int
        var misses: Int
        var positions: [Int]

        func isBetter(than other: Way, below target: Int) -> Bool {
            let (isThere, isOtherThere) = (misses < target, other.misses < target)
            guard isThere == isOtherThere else { return isThere }
            let mine = isThere ? [positions.count, effort, misses] : [misses, positions.count, effort]
            let others =
                isThere
                ? [other.positions.count, other.effort, other.misses]
                : [other.misses, other.positions.count, other.effort]
            guard mine == others else { return mine.lexicographicallyPrecedes(others) }
            return positions.lexicographicallyPrecedes(other.positions)
        }
    }

    /// The best ways with these of the shared actions and no other of them.
    private func ways(with chosen: [Int]) -> [Way] {
        let limit = Self.sizeLimit - chosen.count
        guard limit >= 0 else { return [] }
        let effort = chosen.reduce(0) { $0 + efforts[$1] }
        // By the number of actions beside the chosen ones.
        var ways = [[Way]](repeating: [], count: limit + 1)
        ways[0] = [Way(effort: effort, misses: fixed, positions: [])]
        for member in members {
            let steps = undominatedSteps(options(of: member, with: Set(chosen)))
            var next = [[Way]](repeating: [], count: limit + 1)
            for (count, known) in ways.enumerated() {
                for way in known {
                    for step in steps where count + step.positions.count <= limit {
                        next[count + step.positions.count].append(
                            Way(
                                effort: way.effort + step.effort, misses: way.misses + step.misses,
                                positions: way.positions + step.positions))
                    }
                }
            }
            ways = next.map(Self.undominated)
        }
        return ways.flatMap { $0 }.map { way in
            Way(effort: way.effort, misses: way.misses, positions: (chosen + way.positions).sorted())
        }
    }

    /// What can be done about a member where just these of the shared actions are done, without them.
    private func options(of member: Member, with chosen: Set<Int>) -> [Option] {
        if let end = member.endedBy, chosen.contains(end) { return [Option(positions: [], misses: 0)] }
        let common = Set(shared)
        let theirs = Set(member.options.flatMap(\.positions)).intersection(common)
        return member.options.compactMap { option in
            guard common.intersection(option.positions) == chosen.intersection(theirs) else { return nil }
            return Option(positions: option.positions.filter { !common.contains($0) }, misses: option.misses)
        }
    }

    /// Those of the options that can be part of the best.
    private func undominatedSteps(_ options: [Option]) -> [Way] {
        let steps = options.map { option in
            Way(
                effort: option.positions.reduce(0) { $0 + efforts[$1] }, misses: option.misses,
                positions: option.positions)
        }
        return Dictionary(grouping: steps, by: \.positions.count).sorted { $0.key < $1.key }
            .flatMap { Self.undominated($0.value) }
    }

    /// Of ways with one number of actions those than which no other takes less or as much effort and misses less or as much.
    private static func undominated(_ ways: [Way]) -> [Way] {
        let sorted = ways.sorted { a, b in
            guard a.effort == b.effort else { return a.effort < b.effort }
            guard a.misses == b.misses else { return a.misses < b.misses }
            return a.positions.lexicographicallyPrecedes(b.positions)
        }
        var kept: [Way] = []
        for way in sorted where kept.last.map({ way.misses < $0.misses }) ?? true { kept.append(way) }
        return kept
    }
}
