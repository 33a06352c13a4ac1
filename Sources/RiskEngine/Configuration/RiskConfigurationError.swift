/// A risk configuration that makes no sense, named by its key.
public struct RiskConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key as the configuration file spells it, below `scoring`: `caps`, `people.jane.role`.
    public var key: String
    /// What is wrong with its value, as a clause that follows the key.
    public var problem: String

    /// `problem` reads on from the key: `must be from 0 to 100, not -1`.
    public init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }

    /// `scoring.<key> <problem>`.
    public var description: String { "scoring.\(key) \(problem)" }
}
