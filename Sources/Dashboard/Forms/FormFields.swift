import Domain
import Queries

/// The fields of a form as use cases read them: what is empty is absent, and what is a list there is a list.
struct FormFields: Sendable {
    let form: PostedForm
    private var values: [String: FieldValue] = [:]

    init(_ form: PostedForm) { self.form = form }

    /// For a use case.
    var fields: RequestFields { RequestFields(values) }

    subscript(name: String) -> FieldValue? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// Texts, under the names that the form has for them.
    mutating func text(_ names: String...) {
        for name in names { values[name] = form[name].map { .string($0) } }
    }

    /// Boxes that are ticked or not.
    mutating func flag(_ names: String...) {
        for name in names { values[name] = .bool(form[name] != nil) }
    }

    /// Words between commas.
    mutating func words(_ name: String) { values[name] = .words(form[name]) }

    /// Which of several boxes are ticked.
    mutating func choices(_ name: String) {
        values[name] = .array(form.all(name).filter { !$0.isEmpty }.map { .string($0) })
    }

    /// The rows of a form's matchers; those without values are left out.
    mutating func matchers() {
        values["matchers"] = .array(
            MatcherRow.entered(in: form).filter(\.isEntered).map { row in
                .object([
                    "name": .string(row.name), "is_equal": .bool(row.isEqual),
                    "values": .words(row.values) ?? .array([]),
                ])
            })
    }
}

extension FieldValue {
    /// Words between commas; nil for none.
    static func words(_ text: String?) -> FieldValue? {
        guard let text else { return nil }
        let words = text.split(separator: ",").map { $0.trimming(while: \.isWhitespace) }.filter { !$0.isEmpty }
        return .array(words.map { .string(String($0)) })
    }
}

extension Substring {
    fileprivate func trimming(while isOutside: (Character) -> Bool) -> Substring {
        let start = drop(while: isOutside)
        guard let last = start.lastIndex(where: { !isOutside($0) }) else { return "" }
        return start[...last]
    }
}

/// One of several things to choose from.
struct FormChoice: Sendable {
    var value: String
    var label: String
    var isChosen: Bool

    /// The cases of a type, with the texts of a section for labels.
    static func all<Value: CaseIterable & RawRepresentable>(
        _ type: Value.Type, chosen: String?, texts section: String, prefix: String = ""
    ) -> [FormChoice] where Value.RawValue == String {
        type.allCases.map {
            FormChoice(
                value: $0.rawValue, label: PageTexts.english(section, prefix + $0.rawValue),
                isChosen: $0.rawValue == chosen)
        }
    }

    /// The roles in a tenant.
    static func roles(chosen: Role) -> [FormChoice] {
        Role.ofTenants.map {
            FormChoice(value: $0.rawValue, label: PageTexts.english("roles", $0.rawValue), isChosen: $0 == chosen)
        }
    }

    /// The channels of a tenant, by their ids.
    static func channels(_ channels: [AlertChannels.Shown], chosen: Set<String>) -> [FormChoice] {
        channels.map {
            let id = $0.channel.id.canonicalText
            return FormChoice(value: id, label: $0.channel.name, isChosen: chosen.contains(id))
        }
    }
}

/// A condition of a route or a silence in a form.
struct MatcherRow: Sendable {
    /// Rows beyond those that are filled in.
    private static let spare = 2
    private static let most = 20

    /// From 1, for labels.
    var number: Int
    var name: String
    var isEqual: Bool
    /// Between commas.
    var values: String
    var names: [FormChoice]

    var isEntered: Bool { !values.isEmpty }

    init(number: Int, name: String, isEqual: Bool, values: String) {
        self.number = number
        self.name = name
        self.isEqual = isEqual
        self.values = values
        names = FormChoice.all(AlertMatcher.Name.self, chosen: name, texts: "matchers")
    }

    static func rows(_ matchers: [AlertMatcher]) -> [MatcherRow] {
        let filled = matchers.enumerated().map { index, matcher in
            MatcherRow(
                number: index + 1, name: matcher.name.rawValue, isEqual: matcher.isEqual,
                values: matcher.values.joined(separator: ", "))
        }
        return padded(filled)
    }

    static func rows(_ form: PostedForm) -> [MatcherRow] { padded(entered(in: form).filter(\.isEntered)) }

    static func entered(in form: PostedForm) -> [MatcherRow] {
        let (names, signs, values) = (
            form.all("matcher_name"), form.all("matcher_sign"), form.all("matcher_values")
        )
        return values.indices.prefix(most + 1).map { index in
            MatcherRow(
                number: index + 1, name: names.indices.contains(index) ? names[index] : "",
                isEqual: !signs.indices.contains(index) || signs[index] != "is_not", values: values[index])
        }
    }

    private static func padded(_ rows: [MatcherRow]) -> [MatcherRow] {
        let spare = (0..<max(0, min(spare, most - rows.count))).map { index in
            MatcherRow(number: rows.count + index + 1, name: "project", isEqual: true, values: "")
        }
        return rows.enumerated().map { index, row in
            MatcherRow(number: index + 1, name: row.name, isEqual: row.isEqual, values: row.values)
        } + spare
    }

    /// `project is ENG or OPS`.
    static func sentence(_ matcher: AlertMatcher) -> String {
        PageTexts.english(
            "matchers", matcher.isEqual ? "sentence_is" : "sentence_is_not",
            [
                "name": PageTexts.english("matchers", matcher.name.rawValue),
                "values": matcher.values.joined(separator: PageTexts.english("matchers", "or")),
            ])
    }

    static func sentence(_ matchers: [AlertMatcher]) -> String {
        matchers.map(sentence).joined(separator: PageTexts.english("matchers", "and"))
    }
}

extension PageText {
    /// `90 minutes`; whole hours and days where it is some.
    static func duration(_ seconds: Int) -> String {
        let (count, unit) =
            seconds % 86_400 == 0 && seconds > 0
            ? (seconds / 86_400, "day")
            : seconds % 3600 == 0 && seconds > 0
                ? (seconds / 3600, "hour")
                : seconds % 60 == 0 && seconds > 0 ? (seconds / 60, "minute") : (seconds, "second")
        return PageTexts.english("units", count == 1 ? unit : "\(unit)s", ["count": "\(count)"])
    }

    /// `40 %` of a share; nil for none.
    static func percent(_ share: Double?) -> String? { share.map { "\(Int(($0 * 100).rounded())) %" } }
}
