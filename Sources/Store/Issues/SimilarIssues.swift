import Domain
import Foundation

/// A word to find similar issues by.
struct DistinctiveWord: Sendable, Hashable {
    var word: String
    /// How much an issue that holds it is like the other: the rarer the word, the more.
    var weight: Double
    /// Whether it is a word of the summary, a component or a label, and counts twice.
    var isOfTitle: Bool
}

/// The query for similar issues (decision 0025 has what was measured).
enum SimilarIssueStatements {
    /// An issue is listed from this share on of what the issue asked about scores itself.
    static let leastShare = 0.2
    /// Most words taken of summary, components and labels together, and of the description.
    static let titleWords = 30
    static let bodyWords = 12
    /// Most words of a description that are looked up: the most repeated, then the longest.
    static let bodyCandidates = 60
    /// A word that more than one in `commonShare` issues hold, and more than `fewIssues`, says nothing.
    static let commonShare = 10
    static let fewIssues = 5

    /// How many issues the tenant has words of.
    static func count(of tenantID: TenantID) -> SQLQuery {
        SQLQuery("SELECT COUNT(*) FROM issue_texts WHERE tenant_id = ?", [.tenant(tenantID)])
    }

    /// Issues that share distinctive words with this one, finished ones included: those of its project first, then by how
    /// much they share, which the engine's full text search tells. Neither deleted nor hidden ones. Two round trips to a server.
    ///
    /// Fewer than `limit`, or none, where nothing shares at least ``leastShare`` of what the issue shares with itself.
    ///
    /// - Parameter total: what ``count(of:)`` gave.
    static func similar(
        to issue: Issue, among total: Int, of tenantID: TenantID, limit: Int, now: Timestamp,
        in connection: any SQLConnection
    ) throws -> [SimilarIssue] {
        let words = try distinctiveWords(of: issue, tenantID, among: total, in: connection)
        guard !words.isEmpty else { return [] }
        return try find(issue, by: words, of: tenantID, limit: limit, now: now, in: connection)
    }

    // MARK: Words

    /// The issue's words that some, but not too many, of the tenant's issues hold.
    private static func distinctiveWords(
        of issue: Issue, _ tenantID: TenantID, among total: Int, in connection: any SQLConnection
    ) throws -> [DistinctiveWord] {
        let words = IssueWords(issue)
        let title = Array(Set(words.title + words.tags)).sorted()
        let repeats = words.body.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            .filter { !title.contains($0.key) && $0.key.contains { !$0.isNumber } }
        let body = repeats.sorted {
            ($1.value, $1.key.utf8.count, $0.key) < ($0.value, $0.key.utf8.count, $1.key)
        }.prefix(bodyCandidates).map(\.key)
        guard !title.isEmpty || !body.isEmpty else { return [] }
        let most = max(total / commonShare, fewIssues)
        let counts = try connection.query(
            (title + body).map { connection.dialect.counting($0, of: tenantID, limit: most + 1) })
        let rarity = try zip(title + body, counts).reduce(into: [String: Double]()) { rarity, entry in
            let count = try entry.1.first?.integer() ?? 0
            // The issue itself is one.
            guard count >= 2, count <= most else { return }
            rarity[entry.0] = log(1 + Double(total) / Double(count))
        }
        func rarest(_ words: [String], _ limit: Int, _ weight: (String) -> Double?) -> [(String, Double)] {
            Array(
                words.compactMap { word in weight(word).map { (word, $0) } }
                    .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(limit))
        }
        return rarest(title, titleWords) { rarity[$0] }.map {
            DistinctiveWord(word: $0, weight: 2 * $1, isOfTitle: true)
        }
            + rarest(body, bodyWords) { word in
                rarity[word].map { (1 + log(Double(repeats[word] ?? 1))) * $0 }
            }.map { DistinctiveWord(word: $0.0, weight: rarity[$0.0] ?? 0, isOfTitle: false) }
    }

    // MARK: Issues

    private static func find(
        _ issue: Issue, by words: [DistinctiveWord], of tenantID: TenantID, limit: Int, now: Timestamp,
        in connection: any SQLConnection
    ) throws -> [SimilarIssue] {
        let hits = connection.dialect.scoring(words, of: tenantID)
        // What only those have to say that are listed is asked of them alone.
        let rows = try connection.query(
            """
            WITH scores AS MATERIALIZED (\(hits.sql)), alike AS (
                SELECT s.tenant_id, s.issue_id, s.issue_key, s.project_key, s.summary, s.status, s.is_done, s.created,
                    s.updated, scores.score, CASE WHEN s.project_key = ? THEN 0 ELSE 1 END AS distance
                FROM scores JOIN issue_texts AS t ON t.id = scores.id
                    JOIN issue_snapshots AS s ON s.tenant_id = t.tenant_id AND s.issue_id = t.issue_id
                WHERE t.tenant_id = ? AND s.issue_id <> ? AND s.is_deleted = ? AND s.issue_key IS NOT NULL
                    AND s.created IS NOT NULL
                    AND scores.score >= ? * COALESCE((
                        SELECT own.score FROM scores AS own JOIN issue_texts AS o ON o.id = own.id
                        WHERE o.tenant_id = ? AND o.issue_id = ?), 0)
                ORDER BY distance, scores.score DESC, s.issue_key LIMIT ?)
            SELECT \(SimilarColumn.list) FROM alike ORDER BY distance, score DESC, issue_key
            """,
            hits.arguments + [
                .text(issue.projectKey), .tenant(tenantID), .id(issue.id), .flag(false), .real(leastShare),
                .tenant(tenantID), .id(issue.id), .integer(limit),
            ])
        return try rows.map { SQLRecord<SimilarColumn>($0) }.map { row in
            let (created, isDone) = (try row.timestamp(.created), try row.flag(.isDone))
            let end = isDone ? try finishedAt(row) : nil
            return SimilarIssue(
                key: IssueKey(try row.text(.issueKey)), projectKey: try row.optionalText(.projectKey) ?? "",
                summary: try row.optionalText(.summary) ?? "", status: try row.optionalText(.status) ?? "Unknown",
                isDone: isDone, tookDays: end.map { max(0, $0.wholeDays(since: created)) },
                ageDays: isDone ? nil : max(0, now.wholeDays(since: created)))
        }
    }

