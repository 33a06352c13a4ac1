/// One block of Slack's Block Kit, as far as alerts use it (docs.slack.dev, "Blocks").
enum SlackBlock: Encodable, Hashable {
    /// Large plain text, at most 150 characters.
    case header(String)
    /// mrkdwn, at most 3,000 characters.
    case section(String)
    /// Up to ten short mrkdwn texts in two columns.
    case fields([String])
    /// Small grey mrkdwn.
    case context(String)

    private struct Text: Encodable {
        let type: String
        let text: String

        static func plain(_ text: String) -> Text { Text(type: "plain_text", text: text) }
        static func mrkdwn(_ text: String) -> Text { Text(type: "mrkdwn", text: text) }
    }

    private enum CodingKeys: String, CodingKey {
        case type, text, fields, elements
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .header(let text):
            try container.encode("header", forKey: .type)
            try container.encode(Text.plain(text), forKey: .text)
        case .section(let text):
            try container.encode("section", forKey: .type)
            try container.encode(Text.mrkdwn(text), forKey: .text)
        case .fields(let texts):
            try container.encode("section", forKey: .type)
            try container.encode(texts.map(Text.mrkdwn), forKey: .fields)
        case .context(let text):
            try container.encode("context", forKey: .type)
            try container.encode([Text.mrkdwn(text)], forKey: .elements)
        }
    }
}
