import Yams

/// A mapping inside the configuration file, read key by key. Errors name the key and never what it holds, which may be a
/// secret.
struct SettingsTable {
    private let path: String
    private let mapping: Node.Mapping
    private var read: Set<String> = []

    /// Throws ``ConfigurationError`` for anything but a mapping.
    init(_ node: Node, at path: String) throws {
        guard let mapping = node.mapping else { throw ConfigurationError("\(path) must be a mapping of keys") }
        self.path = path
        self.mapping = mapping
    }

    func error(_ key: String, _ reason: String) -> ConfigurationError { ConfigurationError("\(path).\(key) \(reason)") }

    private mutating func node(_ key: String) -> Node? {
        read.insert(key)
        guard let node = mapping[Node(key)], node.null == nil else { return nil }
        return node
    }

    /// Nil for none, and for an empty one.
    mutating func text(_ key: String) throws -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.scalar?.string else { throw error(key, "must be a single value") }
        return text.isEmpty ? nil : text
    }

    mutating func required(_ key: String) throws -> String {
        guard let text = try text(key) else { throw error(key, "is required") }
        return text
    }

    mutating func choice(_ key: String, of choices: [String], default fallback: String) throws -> String {
        guard let text = try text(key) else { return fallback }
        guard choices.contains(text) else { throw error(key, "must be one of \(choices.joined(separator: ", "))") }
        return text
    }

    mutating func flag(_ key: String, default fallback: Bool) throws -> Bool {
        try choice(key, of: ["true", "false"], default: "\(fallback)") == "true"
    }

    mutating func integer(_ key: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = try text(key) else { return fallback }
        guard let value = Int(text), range.contains(value) else {
            throw error(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Nil for none.
    mutating func list(_ key: String) throws -> [String]? {
        guard let node = node(key) else { return nil }
        let texts = node.sequence?.compactMap { $0.null == nil ? $0.scalar?.string : nil }
        guard let texts, texts.count == node.sequence?.count else { throw error(key, "must be a list of text") }
        return texts
    }

    /// Texts under names that the user chooses; nil for none.
    mutating func texts(_ key: String) throws -> [String: String]? {
        guard let node = node(key) else { return nil }
        guard let mapping = node.mapping else { throw error(key, "must be a mapping of names to text") }
        var texts: [String: String] = [:]
        for (name, value) in mapping {
            guard let name = name.scalar?.string, let text = value.scalar?.string else {
                throw error(key, "must be a mapping of names to text")
            }
            texts[name] = text
        }
        return texts
    }

    /// Throws for a key that was not asked for.
    func rejectUnread() throws {
        let unknown = mapping.keys.map { $0.string ?? "?" }.filter { !read.contains($0) }
        if let key = unknown.min() { throw ConfigurationError("unknown key \(path).\(key) in the configuration file") }
    }
}
