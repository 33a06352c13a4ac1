/// Where in a token's claims something stands: `roles`, `realm_access.roles`, `https://example.com/roles`.
///
/// A dot leads into an object, and `\.` is a dot of a name. A name that is a URL, which providers demand of claims that are added,
/// is taken whole.
public struct ClaimPath: Sendable, Hashable {
    /// The names from the outermost to the innermost; at least one, and no empty one.
    public let names: [String]

    /// Nil for an empty text, and for one with an empty name.
    public init?(_ text: String) {
        var names = [""]
        if text.contains("://") {
            names = [text]
        } else {
            var isEscaped = false
            for character in text {
                switch character {
                case "\\" where !isEscaped:
                    isEscaped = true
                    continue
                case "." where !isEscaped: names.append("")
                default: names[names.count - 1].append(character)
                }
                isEscaped = false
            }
        }
        guard names.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.names = names
    }

    /// What stands there; nil where there is nothing.
    public func value(in claims: [String: ClaimValue]) -> ClaimValue? {
        var value = ClaimValue.object(claims)
        for name in names {
            guard let inner = value.members?[name] else { return nil }
            value = inner
        }
        return value
    }

    /// The texts that stand there: a string is one, an array has several, and of an object the names count (as Zitadel's roles
    /// have it). What is no text is left out.
    public func texts(in claims: [String: ClaimValue]) -> [String] {
        switch value(in: claims) {
        case .string(let text): [text]
        case .array(let values): values.compactMap(\.text)
        case .object(let members): members.keys.sorted()
        default: []
        }
    }
}
