/// What to change about a rule, by its scorecard.
///
/// A digest is stored with it: a new member is optional, and the words of the kinds stay.
public struct RuleAdvice: Sendable, Hashable, Codable {
    /// The kinds by the words of the API.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// There are too few alerts to say anything.
        case tooFew = "too_few"
        /// A higher value would have dropped most of what was noise or came to nothing, and nothing that came true.
        case raise
        /// No value does that: fewer projects, or another kind of rule.
        case narrow
        /// Most of what was missed had no alert.
        case lower
        /// Nothing is to be changed.
        case keep

        /// Whether the rule is to be changed.
        public var isChange: Bool {
            switch self {
            case .raise, .narrow, .lower: true
            case .tooFew, .keep: false
            }
        }
    }

    /// Which.
    public var kind: Kind
    /// The field of the rule to change, `raise_at` or `points`; nil for none.
    public var field: String?
    /// The value to set; nil where none is named.
    public var value: Int?
    /// In one or two sentences for people.
    public var sentence: String

    public init(kind: Kind, field: String?, value: Int?, sentence: String) {
        self.kind = kind
        self.field = field
        self.value = value
        self.sentence = sentence
    }

    private enum CodingKeys: String, CodingKey { case kind, field, value, sentence }
}
