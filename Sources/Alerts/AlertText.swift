import Domain

/// The words of a message, the same on every channel: plain text without mark-up, each part on one line.
///
/// Text from Jira is cut to a readable length here, so that no channel has to.
struct AlertText: Sendable, Hashable {
    struct Fact: Sendable, Hashable {
        var label: String
        var value: String
    }
    struct Section: Sendable, Hashable {
        var title: String
        var items: [Item]
    }
    /// One point of a section, with where it can be seen in Jira.
    struct Item: Sendable, Hashable {
        var text: String
        var url: String?
    }

    /// Issues named in a message about several.
    private static let issueLimit = 20
    /// The titles of sections that a story has a better word for.
    static let (changesTitle, remediesTitle) = ("What changed", "What would lower it")

    /// What happened, in one sentence.
    var headline: String
    /// `ENG-12 Summary`, the number of issues, or the Jira site.
    var subject: String
    /// Where to look: the issue, the project, or the Jira site.
    var url: String
    /// Status, assignee and risk; or what Jira says.
    var facts: [Fact]
    /// What changed, why, and what would lower the score or is to be done; empty for a resolved alert, which is short.
    var sections: [Section]
    /// Where the alert comes from.
    var origin: String

    /// A message about one issue says all that is known of it; one about several lists them.
    init(_ message: AlertMessage) {
        let issues = message.byIssue
        guard issues.count > 1 else {
            self.init(message.lead)
            if let issue = message.lead.issue, let story = message.stories[issue.issueID] { tell(story, of: issue) }
            add(
                Array(message.alerts.dropFirst()), to: message.lead,
                previous: message.isRepeat ? [:] : message.previous)
            if message.isRepeat { becomeReminder(of: message) }
            return
        }
        self.init(issues, of: message)
        if message.isRepeat { becomeReminder(of: message) }
    }

    /// Says that it was said before, and since when it holds.
    private mutating func becomeReminder(of message: AlertMessage) {
        headline = "Reminder: \(headline)".onOneLine(limit: 200)
        guard let first = message.alerts.map(\.createdAt).min() else { return }
        let at = first.description.prefix(16).replacing("T", with: " ")
        facts.append(Fact(label: "Holds since", value: "\(at) UTC"))
    }

    init(_ alert: Alert) {
        url = alert.url
        headline = alert.headline.onOneLine(limit: 200)
        let day = alert.createdAt.description.prefix(16).replacing("T", with: " ")
        switch alert.subject {
        case .access(let access):
            subject = access.siteURL.onOneLine(limit: 200)
            facts = [Fact(label: "Jira says", value: access.reason.onOneLine(limit: 300))]
            sections = [Section(title: "What to do", items: access.steps.map { Item(text: $0.onOneLine(limit: 300)) })]
            origin = "consilod · \(day) UTC"
        case .test(let test):
            subject = test.siteURL.onOneLine(limit: 200)
            facts = [Fact(label: "Channel", value: test.channel.onOneLine(limit: 100))]
            sections = []
            origin = "consilod · \(day) UTC"
        case .digest(let digest):
            let words = DigestText(digest)
            subject = words.subject
            facts = words.facts
            sections = words.sections
            origin = words.origin
        case .issue(let issue):
            subject = "\(issue.issueKey) \(issue.summary)".onOneLine(limit: 200)
            let previously = issue.previousScore.flatMap { $0 == issue.score ? nil : " (was \($0))" } ?? ""
            facts = [
                Fact(label: "Status", value: issue.status.onOneLine(limit: 80)),
                Fact(label: "Assignee", value: issue.assignee.onOneLine(limit: 80)),
                Fact(label: "Risk", value: "\(issue.score) of 100, \(alert.band.rawValue)\(previously)"),
            ]
            sections = alert.event == .raised ? Self.sections(of: issue) : []
            let (rule, model) = (issue.ruleName.onOneLine(limit: 80), issue.model.onOneLine(limit: 80))
            origin = "Rule “\(rule)” · scored by \(model) · \(day) UTC"
        }
    }

