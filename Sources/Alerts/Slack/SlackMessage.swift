import Domain
import Foundation

/// A message as the JSON of a Slack incoming webhook: `blocks` for Slack, and a `text` that says it all, because
/// Mattermost and Slack's own notifications show only that.
///
/// Limits: header 150 characters, section 3,000, 50 blocks; all blocks together well below the undocumented 12,000 at
/// which Slack answers `msg_blocks_too_long`; `text` below the 4,000 at which a message may be split.
struct SlackMessage: Encodable, Hashable {
    private static let headerLimit = 150
    private static let sectionLimit = 2000
    /// Of all sections together.
    private static let sectionsLimit = 10_000
    private static let textLimit = 3300

    private(set) var text: String
    let blocks: [SlackBlock]

    /// The body to post. The same message gives the same bytes. Throws only what `JSONEncoder` throws.
    static func render(_ message: AlertMessage, for reader: SlackReader = .slack) throws -> Data {
        var rendered = SlackMessage(message)
        rendered.text = reader.fitted(rendered.text)
        return try CanonicalJSON.encode(rendered)
    }

    init(_ message: AlertMessage) {
        let words = AlertText(message)
        let mark = message.isResolved ? "✅" : message.lead.band.emoji
        let title = Self.link(words.subject, to: words.url)
        let facts = words.facts.map { ($0.label, SlackText.escaped($0.value, limit: 200)) }
        let origin = SlackText.escaped(words.origin, limit: 500)
        let sectionLimit = min(Self.sectionLimit, Self.sectionsLimit / max(1, words.sections.count))
        // Links, not buttons: a button also asks the app for an answer, which a webhook alone cannot give, and other
        // receivers show none.
        let links = message.links.actions.map { Self.link($0.title, to: $0.url) }
        let actions = links.isEmpty ? [] : [links.joined(separator: " · ")]

        blocks =
            [.header(SlackText.cut("\(mark) \(words.headline)", limit: Self.headerLimit))]
            + [.section("*\(title)*"), .fields(facts.map { "*\($0)*\n\($1)" })]
            + words.sections.map { .section("*\($0.title)*\n\(Self.list($0.items, limit: sectionLimit))") }
            + [.context(([origin] + actions).joined(separator: "\n"))]

        var text = "\(mark) \(SlackText.escaped(words.headline, limit: 400))\n\(title)\n"
        text += facts.map { "\($0): \($1)" }.joined(separator: " · ")
        let limit = Self.textLimit - actions.reduce(0) { $0 + $1.utf16.count }
        for section in words.sections {
            text += "\n\n\(section.title)\n"
            text += Self.list(section.items, limit: limit - text.utf16.count)
        }
        self.text = text + "\n\n" + ([origin] + actions).joined(separator: "\n")
    }

    /// A Slack link (which Mattermost and Discord read too), or only the words where the address is no web address.
    private static func link(_ words: String, to url: String) -> String {
        let label = SlackText.escaped(words, limit: 1000)
        let isClean = url.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"<>|".utf8.contains($0) }
        guard url.hasPrefix("https://") || url.hasPrefix("http://"), isClean, url.utf8.count < 500 else { return label }
        return "<\(url.replacing("&", with: "&amp;"))|\(label)>"
    }

    /// As many of `items` as fit, one a line, and how many are missing.
    private static func list(_ items: [AlertText.Item], limit: Int) -> String {
        var lines: [String] = []
        var left = limit - 20  // for the line that says how many are missing
        for item in items {
            let words = item.url.map { link(item.text, to: $0) } ?? SlackText.escaped(item.text, limit: 600)
            let line = "• " + words
            guard line.utf16.count < left else { break }
            left -= line.utf16.count + 1
            lines.append(line)
        }
        if lines.count < items.count { lines.append("… and \(items.count - lines.count) more") }
        return lines.joined(separator: "\n")
    }
}

extension RiskBand {
    fileprivate var emoji: String {
        switch self {
        case .high: "🔴"
        case .medium: "🟡"
        case .low: "🟢"
        }
    }
}
