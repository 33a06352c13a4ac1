extension IssueForecast.Answer {
    /// What it says, in one sentence without a full stop.
    public var sentence: String {
        if let lateByDays { return "\(lateByDays) \(lateByDays == 1 ? "day" : "days") past \(deadlineInWords)" }
        if let percent {
            let basis = rung == .age ? ", by its age alone" : ""
            return "\(percent) % likely to be done after \(deadlineInWords)\(basis)"
        }
        if let level {
            return "\(level.rawValue) risk of being done after \(deadlineInWords), from other teams' history"
        }
        return "no forecast for \(deadlineInWords) yet"
    }

    /// The deadline with its day: a due day that ends at midnight is the day before.
    public var deadlineInWords: String {
        let day = deadline.adding(milliseconds: -1).utcDay
        return switch question {
        case .usual: "the team's usual time (\(day))"
        case .due: "its due date (\(day))"
        case .sprint: "the end of its sprint (\(day))"
        }
    }
}

extension IssueForecast {
    /// How old the issue is among what the team finished; nil where nothing was finished.
    public var ageSentence: String? {
        switch agePercentile {
        case nil: nil
        case 0: "It is younger than anything that this team finished"
        case 100: "It is older than all that this team finished"
        case let share?: "It is older than \(share) % of what this team finished"
        }
    }
}

extension [MissingEvidence] {
    /// `12 of 50 finished issues`; nil where nothing is missing.
    public var sentence: String? {
        isEmpty ? nil : map { "\($0.have) of \($0.need) \($0.kind.words)" }.joined(separator: ", ")
    }
}
