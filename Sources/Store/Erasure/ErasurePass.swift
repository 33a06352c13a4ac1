import Domain
import Foundation

/// One batch of an erasure after the other, each a transaction: it reads from its row how far it is, and writes there how far it
/// came.
///
/// The order matters. First the names are collected that the person has anywhere; then bodies of webhooks, from which states are
/// made again; then states; then what was made of them. Every step may be repeated.
enum ErasurePass {
    /// What is gone through.
    struct Step: Sendable {
        enum Work: Sendable {
            /// Collects names.
            case learn(PersonalTable)
            case columns(PersonalTable)
            case issues(PersonalTable)
            /// Pieces of bodies that no webhook names, or no longer.
            case pieces
            /// Readings under the hashes of erased texts.
            case readings
            /// SQLite's index of words, which keeps what is deleted until it is merged.
            case words
        }

        var name: String
        var work: Work

        static let all: [Step] = {
            let tables = PersonalTable.all
            let learnt = tables.filter { ["webhook_events", "issue_snapshots"].contains($0.name) }
            return learnt.map { Step(name: "names in \($0.name)", work: .learn($0)) }
                + tables.compactMap { table in
                    switch table.treatment {
                    case .columns: Step(name: table.name, work: .columns(table))
                    case .ofIssue where table.name == "issue_snapshots": Step(name: table.name, work: .issues(table))
                    case .ofIssue, .derived, .nothing: nil
                    }
                } + [
                    Step(name: BodyPieces.table, work: .pieces), Step(name: "readings", work: .readings),
                    Step(name: "words", work: .words),
                ]
        }()

        static var first: Step { all[0] }
    }

    /// Where an erasure is after a batch.
    enum Progress: Sendable {
        case goesOn, isRewritten, isFinished
    }

    /// The name of the step behind all.
    private static let rewritten = "rewritten"

    /// Does the next batch; nil for an unknown person.
    static func advance(
        _ tenantID: TenantID, _ personID: String, _ parts: ErasureParts, in connection: any SQLConnection
    ) throws -> Progress? {
        let row = try connection.selectFirst(
            PassColumn.self,
            "FROM erased_people WHERE tenant_id = ? AND person_id = ? \(connection.dialect.locking)",
            [.tenant(tenantID), .text(personID)])
        guard let row else { return nil }
        guard try row.optionalTimestamp(.finishedAt) == nil else { return .isFinished }
        let name = try row.text(.step)
        guard name != rewritten else { return .isRewritten }
        let sealed = try connection.first(
            "SELECT erasure_key_encrypted FROM tenants WHERE id = ?", [.tenant(tenantID)])?.optionalText()
        guard let sealed else { return nil }
        let erasures = try TenantErasures(
            tenantID, sealedKey: sealed, isErasing: true, parts: parts, in: connection)
        // A step of another version: all of it again.
        let index = Step.all.firstIndex { $0.name == name } ?? 0
        var batch = ErasureBatch(erasures: erasures, counts: try ErasureStatements.counts(row.text(.countsJSON)))
        let place = try batch.run(Step.all[index].work, after: try Cursor.parts(row.optionalText(.place)))
        let next =
            place == nil ? (index + 1 < Step.all.count ? Step.all[index + 1].name : rewritten) : Step.all[index].name
        let counts = try CanonicalJSON.encode(batch.counts)
        try connection.run(
            "UPDATE erased_people SET step = ?, place = ?, counts_json = ? WHERE tenant_id = ? AND person_id = ?",
            [
                .text(next), .text(try place.map { try Cursor($0).encoded() }),
                .text(String(decoding: counts, as: UTF8.self)), .tenant(tenantID), .text(personID),
            ])
        connection.changed?.insert(tenantID)
        return .goesOn
    }