    /// When a finished issue was resolved, else when its status changed last, else when it was updated.
    private static func finishedAt(_ row: SQLRecord<SimilarColumn>) throws -> Timestamp? {
        let state = try row.optionalStored(.stateJSON, as: StoredIssueState.self)
        if let resolvedAt = state?.fields.resolvedAt?.value { return resolvedAt }
        return try row.optionalTimestamp(.movedAt) ?? row.optionalTimestamp(.updated)
    }

    private enum SimilarColumn: Int, SQLColumns {
        case issueKey, projectKey, summary, status, isDone, created, updated, movedAt, stateJSON
        static let list = columnList()

        var sql: String {
            switch self {
            case .movedAt:
                """
                CASE WHEN is_done THEN (
                    SELECT MAX(c.changed_at) FROM issue_changes AS c
                    WHERE c.tenant_id = alike.tenant_id AND c.issue_id = alike.issue_id AND c.field = 'status') END
                """
            case .stateJSON:
                """
                CASE WHEN is_done THEN (
                    SELECT f.state_json FROM issue_snapshots AS f
                    WHERE f.tenant_id = alike.tenant_id AND f.issue_id = alike.issue_id) END
                """
            default: columnName
            }
        }
    }
}

// The words are letters and digits only, so nothing in them is syntax of a search.
extension SQLDialect {
    /// Counts the tenant's issues that hold a word, up to a limit.
    fileprivate func counting(_ word: String, of tenantID: TenantID, limit: Int) -> SQLQuery {
        hasConcurrentWriters
            ? SQLQuery(
                """
                SELECT COUNT(*) FROM (
                    SELECT 1 FROM issue_texts
                    WHERE numnode(\(phrase("CAST(? AS TEXT)"))) > 0
                        AND search @@ (CAST(CAST(? AS TEXT) AS TSQUERY) && \(phrase("CAST(? AS TEXT)"))) LIMIT ?) AS holding
                """,
                [
                    .text(word), .text("'@\(tenantID.uuid.canonicalText)'"), .text(word), .integer(limit),
                ])
            : SQLQuery(
                """
                SELECT COUNT(*) FROM (
                    SELECT 1 FROM \(IssueTextStatements.sqliteIndex)
                    WHERE \(IssueTextStatements.sqliteIndex) MATCH ? LIMIT ?)
                """, [.text(sqliteSearch("\"\(word)\"", of: tenantID)), .integer(limit)])
    }

    /// A query of the tenant's issues that hold one of the words, each with its `score`.
    fileprivate func scoring(_ words: [DistinctiveWord], of tenantID: TenantID) -> SQLQuery {
        guard hasConcurrentWriters else {
            let terms = words.flatMap { Array(repeating: "\"\($0.word)\"", count: $0.isOfTitle ? 2 : 1) }
            // Of summary, tags and description; the tenant's own word counts nothing.
            return SQLQuery(
                """
                SELECT rowid AS id, -bm25(\(IssueTextStatements.sqliteIndex), 0.0, 4.0, 2.0, 1.0) AS score
                FROM \(IssueTextStatements.sqliteIndex) WHERE \(IssueTextStatements.sqliteIndex) MATCH ?
                """, [.text(sqliteSearch(terms.joined(separator: " OR "), of: tenantID))])
        }
        // The engine ranks one word in a text; that a rare one counts more than a common one is in the weights.
        return SQLQuery(
            """
            SELECT t.id, SUM(w.weight * ts_rank(CAST('{0, 0.25, 0.5, 1}' AS REAL[]), t.search, w.query)) AS score
            FROM issue_texts AS t CROSS JOIN (
                SELECT \(phrase("word")) AS query, CAST(weight AS DOUBLE PRECISION) AS weight
                FROM unnest(CAST(? AS TEXT[]), CAST(? AS TEXT[])) AS given (word, weight)) AS w
            WHERE t.search @@ (CAST(CAST(? AS TEXT) AS TSQUERY) && (
                SELECT CAST(string_agg('(' || CAST(\(phrase("word")) AS TEXT) || ')', ' | ') AS TSQUERY)
                FROM unnest(CAST(? AS TEXT[])) AS given (word)))
            GROUP BY t.id
            """,
            [
                .array(words.map { .text($0.word) }), .array(words.map { .text("\($0.weight)") }),
                .text("'@\(tenantID.uuid.canonicalText)'"), .array(words.map { .text($0.word) }),
            ])
    }

    /// PostgreSQL's query for a word. Its parser splits some in two (`4e5f6a7b`, at what reads as a number with an exponent),
    /// in the index and so here as well (`findings/postgresql-parser-splits-hashes.sh`). Of a word without a letter or digit of
    /// its own tables nothing is left.
    private func phrase(_ word: String) -> String { "phraseto_tsquery('pg_catalog.simple', \(word))" }

    /// A search for what `terms` says, in the tenant's issues only.
    private func sqliteSearch(_ terms: String, of tenantID: TenantID) -> String {
        "tenant_id : \"\(tenantID.uuid.canonicalText)\" AND {title tags body} : (\(terms))"
    }
}
