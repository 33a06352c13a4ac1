import Domain

/// Decides which values stand in Jira, and within what they are good enough.
///
/// The store finds the issues that have left their window; together they say that a write is due when nothing was written,
/// when the band is another, when the score differs by a step, or when the forecast's date appeared, went or moved by a step.
enum WriteBackPlanner {
    /// Most characters of a text field of one line.
    /// <https://confluence.atlassian.com/adminjiracloud/custom-fields-types-in-company-managed-projects-972332286.html>
    static let lineLimit = 255

    /// Within what `risk`, once it is written, need not be written again.
    static func window(of risk: WrittenRisk, _ settings: WriteBackSettings) -> WriteWindow {
        let (band, step) = (risk.band.scores, settings.stepPoints - 1)
        let scores = max(band.lowerBound, risk.score - step)...min(band.upperBound, risk.score + step)
        guard settings.writesForecast, let at = risk.forecastAt else { return WriteWindow(scores: scores) }
        return WriteWindow(
            scores: scores, forecastAfter: at.adding(days: -settings.stepDays),
            forecastBefore: at.adding(days: settings.stepDays))
    }

    /// The value of each configured field; null where there is nothing to show. Of nil, all are null.
    static func fields(of risk: WrittenRisk?, _ fields: WriteBackSettings.Fields) -> [String: JiraValue] {
        var values: [String: JiraValue] = [:]
        if let id = fields.score { values[id] = JiraValue.optional(risk?.score) }
        if let id = fields.band { values[id] = JiraValue.optional(risk?.band.rawValue) }
        if let id = fields.forecastDate { values[id] = JiraValue.optional(risk?.forecastDate) }
        if let id = fields.cause { values[id] = JiraValue.optional(risk?.cause.map { line($0) }) }
        return values
    }

    /// The members of the property.
    static func property(of risk: WrittenRisk) -> [String: JiraValue] {
        [
            "score": .number(risk.score), "band": .text(risk.band.rawValue),
            "forecast_date": JiraValue.optional(risk.forecastDate),
            "cause": JiraValue.optional(risk.cause.map { line($0) }),
        ]
    }

    private static func line(_ text: String) -> String {
        text.count <= lineLimit ? text : String(text.prefix(lineLimit - 1)) + "…"
    }
}

/// A value of a field or a property.
enum JiraValue: Sendable, Hashable, Encodable {
    case null
    case number(Int)
    case text(String)

    static func optional(_ text: String?) -> JiraValue {
        guard let text else { return .null }
        return .text(text)
    }

    static func optional(_ number: Int?) -> JiraValue {
        guard let number else { return .null }
        return .number(number)
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        }
    }
}
