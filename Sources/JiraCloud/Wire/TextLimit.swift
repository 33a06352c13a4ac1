/// The most bytes of UTF-8 that a text of Jira has in consilod; what is longer is cut where it is read, and ends with "…".
///
/// Jira counts characters, and one character may be megabytes of combining marks. Each limit is above what Jira itself
/// takes, at four bytes to a character, so that it cuts no text that Jira has taken.
enum TextLimit {
    /// What is one line in Jira, 255 characters at most: summaries, names, labels, sprints, the words of link types.
    case line
    /// What has many, 32,767 characters at most: descriptions, comments, and their former and new texts in a changelog.
    case text
    /// One word: the state of a sprint, a time zone. What is longer is no such word, and left out.
    case word

    var bytes: Int {
        switch self {
        case .line: 1024
        case .text: 131_072
        case .word: 64
        }
    }

    private static let mark = "…"

    /// The text itself, or as much of it as fits together with the mark: whole characters, of a first one that does not
    /// fit its beginning.
    func cut(_ text: String) -> String {
        let limit = bytes
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit - Self.mark.utf8.count)
        while UTF8.isContinuation(text.utf8[end]) { end = text.utf8.index(before: end) }
        let head = text[..<end]
        // Only the next scalar is looked at: the rest of the character may be all of the text.
        let start = head.index(before: end)
        let goesOn = (String(head[start...]) + String(text.unicodeScalars[end])).count == 1
        return head[..<(goesOn && start > head.startIndex ? start : end)] + Self.mark
    }
}

extension KeyedDecodingContainer<WireKey> {
    /// As ``value(_:as:)`` for a text, within a limit; a word that is too long is nil.
    func text(_ key: WireKey, _ limit: TextLimit) -> String? {
        guard let text = value(key, as: String.self) else { return nil }
        if case .word = limit { return text.utf8.count <= limit.bytes ? text : nil }
        return limit.cut(text)
    }
}
