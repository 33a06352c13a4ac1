extension DigestContent {
    /// What the scorecards of the rules say, in a weekly digest.
    public struct RuleReview: Sendable, Hashable, Codable {
        /// Rules that are named.
        private static let limit = 10

        /// How many days before the digest the scorecards speak of.
        public var lastDays: Int
        /// The enabled rules that are to be changed, those that raised the most alerts first; at most ten.
        public var changes: [RuleLine]
        /// Why nothing is known, in a part of a sentence; nil where the scorecards were made.
        public var failure: String?

        public init(lastDays: Int, changes: [RuleLine] = [], failure: String? = nil) {
            self.lastDays = lastDays
            self.changes = Array(changes.sorted { ($1.raised, $0.name) < ($0.raised, $1.name) }.prefix(Self.limit))
            self.failure = failure
        }

        private enum CodingKeys: String, CodingKey { case lastDays, changes, failure }
    }

    /// A rule that is to be changed, with the figures of its scorecard.
    public struct RuleLine: Sendable, Hashable, Codable {
        /// The rule's name.
        public var name: String
        /// What to change about it.
        public var advice: RuleAdvice
        /// How many alerts it raised.
        public var raised: Int
        /// Of the alerts that can be judged, those that came true.
        public var precision: Proportion
        /// Of the alerts that are a day old or have cleared, those that cleared within a day with nothing done.
        public var noise: Proportion
        /// Of the issues that missed a deadline, those that had such an alert before.
        public var recall: Proportion

        public init(
            name: String, advice: RuleAdvice, raised: Int, precision: Proportion, noise: Proportion, recall: Proportion
        ) {
            self.name = name
            self.advice = advice
            self.raised = raised
            self.precision = precision
            self.noise = noise
            self.recall = recall
        }

        private enum CodingKeys: String, CodingKey { case name, advice, raised, precision, noise, recall }
    }
}