    /// Marks an erasure as done. Scores that are being made from what was read before are not written.
    static func finish(_ tenantID: TenantID, _ personID: String, now: Timestamp, in connection: any SQLConnection)
        throws
    {
        // Of comments that came after the readings were removed.
        try connection.run(
            "UPDATE erased_comments SET content_hash = NULL WHERE tenant_id = ? AND content_hash IS NOT NULL",
            [.tenant(tenantID)])
        // In the order in which a score's commit locks: the queue's rows, then the tenant's.
        try connection.run(
            """
            UPDATE issue_queue SET lease_token = NULL, leased_until = NULL
            WHERE tenant_id = ? AND lease_token IS NOT NULL
            """, [.tenant(tenantID)])
        try connection.run(
            "UPDATE erased_people SET finished_at = ? WHERE tenant_id = ? AND person_id = ? AND finished_at IS NULL",
            [.timestamp(now), .tenant(tenantID), .text(personID)])
        try connection.run(
            """
            UPDATE tenants SET is_erasing = EXISTS (
                SELECT 1 FROM erased_people AS p WHERE p.tenant_id = tenants.id AND p.finished_at IS NULL)
            WHERE id = ?
            """, [.tenant(tenantID)])
        connection.changed?.insert(tenantID)
    }

    private enum PassColumn: Int, SQLColumns {
        case step, place, finishedAt, countsJSON
        static let list = columnList()
    }
}

extension Cursor {
    /// The parts of a place, however many; nil for the beginning.
    static func parts(_ text: String?) throws -> [String]? {
        guard let text else { return nil }
        guard let data = Base64URL.decode(text) else { throw malformed }
        do { return try CanonicalJSON.decode([String].self, from: data) } catch { throw malformed }
    }
}

/// The work of one transaction of an erasure.
struct ErasureBatch {
    let erasures: TenantErasures
    /// Changed rows, by table.
    var counts: [String: Int]
    private var connection: any SQLConnection { erasures.connection }
    private var tenantID: TenantID { erasures.tenantID }

    /// Most rows of `sentiment_cache` deleted in one transaction.
    private static let readingPortion = 500
    /// Most bytes of bodies that are read in one transaction, unless one alone has more: what reads and rewrites them is SQLite's one
    /// writer meanwhile (P11).
    private static let byteLimit = 1 << 20

    init(erasures: TenantErasures, counts: [String: Int]) {
        self.erasures = erasures
        self.counts = counts
    }

    /// Does a batch of a step; where the next begins, nil when the step is done.
    mutating func run(_ work: ErasurePass.Step.Work, after place: [String]?) throws -> [String]? {
        switch work {
        case .learn(let table): try learn(table, after: place)
        case .columns(let table): try rewrite(table, after: place)
        case .issues(let table): try rewriteIssues(table, after: place)
        case .pieces: try BodyPieces.removeUnnamed(of: tenantID, in: connection) ? [] : nil
        case .readings: try removeReadings()
        case .words: try mergeWords()
        }
    }

    /// The rows of a batch, and where the next one begins: nil behind the last. It ends where their bodies are more bytes than
    /// ``byteLimit``.
    private func rows(
        _ table: PersonalTable, after place: [String]?
    ) throws -> (rows: [SQLRow], next: [String]?) {
        var (limit, isLast) = (table.portion, false)
        if let query = try table.sizes(of: tenantID, after: place, limit: limit) {
            let sizes = try connection.query(query.sql, query.arguments).map { try $0.integer() }
            var bytes = 0
            limit = max(
                1,
                sizes.prefix { size in
                    bytes += size
                    return bytes <= Self.byteLimit
                }.count)
            isLast = sizes.count < table.portion && sizes.count <= limit
        }
        let query = try table.page(of: tenantID, after: place, limit: limit)
        let rows = try connection.query(query.sql, query.arguments)
        guard !table.key.isEmpty, !isLast, rows.count == limit else { return (rows, nil) }
        return (rows, try rows.last.map { try table.key(of: $0) })
    }

    /// Collects what erased accounts are called.
    private func learn(_ table: PersonalTable, after place: [String]?) throws -> [String]? {
        let (rows, next) = try rows(table, after: place)
        var eraser = PersonEraser(marks: erasures.marks)
        eraser.learn = { [erasures] in _ = try erasures.learn($0, name: $1, mail: $2) }
        for row in rows {
            for (index, column) in table.columns.enumerated() {
                switch column.kind {
                case .body, .state:
                    if let text = try table.text(row, index, of: tenantID, in: connection) { _ = try eraser.json(text) }
                case .account, .text, .words, .own: break
                }
            }
        }
        return next
    }

