import Domain
import Foundation

/// A message as the JSON of a Teams workflow "When a Teams webhook request is received": a `message` with one Adaptive Card,
/// version 1.4.
///
/// Texts are `TextRun`s of `RichTextBlock`s, which read no Markdown: text from Jira makes no link and no mention.
/// Limits: a message of Teams has at most 28 KB; this one stays below 20 KB.
struct TeamsCard: Encodable {
    private static let textLimit = 300
    private static let itemLimit = 8
    private static let sizeLimit = 20_000

    private struct Message: Encodable {
        struct Attachment: Encodable {
            var contentType = "application/vnd.microsoft.card.adaptive"
            var content: TeamsCard
        }
        var type = "message"
        var attachments: [Attachment]
    }

    /// Text in one style; with an address it opens it.
    struct Run: Encodable, Hashable {
        struct OpenURL: Encodable, Hashable {
            var type = "Action.OpenUrl"
            var url: String
        }
        var type = "TextRun"
        var text: String
        var weight: String?
        var size: String?
        var color: String?
        var isSubtle: Bool?
        var selectAction: OpenURL?
    }

    struct Block: Encodable, Hashable {
        var type = "RichTextBlock"
        var inlines: [Run]
        var spacing: String?
        var separator: Bool?
    }

    struct Action: Encodable, Hashable {
        var type = "Action.OpenUrl"
        var title: String
        var url: String
    }

    private enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case type, version, body, actions, fallbackText
    }

    private let schema = "http://adaptivecards.io/schemas/adaptive-card.json"
    private let type = "AdaptiveCard"
    private let version = "1.4"
    let fallbackText: String
    private(set) var body: [Block]
    let actions: [Action]

    /// The body to post. The same message gives the same bytes. Throws only what `JSONEncoder` throws.
    static func render(_ message: AlertMessage) throws -> Data {
        var card = TeamsCard(message)
        while true {
            let data = try CanonicalJSON.encode(Message(attachments: [.init(content: card)]))
            guard data.count > sizeLimit, card.body.count > 3 else { return data }
            card.shorten()
        }
    }

    init(_ message: AlertMessage) {
        let words = AlertText(message)
        let color = message.isResolved ? "Good" : message.lead.band.cardColor
        fallbackText = words.headline
        actions = ([("Open in Jira", words.url)] + message.links.actions).compactMap { title, url in
            Self.address(url).map { Action(title: title, url: $0) }
        }
        body = [
            Block(inlines: [Run(text: words.headline, weight: "Bolder", size: "Medium", color: color)]),
            Block(inlines: [Run(text: words.subject, weight: "Bolder")]),
        ]
        body += words.facts.enumerated().map { index, fact in
            Block(
                inlines: [Run(text: "\(fact.label): ", weight: "Bolder"), Self.run(fact.value)],
                spacing: index == 0 ? nil : "None")
        }
        for section in words.sections {
            body.append(Block(inlines: [Run(text: section.title, weight: "Bolder")], separator: true))
            body += section.items.prefix(Self.itemLimit).map { item in
                Block(inlines: [Self.run("• \(item.text)", url: item.url)], spacing: "None")
            }
            if section.items.count > Self.itemLimit {
                let more = "and \(section.items.count - Self.itemLimit) more"
                body.append(Block(inlines: [Self.run(more)], spacing: "None"))
            }
        }
        body.append(Block(inlines: [Run(text: words.origin, size: "Small", isSubtle: true)], separator: true))
    }

    /// Leaves out the last block but the one that says where the message comes from.
    private mutating func shorten() { body.remove(at: body.count - 2) }

    private static func run(_ text: String, url: String? = nil) -> Run {
        Run(
            text: text.count > textLimit ? text.prefix(textLimit - 1) + "…" : text,
            selectAction: url.flatMap(address).map { Run.OpenURL(url: $0) })
    }

    /// Only addresses of the web: a card opens whatever it is given.
    private static func address(_ url: String) -> String? {
        url.hasPrefix("https://") || url.hasPrefix("http://") ? url : nil
    }
}

extension RiskBand {
    fileprivate var cardColor: String {
        switch self {
        case .high: "Attention"
        case .medium: "Warning"
        case .low: "Good"
        }
    }
}
