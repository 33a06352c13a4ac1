extension Question {
    /// `usual`, `due`, `sprint`, or the days of a horizon as in `30d`.
    public var name: String {
        switch self {
        case .usual: "usual"
        case .due: "due"
        case .sprint: "sprint"
        case .horizon(let days): "\(days)d"
        }
    }

    /// The question of a name; nil for another text. A horizon has 1 to 1460 days, as far as the bins reach.
    public init?(name: String) {
        switch name {
        case "usual": self = .usual
        case "due": self = .due
        case "sprint": self = .sprint
        default:
            guard name.hasSuffix("d"), let days = Int(name.dropLast()), (1...1460).contains(days), name == "\(days)d"
            else {
                return nil
            }
            self = .horizon(days: days)
        }
    }
}