    private mutating func rewrite(_ table: PersonalTable, after place: [String]?) throws -> [String]? {
        let (rows, next) = try rows(table, after: place)
        let rewriter = RowRewriter(erasures: erasures)
        for row in rows {
            let changed = try rewriter.changes(in: row, of: table)
            guard !changed.isEmpty else { continue }
            var values = changed.map { (table.columns[$0.column].name, $0.value) }
            // A rewritten body is in its row; the pieces are removed by a later step.
            if changed.contains(where: { table.columns[$0.column].kind == .body }) {
                values.append((PersonalTable.bodyID, .null))
            }
            try update(table, key: try table.key(of: row), values)
        }
        return next
    }

    private mutating func update(_ table: PersonalTable, key: [String], _ values: [(String, SQLValue)]) throws {
        let isRow = (["tenant_id"] + table.key.map(\.name)).map { "\($0) = ?" }.joined(separator: " AND ")
        try connection.run(
            "UPDATE \(table.name) SET \(values.map { "\($0.0) = ?" }.joined(separator: ", ")) WHERE \(isRow)",
            values.map(\.1) + [.tenant(tenantID)] + zip(table.key, key).map { try $0.value($1) })
        counts[table.name, default: 0] += 1
    }

    // MARK: Issues

    private mutating func rewriteIssues(_ table: PersonalTable, after place: [String]?) throws -> [String]? {
        let (rows, next) = try rows(table, after: place)
        for row in rows {
            let key = try table.key(of: row)
            // What is being made of the issue as it was is not written.
            try connection.run(
                """
                UPDATE issue_queue SET lease_token = NULL, leased_until = NULL
                WHERE tenant_id = ? AND issue_id = ? AND lease_token IS NOT NULL
                """, [.tenant(tenantID), .text(key[0])])
            try rewriteComments(of: key[0])
            try rewriteChanges(of: key[0])
            try rewriteSnapshot(key[0], table)
        }
        return next
    }

    private mutating func rewriteSnapshot(_ issueID: String, _ table: PersonalTable) throws {
        let names = table.columns.map(\.name).joined(separator: ", ")
        let row = try connection.first(
            "SELECT issue_id, \(names) FROM issue_snapshots WHERE tenant_id = ? AND issue_id = ?",
            [.tenant(tenantID), .text(issueID)])
        guard let row else { return }
        let changed = try RowRewriter(erasures: erasures).changes(in: row, of: table)
        guard !changed.isEmpty else { return }
        try update(table, key: [issueID], changed.map { (table.columns[$0.column].name, $0.value) })
        guard let state = table.columns.firstIndex(where: { $0.kind == .state }),
            let new = changed.first(where: { $0.column == state })
        else { return }
        let old = try row.stored(1 + state, as: StoredIssueState.self)
        let rewritten = try SQLRow(values: [new.value]).stored(0, as: StoredIssueState.self)
        // A function of the state, as at every scoring.
        try IssueTextStatements.record(rewritten, replacing: old, of: tenantID, in: connection)
        if old.fields.sprints != rewritten.fields.sprints {
            var whole = rewritten
            whole.changes = try IssueWorkStatements.changes(of: IssueID(issueID), tenantID, connection)
            try SprintStatements.record(whole, of: tenantID, in: connection)
        }
    }

    private mutating func rewriteComments(of issueID: String) throws {
        let eraser = erasures.ofJira
        for comment in try IssueWorkStatements.comments(of: IssueID(issueID), tenantID, connection).values.sorted(by: {
            $0.id < $1.id
        }) {
            var new = comment
            if let author = comment.author, let person = erasures.marks.person(.account, author.id) {
                new.author?.id = person.id
                new.author?.displayName = person.name
                new.body = try erasures.residue(of: comment)
            } else if let text = eraser.text(comment.body) {
                new.body = text
                try moveReadings(from: comment.body, to: text)
            }
            guard new != comment else { continue }
            try connection.run(
                """
                UPDATE issue_comments SET author_id = ?, author = ?, body = ?, erased_length = ?
                WHERE tenant_id = ? AND issue_id = ? AND comment_id = ?
                """,
                [
                    .text(new.author?.id), .text(new.author?.displayName), .text(new.body),
                    .integer(ErasedText(new.body)?.length), .tenant(tenantID), .text(issueID), .id(comment.id),
                ])
            counts["issue_comments", default: 0] += 1
        }
    }

