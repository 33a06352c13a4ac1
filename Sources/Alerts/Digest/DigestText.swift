import Domain

/// The words of a digest, the same on every channel but HTML mail, which has tables.
struct DigestText: Sendable, Hashable {
    /// `Daily digest of PAY for 2026-11-24 08:00: 3 of 40 open issues at high risk, 5 at medium`.
    var headline: String
    /// `Daily digest of PAY`: the same for each, so that mails of one channel are found together.
    var subject: String
    var facts: [AlertText.Fact]
    var sections: [AlertText.Section]
    var origin: String

    init(_ digest: DigestContent) {
        let clock = DigestClock(digest)
        subject = Self.subject(of: digest)
        headline = "\(subject) for \(clock.words(digest.to)): \(Self.summary(of: digest))".onOneLine(limit: 200)
        let open = digest.open
        facts = [
            .init(label: "Period", value: "\(clock.words(digest.from)) to \(clock.words(digest.to)), \(clock.zone)"),
            .init(
                label: "Open issues",
                value: "\(open.total): \(open.high) high, \(open.medium) medium, \(open.low) low"),
        ]
        if let lateness = clock.lateness { facts.append(.init(label: "Sent late", value: lateness)) }
        sections = Self.issueSections(of: digest, clock) + Self.otherSections(of: digest, clock)
        sections.removeAll(where: \.items.isEmpty)
        origin =
            "consilod · \(digest.every == .day ? "daily" : "weekly") digest · \(clock.words(digest.asOf)) \(clock.zone)"
    }

    /// `Weekly digest of PAY, INV`; of many projects how many.
    static func subject(of digest: DigestContent) -> String {
        let name = digest.every == .day ? "Daily digest" : "Weekly digest"
        let projects = digest.projectKeys
        guard !projects.isEmpty else { return name }
        let named = projects.count > 3 ? "\(projects.count) projects" : projects.joined(separator: ", ")
        return "\(name) of \(named)".onOneLine(limit: 100)
    }

    /// `3 of 40 open issues at high risk, 5 at medium`.
    static func summary(of digest: DigestContent) -> String {
        guard !digest.isEmpty else { return "nothing to report" }
        return "\(digest.open.high) of \(digest.open.total) open issues at high risk, \(digest.open.medium) at medium"
    }

    private static func issueSections(of digest: DigestContent, _ clock: DigestClock) -> [AlertText.Section] {
        func item(_ line: DigestContent.Line, _ figures: String) -> AlertText.Item {
            let cause = line.cause.map { ": \($0.onOneLine(limit: 160))" } ?? ""
            let forecast = line.forecast.map { " Forecast: \($0.onOneLine(limit: 120))." } ?? ""
            return AlertText.Item(
                text: "\(line.key) \(line.summary.onOneLine(limit: 80)) – \(figures)\(cause)\(forecast)",
                url: digest.address(of: line.key))
        }
        func moved(_ line: DigestContent.Line) -> AlertText.Item {
            item(line, "\(line.previousScore.map { "\($0) → " } ?? "")\(line.score) (\(line.change ?? ""))")
        }
        var due = digest.due.map { line in
            item(line, "due \(line.dueDate.map { "\($0)" } ?? ""), \(line.score) of 100")
        }
        if digest.dueCount > due.count { due.append(.init(text: "and \(digest.dueCount - due.count) more")) }
        return [
            .init(
                title: "Riskiest",
                items: digest.riskiest.map { line in
                    item(line, "\(line.score) of 100" + (line.change.map { " (\($0))" } ?? ""))
                }),
            .init(title: "Rose most", items: digest.risen.map(moved)),
            .init(title: "Fell most", items: digest.fallen.map(moved)),
            .init(
                title: digest.every == .day ? "At risk and due by tomorrow" : "At risk and due within a week",
                items: due),
        ]
    }

