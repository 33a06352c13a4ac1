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

    /// The text to read: a string as it is, a document flattened, its blocks on lines of their own.
    public static func plainText(of text: JiraText) -> String {
        switch text {
        case .markup(let text): return text
        case .document(let node):
            var flattened = FlattenedDocument()
            flattened.append(node)
            return flattened.text
        }
    }
}

/// A node of a document in the Atlassian Document Format, with the attributes that carry text.
///
/// <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure>
public struct ADFNode: Sendable, Hashable, Decodable {
    /// `doc`, `paragraph`, `text`, `mention`, …
    public var type: String
    /// The text of a `text` node.
    public var text: String?
    /// `attrs.text` of a `mention`, an `emoji` or a `status`; else an emoji's `attrs.shortName`, a card's `attrs.url`.
    public var label: String?
    /// `attrs.timestamp` of a `date`: milliseconds since the epoch, in a string.
    public var date: String?
    /// The nodes inside, in order; those that cannot be read are left out.
    public var content: [ADFNode]

    /// Reads a node. Throws `DecodingError` for anything that is not an object with a `type`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        type = try container.decode(String.self, forKey: "type")
        text = container.value("text")
        content = container.value("content", as: LossyList<ADFNode>.self)?.values ?? []
        if let attributes = try? container.nestedContainer(keyedBy: WireKey.self, forKey: "attrs") {
            label = attributes.value("text") ?? attributes.value("shortName") ?? attributes.value("url")
            date = attributes.value("timestamp", as: JiraInstant.self)?.timestamp.utcDay.description
        }
    }
}

/// The text of a document so far. Reading a document in sequence gives its text in order; a block (every node that
/// is not inline) starts and ends a line.
private struct FlattenedDocument {
    private(set) var text = ""
    private var isBlockEnded = false

    mutating func append(_ node: ADFNode) {
        switch node.type {
        case "text": append(node.text)
        case "mention", "emoji", "status", "inlineCard": append(node.label)
        case "date": append(node.date)
        case "hardBreak": append("\n")
        case "inlineExtension", "mediaInline", "placeholder": break
        default:
            isBlockEnded = true
            if node.type == "blockCard" || node.type == "embedCard" { append(node.label) }
            for child in node.content { append(child) }
            isBlockEnded = true
        }
    }

    private mutating func append(_ piece: String?) {
        guard let piece else { return }
        if isBlockEnded && !text.isEmpty && !text.hasSuffix("\n") { text += "\n" }
        isBlockEnded = false
        text += piece
    }
}