    /// A text that only had a name replaced is read as it was: it is not given to a model again.
    private func moveReadings(from old: String, to new: String) throws {
        let (old, new) = (erasures.parts.hash(old), erasures.parts.hash(new))
        guard old != new else { return }
        try connection.run(
            """
            INSERT INTO sentiment_cache (tenant_id, model_id, content_hash, label, score)
            SELECT tenant_id, model_id, CAST(? AS TEXT), label, score FROM sentiment_cache
            WHERE tenant_id = ? AND content_hash = ?
            ON CONFLICT (tenant_id, model_id, content_hash) DO NOTHING
            """, [.id(new), .tenant(tenantID), .id(old)])
        try connection.run(
            "DELETE FROM sentiment_cache WHERE tenant_id = ? AND content_hash = ?", [.tenant(tenantID), .id(old)])
    }

    private mutating func rewriteChanges(of issueID: String) throws {
        let eraser = erasures.ofJira
        for change in try IssueWorkStatements.changes(of: IssueID(issueID), tenantID, connection).values.sorted(by: {
            $0.id < $1.id
        }) {
            var new = change
            var isByErased = false
            if let author = change.author, let person = erasures.marks.person(.account, author.id) {
                new.author?.id = person.id
                new.author?.displayName = person.name
                isByErased = true
            }
            for path in [\Change.from, \.fromString, \.to, \.toString] {
                if let text = change[keyPath: path], let replaced = eraser.text(text) { new[keyPath: path] = replaced }
            }
            if isByErased, change.field.lowercased() == "comment" {
                for path in [\Change.fromString, \.toString] where change[keyPath: path] != nil {
                    new[keyPath: path] = ErasedText.quotation
                }
            }
            guard new != change else { continue }
            try connection.run(
                """
                UPDATE issue_changes SET author_id = ?, author = ?, from_value = ?, from_string = ?, to_value = ?,
                    to_string = ?
                WHERE tenant_id = ? AND issue_id = ? AND change_id = ?
                """,
                [
                    .text(new.author?.id), .text(new.author?.displayName), .text(new.from), .text(new.fromString),
                    .text(new.to), .text(new.toString), .tenant(tenantID), .text(issueID), .id(change.id),
                ])
            counts["issue_changes", default: 0] += 1
        }
    }

    // MARK: The end

    /// By the hash of a text a reader who guesses the text can tell that it was there.
    private mutating func removeReadings() throws -> [String]? {
        let rows = try connection.query(
            """
            SELECT DISTINCT content_hash FROM erased_comments WHERE tenant_id = ? AND content_hash IS NOT NULL
            ORDER BY content_hash LIMIT ?
            """, [.tenant(tenantID), .integer(Self.readingPortion)])
        let hashes = try rows.map { SQLValue.text(try $0.text()) }
        guard !hashes.isEmpty else { return nil }
        let isAny = connection.dialect.isAny("content_hash")
        counts["sentiment_cache", default: 0] += try connection.execute(
            "DELETE FROM sentiment_cache WHERE tenant_id = ? AND \(isAny)", [.tenant(tenantID), .array(hashes)])
        try connection.run(
            "UPDATE erased_comments SET content_hash = NULL WHERE tenant_id = ? AND \(isAny)",
            [.tenant(tenantID), .array(hashes)])
        return rows.count == Self.readingPortion ? [] : nil
    }

    private func mergeWords() throws -> [String]? {
        guard !connection.dialect.hasConcurrentWriters else { return nil }
        let index = IssueTextStatements.sqliteIndex
        try connection.run("INSERT INTO \(index) (\(index)) VALUES ('optimize')", [])
        return nil
    }
}

/// Rewrites the columns of a row.
struct RowRewriter {
    let erasures: TenantErasures

    /// The columns that name erased people, by their place, with what they hold without them.
    func changes(in row: SQLRow, of table: PersonalTable) throws -> [(column: Int, value: SQLValue)] {
        try table.columns.indices.compactMap { index in
            guard let text = try table.text(row, index, of: erasures.tenantID, in: erasures.connection) else {
                return nil
            }
            let kind = table.columns[index].kind
            guard let new = try replaced(text, kind) else { return nil }
            return (index, kind == .body ? .blob(Data(new.utf8)) : .text(new))
        }
    }

    private func replaced(_ text: String, _ kind: PersonalTable.Kind) throws -> String? {
        switch kind {
        case .account: erasures.marks.person(.account, text)?.id
        case .text: erasures.ofJira.text(text)
        case .words: erasures.ofConsilod.text(text)
        case .state, .body: try erasures.ofJira.json(text)
        case .own: try erasures.ofConsilod.json(text)
        }
    }
}
