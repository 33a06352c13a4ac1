import Domain

extension RuleAdvice {
    /// Alerts without which nothing is said, and missed issues without which nothing is said of what was not found.
    static let fewest = 10
    /// So much of the alerts that can be judged is too much noise.
    private static let noiseLimit = 0.5
    /// A rule of which surely less than this comes true comes to nothing.
    private static let precisionLimit = 0.25
    /// A rule that finds less than this of what is missed finds too little.
    private static let recallLimit = 0.5

    /// The advice for a rule, by rules of its own (decision 0041): the first that applies.
    init(_ rule: AlertRule, _ card: AlertScorecard, _ alerts: [JudgedAlert]) {
        if let advice = Self.byAlerts(rule, card, alerts) {
            self = advice
        } else if card.recall.total >= Self.fewest, let share = card.recall.share, share < Self.recallLimit {
            self.init(
                kind: .lower, field: Self.field(of: rule), value: nil,
                sentence: """
                    \(card.recall.count) of the \(card.recall.total) issues that missed a deadline had an alert of \
                    “\(rule.name)” before. A lower \(Self.field(of: rule)) finds more of them: try one before you set it.
                    """)
        } else if card.raised < Self.fewest {
            self.init(
                kind: .tooFew, field: nil, value: nil,
                sentence: "“\(rule.name)” raised \(card.raised) alerts, which are too few to judge it by.")
        } else {
            self.init(
                kind: .keep, field: nil, value: nil, sentence: "There is nothing to change about “\(rule.name)”.")
        }
    }

    private static func field(of rule: AlertRule) -> String {
        rule.condition.kind == .spike ? "points" : "raise_at"
    }

    /// What its own alerts say against it.
    private static func byAlerts(_ rule: AlertRule, _ card: AlertScorecard, _ alerts: [JudgedAlert]) -> RuleAdvice? {
        guard card.raised >= fewest else { return nil }
        if card.noise.total >= fewest, let share = card.noise.share, share > noiseLimit {
            return dropping(
                alerts.filter { $0.isNoise == true && $0.verdict != .right }, of: rule, alerts,
                why: """
                    \(card.noise.count) of \(card.noise.total) alerts of “\(rule.name)” cleared within a day with \
                    nothing done.
                    """)
        }
        if card.precision.total >= fewest, card.precision.interval.upperBound < precisionLimit {
            return dropping(
                alerts.filter { $0.verdict == .wrong }, of: rule, alerts,
                why: """
                    \(card.precision.count) of \(card.precision.total) alerts of “\(rule.name)” that can be judged came \
                    true.
                    """)
        }
        return nil
    }

    /// The lowest higher value that drops more than half of `bad`, and none that came true.
    private static func dropping(
        _ bad: [JudgedAlert], of rule: AlertRule, _ alerts: [JudgedAlert], why: String
    ) -> RuleAdvice {
        let right = alerts.filter { $0.verdict == .right }
        let highest = right.compactMap { reached(by: $0.alert, of: rule) }.min() ?? 100
        if let value = value(of: rule), value < highest {
            for candidate in (value + 1)...highest {
                let dropped = bad.count { reached(by: $0.alert, of: rule).map { $0 < candidate } ?? false }
                guard dropped * 2 > bad.count else { continue }
                let kept = right.isEmpty ? "" : ", and kept all \(right.count) that came true"
                return RuleAdvice(
                    kind: .raise, field: field(of: rule), value: candidate,
                    sentence: """
                        \(why) \(field(of: rule)) of \(candidate) in place of \(value) would have dropped \(dropped) of \
                        \(bad.count)\(kept).
                        """)
            }
        }
        return RuleAdvice(
            kind: .narrow, field: nil, value: nil,
            sentence: """
                \(why) No higher value drops most of them and keeps what came true: limit the rule to the projects that \
                need it, or delete it.
                """)
    }

    /// What an alert is raised at; nil for a rule on the forecast, whose alerts are told by their scores.
    private static func value(of rule: AlertRule) -> Int? {
        switch rule.condition {
        case .threshold(let raiseAt, _): raiseAt
        case .spike(let points, _): points
        case .forecast: nil
        }
    }

    /// The highest value with which the rule had raised the alert; nil where that is not known.
    private static func reached(by alert: RaisedAlert, of rule: AlertRule) -> Int? {
        switch rule.condition {
        case .threshold: alert.score
        case .spike: alert.spikeFrom.map { alert.score - $0 }
        case .forecast: nil
        }
    }
}