    /// What the other rules say of the same issue, and how it stands against the message before.
    private mutating func add(_ others: [Alert], to lead: Alert, previous: [IssueID: Alert]) {
        if !others.isEmpty {
            let items = others.map { Item(text: $0.headline.onOneLine(limit: 200)) }
            sections.insert(Section(title: "Also", items: items), at: 0)
        }
        guard let issue = lead.issue, let told = previous[issue.issueID], let before = told.issue else { return }
        let at = told.createdAt.description.prefix(16).replacing("T", with: " ")
        let change = before.score == issue.score ? "unchanged at \(issue.score)" : "\(before.score), now \(issue.score)"
        facts.append(Fact(label: "Last message", value: "\(at) UTC: \(change)"))
    }

    /// A list of issues, the riskiest first, each with what changed.
    private init(_ issues: [[Alert]], of message: AlertMessage) {
        let raised = issues.filter { $0.contains { $0.event == .raised } }
        let resolved = issues.count - raised.count
        let projects = Set(issues.compactMap { $0.first?.issue?.projectKey }).sorted()
        let place = projects.count == 1 ? " in \(projects[0])" : ""
        let counts = [
            raised.isEmpty ? nil : "\(Self.issues(raised.count)) at risk",
            resolved == 0 ? nil : "\(Self.issues(resolved)) no longer",
        ].compactMap(\.self)
        headline = "\(counts.joined(separator: ", "))\(place)".onOneLine(limit: 200)
        subject = "\(Self.issues(issues.count))\(place)".onOneLine(limit: 200)
        url = Self.address(of: projects, lead: message.lead)
        facts = [Fact(label: "Alerts", value: "\(message.count)")]
        let lists = [("At risk", raised), ("No longer", issues.filter { $0.allSatisfy { $0.event == .resolved } })]
        sections = lists.compactMap { title, listed in
            guard !listed.isEmpty else { return nil }
            var items = listed.prefix(Self.issueLimit).compactMap { Self.line(of: $0, in: message) }
            if listed.count > items.count { items.append(Item(text: "and \(listed.count - items.count) more")) }
            return Section(title: title, items: items)
        }
        let rules = Set(message.alerts.compactMap { $0.issue?.ruleName.onOneLine(limit: 80) }).sorted()
        let named = rules.prefix(3).map { "“\($0)”" }.joined(separator: ", ")
        let day = message.lead.createdAt.description.prefix(16).replacing("T", with: " ")
        origin = "\(rules.count == 1 ? "Rule" : "Rules") \(named)\(rules.count > 3 ? ", …" : "") · \(day) UTC"
    }

    private static func issues(_ count: Int) -> String { "\(count) \(count == 1 ? "issue" : "issues")" }

    private static func address(of projects: [String], lead: Alert) -> String {
        guard projects.count == 1, let issue = lead.issue, lead.url.hasSuffix("/browse/\(issue.issueKey)") else {
            return lead.url
        }
        return String(lead.url.dropLast(issue.issueKey.rawValue.count)) + projects[0]
    }

    /// `ENG-12 Summary: 82 of 100, was 40: 3 open blockers …`.
    private static func line(of alerts: [Alert], in message: AlertMessage) -> Item? {
        guard let lead = alerts.first, let issue = lead.issue else { return nil }
        let told = message.previous[issue.issueID]?.issue?.score
        let before = (told ?? issue.previousScore).flatMap { $0 == issue.score ? nil : ", was \($0)" } ?? ""
        let known = message.stories[issue.issueID].flatMap { Self.cause(in: $0) } ?? issue.factors.first?.explanation
        let cause = lead.event == .raised ? known.map { ": \($0)" } ?? "" : ""
        let text = "\(issue.issueKey) \(issue.summary.onOneLine(limit: 80)) – \(issue.score) of 100\(before)\(cause)"
        return Item(text: text.onOneLine(limit: 240), url: lead.url)
    }