    private static func otherSections(of digest: DigestContent, _ clock: DigestClock) -> [AlertText.Section] {
        [
            .init(title: "Sprints", items: digest.sprints.map { .init(text: sprint($0, clock)) }),
            .init(title: "Silenced", items: digest.silenced.map { .init(text: silenced($0)) }),
            .init(title: "Could not be delivered", items: digest.undelivered.map { .init(text: undelivered($0)) }),
            .init(title: rulesTitle, items: rules(digest).map { .init(text: $0) }),
        ]
    }

    static func sprint(_ line: DigestContent.SprintLine, _ clock: DigestClock) -> String {
        let end = line.endsAt.map { ", ends \(clock.day($0))" } ?? ""
        let open = "\(line.open.total) open: \(line.open.high) high, \(line.open.medium) medium"
        return
            "\(line.name.onOneLine(limit: 80))\(end) – \(line.outlook.map { "\($0.onOneLine(limit: 200)). " } ?? "")\(open)"
    }

    static func silenced(_ line: DigestContent.SilencedLine) -> String {
        let alerts = "\(line.alerts) \(line.alerts == 1 ? "alert" : "alerts")"
        return "\(alerts): \(line.reason.onOneLine(limit: 160)) (\(line.createdBy.onOneLine(limit: 60)))"
    }

    static func undelivered(_ line: DigestContent.UndeliveredLine) -> String {
        "\(line.channel.onOneLine(limit: 80)): \(line.deliveries) – \(line.reason.onOneLine(limit: 160))"
    }
}

extension DigestText {
    static let rulesTitle = "Rules to change"

    /// Each rule that is to be changed in a line, or why nothing is known.
    static func rules(_ digest: DigestContent) -> [String] {
        guard let review = digest.rules else { return [] }
        if let failure = review.failure { return ["The scorecards of the rules could not be made: \(failure)."] }
        return review.changes.map { line in
            let figures = [
                "\(line.raised) raised", share(line.precision, "precision"), share(line.noise, "noise"),
                share(line.recall, "recall"),
            ]
            let sentence = line.advice.sentence.onOneLine(limit: 300)
            return "\(sentence) (\(review.lastDays) days: \(figures.joined(separator: ", ")))"
        }
    }

    /// `precision 5 of 20`.
    private static func share(_ share: Proportion, _ name: String) -> String {
        share.total == 0 ? "\(name) unknown" : "\(name) \(share.count) of \(share.total)"
    }
}

/// Instants as a digest's reader sees them: by the clocks of its zone.
struct DigestClock: Sendable {
    /// Later than this, a digest says so.
    private static let lateSeconds: Int64 = 15 * 60

    private let calendar: LocalCalendar?
    private let digest: DigestContent

    init(_ digest: DigestContent) {
        self.digest = digest
        calendar = LocalCalendar(digest.timeZone)
    }

    /// The zone's name.
    var zone: String { calendar == nil ? "UTC" : digest.timeZone }

    /// `2026-11-24 08:00`.
    func words(_ instant: Timestamp) -> String {
        guard let calendar else { return String(instant.description.prefix(16)).replacing("T", with: " ") }
        return "\(calendar.day(of: instant)) \(calendar.time(of: instant))"
    }

    /// `2026-11-24`.
    func day(_ instant: Timestamp) -> String { "\(calendar?.day(of: instant) ?? instant.utcDay)" }

    /// What is said where the digest comes late; nil where it does not.
    var lateness: String? {
        guard digest.asOf >= digest.to.adding(seconds: Self.lateSeconds) else { return nil }
        return "it was due at \(words(digest.to)); its figures are of \(words(digest.asOf))"
    }
}

extension DigestContent.Line {
    /// `+12`, `−3`, `new`; nil where the score is as it was.
    var change: String? {
        guard let previousScore else { return "new" }
        let change = score - previousScore
        return change == 0 ? nil : change > 0 ? "+\(change)" : "−\(-change)"
    }
}
