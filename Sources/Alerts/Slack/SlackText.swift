/// Slack's rules for text: what must be escaped, and lengths, which are counted in UTF-16 units to be safe.
enum SlackText {
    /// `text` for a mrkdwn field, cut so that the result has at most `limit` units.
    ///
    /// `&`, `<` and `>` are the characters Slack asks to escape (docs.slack.dev, "Formatting message text"): without
    /// them there is no `<!channel>` and no link. A word joiner after `@` keeps Mattermost, which reads `@channel` in
    /// plain text, from calling everybody. One between `](` and `![` does the same for the links and pictures of Markdown,
    /// which Mattermost and Rocket.Chat read.
    static func escaped(_ text: String, limit: Int) -> String {
        var before: Character?
        return cut(text, limit: limit) { character in
            defer { before = character }
            switch (before, character) {
            case (_, "&"): return "&amp;"
            case (_, "<"): return "&lt;"
            case (_, ">"): return "&gt;"
            case (_, "@"): return "@\u{2060}"
            case ("]", "("), ("]", "["), ("!", "["): return "\u{2060}\(character)"
            default: return String(character)
            }
        }
    }

    /// `text` cut to at most `limit` units.
    static func cut(_ text: String, limit: Int) -> String { cut(text, limit: limit) { String($0) } }

    /// Cuts between characters, never inside what one of them was replaced with.
    private static func cut(_ text: String, limit: Int, replacing: (Character) -> String) -> String {
        let pieces = text.map(replacing)
        if pieces.reduce(0, { $0 + $1.utf16.count }) <= limit { return pieces.joined() }
        var result = ""
        var left = limit - 1  // for the ellipsis
        for piece in pieces {
            left -= piece.utf16.count
            guard left >= 0 else { break }
            result += piece
        }
        return result + "…"
    }
}
