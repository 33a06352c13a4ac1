import Domain
import Queries

/// A portfolio as people type it: in each line the key of a project, or a name, a colon and a query (JQL).
enum PortfolioText {
    struct Problem: Error {
        /// For people.
        var text: String
    }

    /// Throws ``Problem``.
    static func slices(of text: String, limit: Int) throws -> [PortfolioAnalyses.Slice] {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed }.filter { !$0.isEmpty }
        guard !lines.isEmpty else { throw Problem(text: PageTexts.english("projects", "empty")) }
        guard lines.count <= limit else {
            throw Problem(text: PageTexts.english("projects", "too_many", ["limit": "\(limit)"]))
        }
        return try lines.map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                let (name, jql) = (parts[0].trimmed, parts[1].trimmed)
                if !name.isEmpty, !jql.isEmpty {
                    return PortfolioAnalyses.Slice(name: String(name.prefix(255)), jql: String(jql.prefix(10_000)))
                }
            } else if let slice = PortfolioAnalyses.Slice(openIssuesOf: line) {
                return slice
            }
            throw Problem(text: PageTexts.english("projects", "unreadable", ["line": String(line.prefix(100))]))
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        String(String(drop { $0.isWhitespace }).reversed().drop { $0.isWhitespace }.reversed())
    }
}
