import Domain

/// The HTML form of a digest's mail: tables, readable on light and on dark ground. Nothing is loaded from elsewhere, and every
/// value is escaped.
///
/// Styles stand in the elements, for clients that leave out a style sheet; the sheet only replaces colours in dark mode.
struct DigestHTML: Sendable {
    /// What the colours are for, each on the ground of its mode.
    enum Ink: String, CaseIterable, Sendable {
        case text, quiet, link, high, medium, low

        var light: String {
            switch self {
            case .text: "#1d2733"
            case .quiet: "#55606d"
            case .link: "#0b57d0"
            case .high: "#b3261e"
            case .medium: "#8a5300"
            case .low: "#2e6b30"
            }
        }

        var dark: String {
            switch self {
            case .text: "#e6e9ed"
            case .quiet: "#a9b3bf"
            case .link: "#8ab4f8"
            case .high: "#ff8a80"
            case .medium: "#ffcc66"
            case .low: "#81c995"
            }
        }
    }

    static let lightGround = "#ffffff"
    static let darkGround = "#16191d"

    private let digest: DigestContent
    private let clock: DigestClock

    /// - Parameters:
    ///   - words: those of the plain form.
    ///   - headline: of the alert.
    ///   - chart: what is shown as a picture; nil for none.
    ///   - contentID: the picture's name in the mail.
    static func render(
        _ digest: DigestContent, words: AlertText, chart: DigestChart?, contentID: String,
        _ links: MessageLinks = MessageLinks()
    ) -> String {
        let page = DigestHTML(digest: digest, clock: DigestClock(digest))
        let facts = words.facts.map { fact in
            "<tr><td\(Self.class(.quiet, "padding:2px 16px 2px 0"))>\(escaped(fact.label))</td>"
                + "<td style=\"padding:2px 0\">\(escaped(fact.value))</td></tr>"
        }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
            <title>\(escaped(words.subject))</title>
            <style>
            \(styleSheet)
            </style></head>
            <body class="ground text" style="margin:0;padding:16px;font:14px/1.5 sans-serif;\
            color:\(Ink.text.light);background:\(lightGround)">
            <div style="max-width:680px">
            <h1 style="font-size:18px;margin:0 0 8px">\(escaped(words.headline))</h1>
            <p style="margin:0 0 12px">\(link(words.subject, to: words.url))</p>
            <table style="border-collapse:collapse;font-size:14px">
            \(facts.joined(separator: "\n"))
            </table>
            \(chart.map { page.picture(of: $0, contentID) } ?? "")
            \(page.sections(words).joined(separator: "\n"))
            <p class="quiet" style="margin:20px 0 0;font-size:12px;color:\(Ink.quiet.light)">\(escaped(words.origin))\(end(links))</p>
            </div>
            </body></html>

            """
    }

    private static func end(_ links: MessageLinks) -> String {
        links.unsubscribe.map { "<br>\(link("No more mail to this address", to: $0))" } ?? ""
    }

    /// In dark mode the colours of the elements are replaced; the order of the rules plays no part.
    private static var styleSheet: String {
        let rules = Ink.allCases.map { ".\($0.rawValue) { color: \($0.dark) !important }" }
        return """
            :root { color-scheme: light dark; supported-color-schemes: light dark }
            @media (prefers-color-scheme: dark) {
            .ground { background: \(darkGround) !important }
            \(rules.joined(separator: "\n"))
            }
            """
    }

    // MARK: Parts

    private func sections(_ words: AlertText) -> [String] {
        let issues: [(String, [DigestContent.Line], Int)] = [
            ("Riskiest", digest.riskiest, digest.riskiest.count), ("Rose most", digest.risen, digest.risen.count),
            ("Fell most", digest.fallen, digest.fallen.count),
            (
                digest.every == .day ? "At risk and due by tomorrow" : "At risk and due within a week", digest.due,
                digest.dueCount
            ),
        ]
        let tables = issues.filter { !$0.1.isEmpty }.map { title, lines, count in
            Self.heading(title) + table(lines, count: count, showsDueDate: lines == digest.due)
        }
        let lists: [(String, [String])] = [
            ("Sprints", digest.sprints.map { DigestText.sprint($0, clock) }),
            ("Silenced", digest.silenced.map(DigestText.silenced)),
            ("Could not be delivered", digest.undelivered.map(DigestText.undelivered)),
            (DigestText.rulesTitle, DigestText.rules(digest)),
        ]
        return tables
            + lists.filter { !$0.1.isEmpty }.map { title, items in
                let list = items.map { "<li style=\"margin:4px 0\">\(Self.escaped($0))</li>" }
                return Self.heading(title)
                    + "<ul style=\"margin:0;padding-left:20px\">\n\(list.joined(separator: "\n"))\n</ul>"
            }
    }

    private func table(_ lines: [DigestContent.Line], count: Int, showsDueDate: Bool) -> String {
        let heads = ["Issue", "Score", "Change"] + (showsDueDate ? ["Due"] : []) + ["Why"]
        let head = heads.map {
            "<th\(Self.class(.quiet, Self.cell + ";text-align:left;font-weight:normal"))>\($0)</th>"
        }
        let rows = lines.map { "<tr>\(cells(of: $0, showsDueDate: showsDueDate).joined())</tr>" }
        let more =
            count > lines.count
            ? [
                "<tr><td colspan=\"\(heads.count)\"\(Self.class(.quiet, Self.cell))>and \(count - lines.count) more</td></tr>"
            ]
            : []
        return """
            <table style="border-collapse:collapse;font-size:14px;width:100%">
            <tr>\(head.joined())</tr>
            \((rows + more).joined(separator: "\n"))
            </table>
            """
    }

    private func cells(of line: DigestContent.Line, showsDueDate: Bool) -> [String] {
        let title = Self.link("\(line.key)", to: digest.address(of: line.key))
        let reasons = [
            line.cause?.onOneLine(limit: 200), line.forecast.map { "Forecast: \($0.onOneLine(limit: 160))." },
        ]
        let due =
            showsDueDate
            ? ["<td style=\"\(Self.cell);white-space:nowrap\">\(line.dueDate.map { "\($0)" } ?? "")</td>"] : []
        let band: Ink =
            switch RiskBand(score: line.score) {
            case .high: .high
            case .medium: .medium
            case .low: .low
            }
        return [
            "<td style=\"\(Self.cell)\">\(title) \(Self.escaped(line.summary.onOneLine(limit: 100)))</td>",
            "<td\(Self.class(band, Self.cell + ";font-weight:bold"))>\(line.score)</td>",
            "<td style=\"\(Self.cell);white-space:nowrap\">\(Self.escaped(line.change ?? ""))</td>",
        ] + due + [
            "<td style=\"\(Self.cell)\">\(Self.escaped(reasons.compactMap(\.self).joined(separator: " ")))</td>"
        ]
    }

    /// The picture with its days below, and what its colours stand for.
    private func picture(of chart: DigestChart, _ contentID: String) -> String {
        let days = chart.days.map { day in
            "<td\(Self.class(.quiet, "padding:2px 0;font-size:11px;text-align:center"))>"
                + "\(clock.day(day.at).suffix(5))<br>\(day.open.high) / \(day.open.medium)</td>"
        }
        return """
            \(Self.heading("Issues that are open now, on each of the last days"))
            <img src="cid:\(Self.escaped(contentID))" alt="\(Self.escaped(chart.alternative))" \
            width="\(DigestChart.width / 2)" height="\(DigestChart.height / 2)" style="display:block">
            <table style="border-collapse:collapse;table-layout:fixed;width:\(DigestChart.width / 2)px"><tr>\
            \(days.joined())</tr></table>
            <p\(Self.class(.quiet, "margin:0;font-size:11px"))>From the bottom: high risk (red), medium (amber), low (grey); \
            the numbers are those of high and medium.</p>
            """
    }

    private static let cell = "padding:4px 12px 4px 0;vertical-align:top;border-top:1px solid #8a94a0"

    private static func heading(_ title: String) -> String {
        "<h2 style=\"font-size:15px;margin:20px 0 6px\">\(escaped(title))</h2>\n"
    }

    /// The attributes of an element in a colour.
    private static func `class`(_ ink: Ink, _ style: String? = nil) -> String {
        " class=\"\(ink.rawValue)\" style=\"\(style.map { $0 + ";" } ?? "")color:\(ink.light)\""
    }

    private static func link(_ words: String, to url: String) -> String {
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else { return escaped(words) }
        return "<a class=\"link\" href=\"\(escaped(url))\" style=\"color:\(Ink.link.light)\">\(escaped(words))</a>"
    }

    private static func escaped(_ text: String) -> String { HTMLText.escaped(text) }
}