    private static func sections(of issue: IssueAlert) -> [Section] {
        let changes = issue.changes.map {
            Item(text: "\($0.factor.title) \($0.before) → \($0.after): \($0.explanation.onOneLine(limit: 300))")
        }
        let factors = issue.factors.map {
            Item(text: "\($0.name.title) \($0.points) of \($0.cap): \($0.explanation.onOneLine(limit: 300))")
        }
        let remedies = issue.remedies.map { Item(text: "−\($0.points): \($0.action.onOneLine(limit: 300))") }
        return [
            Section(title: "What the forecast says", items: forecastItems(of: issue)),
            Section(title: changesTitle, items: changes),
            Section(title: "Why the score is \(issue.score)", items: factors),
            Section(title: "What it rests on", items: quotations(of: issue)),
            Section(title: remediesTitle, items: remedies),
        ].filter { !$0.items.isEmpty }
    }
}

extension AlertText {
    private static let partLimit = 3

    /// The number with the parts that matter most and what would be another number; nothing for an alert about the score.
    private static func forecastItems(of issue: IssueAlert) -> [Item] {
        guard let answer = issue.forecast else { return [] }
        var items = [Item(text: answer.sentence.prefix(1).uppercased() + answer.sentence.dropFirst() + ".")]
        if let explanation = answer.explanation {
            let parts = explanation.parts.prefix(partLimit).map {
                "\($0.text) \($0.points < 0 ? "−" : "+")\(abs($0.points))"
            }
            let typical = "A typical open issue here: \(explanation.typical) %"
            items.append(Item(text: parts.isEmpty ? typical : "\(typical). This one: \(parts.joined(separator: ", "))"))
        }
        if let tenth = answer.tenth {
            items.append(
                Item(text: "Of \(tenth.issues) issues with such a forecast in the past \(tenth.late) came late"))
        }
        items += answer.later.map { Item(text: "Due \($0.days) days later it would be \($0.percent) %") }
        if let closed = answer.blockersClosed {
            items.append(
                Item(
                    text:
                        "Without open blockers \(closed.percent) % (of \(closed.samples) such cases \(closed.late) late)"
                ))
        }
        return items
    }

    private static let quotationLimit = 3

    /// The comments and changes that the factors rest on, the newest first, each once.
    private static func quotations(of issue: IssueAlert) -> [Item] {
        let cited = issue.factors.flatMap(\.evidence).filter {
            ($0.kind == .comment || $0.kind == .change) && $0.note?.isEmpty == false
        }
        let byID = Dictionary(cited.map { ("\($0.kind) \($0.id)", $0) }, uniquingKeysWith: { first, _ in first })
        let newest = byID.values.sorted {
            ($1.at?.milliseconds ?? 0, $1.id) < ($0.at?.milliseconds ?? 0, $0.id)
        }
        return newest.prefix(quotationLimit).map { evidence in
            let source = [evidence.author?.onOneLine(limit: 80), evidence.at.map { "\($0.utcDay)" }]
                .compactMap(\.self).joined(separator: ", ")
            let quotation = (evidence.note ?? "").onOneLine(limit: 200)
            let isQuoted = evidence.kind == .comment && evidence.restrictedNote == nil
            let text = isQuoted ? "“\(quotation)”" : quotation
            return Item(text: source.isEmpty ? text : "\(source): \(text)", url: evidence.address(inIssueAt: issue.url))
        }
    }
}

extension String {
    /// The text with every run of white space and control characters made one space, cut to `limit` characters.
    ///
    /// Also drops the invisible characters that reorder what a reader sees (Unicode's bidirectional controls).
    func onOneLine(limit: Int) -> String {
        let visible = String(
            String.UnicodeScalarView(
                unicodeScalars.compactMap { scalar in
                    if scalar.properties.isBidiControl { return nil }
                    let separates = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
                    return separates ? " " : scalar
                }))
        let line = visible.split(separator: " ").joined(separator: " ")
        return line.count > limit ? line.prefix(limit - 1) + "…" : line
    }
}
