/// A JQL query that the store can answer without Jira: the issues of named projects, or those that are not done.
///
/// Exactly these are understood, keywords in any case, each key bare or in quotes:
///
///     project = A            project in (A, B)
///     … AND statusCategory != Done, or the two clauses the other way round
///     … ORDER BY field [ASC|DESC], …, which has no effect here
///
/// <https://support.atlassian.com/jira-software-cloud/docs/jql-fields/>
struct ProjectJQL: Hashable, CustomStringConvertible {
    /// In capital letters, each once, in the query's order.
    let projectKeys: [String]
    /// Whether finished issues (status category done) are asked for too.
    let includesDone: Bool

    /// Nil for any other query, and for text that is not a query.
    init?(_ jql: String) {
        guard let tokens = JQLToken.all(of: jql) else { return nil }
        var reader = Reader(tokens: tokens[...])
        var (projects, excludesDone): ([String]?, Bool) = (nil, false)
        for clause in 0..<2 {
            if clause == 1, !reader.take(word: "and") { break }
            if projects == nil, let keys = reader.takeProjects() {
                projects = keys
            } else if !excludesDone, reader.takeNotDone() {
                excludesDone = true
            } else {
                return nil
            }
        }
        guard let projects, reader.takeOrder(), reader.tokens.isEmpty else { return nil }
        self.init(projects, includesDone: !excludesDone)
    }

    /// The open issues of one project; nil where `projectKey` cannot be one.
    init?(openIssuesOf projectKey: String) {
        guard Self.isKey(projectKey) else { return nil }
        self.init([projectKey], includesDone: false)
    }

    private init(_ keys: [String], includesDone: Bool) {
        self.projectKeys = keys.reduce(into: []) { unique, key in
            if !unique.contains(key.uppercased()) { unique.append(key.uppercased()) }
        }
        self.includesDone = includesDone
    }

    /// The query in its plainest form.
    var description: String {
        let keys = projectKeys.map { "\"\($0)\"" }
        let projects = keys.count == 1 ? "project = \(keys[0])" : "project in (\(keys.joined(separator: ", ")))"
        return includesDone ? projects : projects + " AND statusCategory != Done"
    }

    /// What may be a project's key: a letter, then letters, digits or underscores. Numbers are ids of projects.
    fileprivate static func isKey(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 255, UInt8(ascii: "A")...UInt8(ascii: "Z") ~= first & 0xDF
        else { return false }
        return text.utf8.allSatisfy(JQLToken.isWordByte)
    }

    /// Takes one part of the grammar after the other. A take that fails may leave the tokens anywhere but for
    /// ``takeProjects()`` and ``takeNotDone()``, which leave them as they were.
    private struct Reader {
        var tokens: ArraySlice<JQLToken>

        mutating func take(word: String) -> Bool {
            guard case .word(let text) = tokens.first, text.lowercased() == word else { return false }
            tokens.removeFirst()
            return true
        }

        mutating func take(_ symbol: JQLToken) -> Bool {
            guard tokens.first == symbol else { return false }
            tokens.removeFirst()
            return true
        }

        mutating func takeProjects() -> [String]? {
            var rest = self
            guard rest.take(word: "project") else { return nil }
            var keys: [String] = []
            if rest.take(.equals) {
                guard let key = rest.takeKey() else { return nil }
                keys = [key]
            } else {
                guard rest.take(word: "in"), rest.take(.open) else { return nil }
                repeat {
                    guard let key = rest.takeKey() else { return nil }
                    keys.append(key)
                } while rest.take(.comma)
                guard rest.take(.close) else { return nil }
            }
            self = rest
            return keys
        }

        mutating func takeNotDone() -> Bool {
            var rest = self
            guard rest.take(word: "statuscategory"), rest.take(.differs) else { return false }
            switch rest.tokens.first {
            case .word(let text), .quoted(let text):
                guard text.lowercased() == "done" else { return false }
                rest.tokens.removeFirst()
            default: return false
            }
            self = rest
            return true
        }

        private mutating func takeKey() -> String? {
            switch tokens.first {
            case .word(let text):
                // Bare, these are values or words of JQL itself.
                let reserved = ["empty", "null", "and", "or", "not", "in", "is", "order", "by"]
                guard ProjectJQL.isKey(text), !reserved.contains(text.lowercased()) else { return nil }
                tokens.removeFirst()
                return text
            case .quoted(let text):
                guard ProjectJQL.isKey(text) else { return nil }
                tokens.removeFirst()
                return text
            default: return nil
            }
        }

        /// Nothing, or a whole `ORDER BY`.
        mutating func takeOrder() -> Bool {
            guard take(word: "order") else { return true }
            guard take(word: "by") else { return false }
            repeat {
                switch tokens.first {
                case .word, .quoted: tokens.removeFirst()
                default: return false
                }
                if !take(word: "asc") { _ = take(word: "desc") }
            } while take(.comma)
            return true
        }
    }
}

/// The pieces of the JQL that is understood here.
private enum JQLToken: Equatable {
    case word(String)
    case quoted(String)
    case equals, differs, open, close, comma

    /// Nil where there is anything else in the query, an escape in quotes included.
    static func all(of jql: String) -> [JQLToken]? {
        var rest = Substring(jql).utf8
        var tokens: [JQLToken] = []
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: " "), 0x09, 0x0A, 0x0D: rest.removeFirst()
            case UInt8(ascii: "="): rest.removeFirst(); tokens.append(.equals)
            case UInt8(ascii: "("): rest.removeFirst(); tokens.append(.open)
            case UInt8(ascii: ")"): rest.removeFirst(); tokens.append(.close)
            case UInt8(ascii: ","): rest.removeFirst(); tokens.append(.comma)
            case UInt8(ascii: "!"):
                guard rest.dropFirst().first == UInt8(ascii: "=") else { return nil }
                rest.removeFirst(2)
                tokens.append(.differs)
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                let text = rest.dropFirst().prefix { $0 != byte }
                guard text.endIndex < rest.endIndex, !text.contains(UInt8(ascii: "\\")) else { return nil }
                rest = rest[rest.index(after: text.endIndex)...]
                tokens.append(.quoted(String(decoding: text, as: UTF8.self)))
            case _ where isWordByte(byte):
                let text = rest.prefix(while: isWordByte)
                rest = rest[text.endIndex...]
                tokens.append(.word(String(decoding: text, as: UTF8.self)))
            default: return nil
            }
        }
        return tokens
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
