import Domain

/// A text field of Jira: wiki markup in a plain string (REST version 2, webhooks), or a document in the Atlassian
/// Document Format (REST version 3).
public enum JiraText: Sendable, Hashable, Decodable {
    /// Wiki markup, or plain text.
    case markup(String)
    /// The root of a document.
    case document(ADFNode)

    /// Reads a string or a document. Throws `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .markup(text)
        } else {
            self = .document(try container.decode(ADFNode.self))
        }
    }

    /// The text to read: a string as it is, a document as wiki markup.
    ///
    /// Webhooks send a comment as markup, REST sends the same one as a document. Written as Jira itself writes documents
    /// in markup, both lead to the same text to classify, and quotes and code are known for what they are.
    public static func plainText(of text: JiraText) -> String {
        switch text {
        case .markup(let text): text
        case .document(let node): WikiMarkup.text(of: node)
        }
    }
}

/// A node of a document in the Atlassian Document Format, with the attributes that carry text or meaning.
///
/// <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure>
public struct ADFNode: Sendable, Hashable, Decodable {
    /// What a `text` node looks like, or leads to.
    public struct Mark: Sendable, Hashable, Decodable {
        /// `strong`, `em`, `code`, `link`, …
        public var type: String
        /// `attrs.href` of a link.
        public var href: String?

        /// Reads a mark. Throws `DecodingError` for anything that is not an object with a `type`.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: WireKey.self)
            type = try container.decode(String.self, forKey: "type")
            href = (try? container.nestedContainer(keyedBy: WireKey.self, forKey: "attrs"))?.value("href")
        }
    }

    /// `doc`, `paragraph`, `text`, `mention`, …
    public var type: String
    /// The text of a `text` node.
    public var text: String?
    /// `attrs.text` of a `mention`, an `emoji` or a `status`; else an emoji's `attrs.shortName`, a card's `attrs.url`.
    public var label: String?
    /// `attrs.timestamp` of a `date`: milliseconds since the epoch, in a string.
    public var date: String?
    /// `attrs.id` of a `mention`: the account.
    public var accountID: String?
    /// `attrs.level` of a `heading`, 1 to 6.
    public var level: Int?
    /// `attrs.language` of a `codeBlock`.
    public var language: String?
    /// `attrs.state` of a `taskItem`: `TODO` or `DONE`.
    public var state: String?
    /// The marks of a `text` node, outermost first.
    public var marks: [Mark]
    /// The nodes inside, in order; those that cannot be read are left out.
    public var content: [ADFNode]

    /// Reads a node. Throws `DecodingError` for anything that is not an object with a `type`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        type = try container.decode(String.self, forKey: "type")
        text = container.value("text")
        content = container.value("content", as: LossyList<ADFNode>.self)?.values ?? []
        marks = container.value("marks", as: LossyList<Mark>.self)?.values ?? []
        if let attributes = try? container.nestedContainer(keyedBy: WireKey.self, forKey: "attrs") {
            label = attributes.value("text") ?? attributes.value("shortName") ?? attributes.value("url")
            date = attributes.value("timestamp", as: JiraInstant.self)?.timestamp.utcDay.description
            accountID = attributes.value("id", as: JiraID.self)?.text
            level = attributes.value("level")
            language = attributes.value("language")
            state = attributes.value("state")
        }
    }
}
