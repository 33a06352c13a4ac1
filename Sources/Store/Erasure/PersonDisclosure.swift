import Crypto
public import Domain
import Foundation

extension RiskStore {
    /// What is stored of a person of Jira, by the account id: the rows that an erasure would change, with the columns that hold
    /// something of the person, as they are stored. A page may have fewer rows than `limit`, or none, and not be the last: as many
    /// rows are looked at as one transaction may hold.
    ///
    /// The first page leaves a row in the audit log, without the id.
    public func personRecords(
        of tenantID: TenantID, account: String, after cursor: String?, limit: Int, by actor: Actor, now: Timestamp
    ) async throws -> Page<PersonRecord> {
        let parts = try erasure.parts()
        let place = try DisclosurePlace(cursor)
        let page = try await driver.read { connection in
            try PersonDisclosure(tenantID, account, parts, in: connection).page(after: place, limit: limit)
        }
        if cursor == nil {
            try await driver.write {
                try AuditStatements.append(
                    AuditAct(.personDisclose), to: .tenant(tenantID), by: actor, at: now, in: $0)
            }
        }
        return page
    }
}

/// A table and a place in it.
private struct DisclosurePlace {
    var table = 0
    var after: [String]?

    init(table: Int = 0, after: [String]? = nil) { (self.table, self.after) = (table, after) }

    init(_ cursor: String?) throws {
        guard let parts = try Cursor.parts(cursor) else { return }
        guard let first = parts.first, let index = PersonDisclosure.tables.firstIndex(where: { $0.name == first })
        else {
            throw Cursor.malformed
        }
        table = index
        after = parts.count > 1 ? Array(parts.dropFirst()) : nil
    }

    var text: String {
        get throws { try Cursor([PersonDisclosure.tables[table].name] + (after ?? [])).encoded() }
    }
}

/// Finds what is stored of one person.
private struct PersonDisclosure {
    /// Those with columns that may name people.
    static let tables = PersonalTable.all.filter { !$0.columns.isEmpty }
    /// Rows looked at for one page.
    private static let rowLimit = 500

    private let tenantID: TenantID
    private let marks: PersonMarks
    private let connection: any SQLConnection

    init(_ tenantID: TenantID, _ account: String, _ parts: ErasureParts, in connection: any SQLConnection) throws {
        self.tenantID = tenantID
        self.connection = connection
        // Only to recognise the person: the hashes are thrown away with the transaction.
        var marks = PersonMarks(key: SymmetricKey(size: .bits256))
        let person = ErasedPerson(id: "person", name: "person")
        let found = try PersonFinding(account, of: tenantID, in: connection)
        marks.add(
            person,
            [marks.mark(account: account, of: person)] + found.names.flatMap { marks.marks(name: $0, of: person) })
        self.marks = marks
    }

    func page(after start: DisclosurePlace, limit: Int) throws -> Page<PersonRecord> {
        var (place, records, seen) = (start, [PersonRecord](), 0)
        while place.table < Self.tables.count {
            let table = Self.tables[place.table]
            let query = try table.page(of: tenantID, after: place.after, limit: table.portion)
            let rows = try connection.query(query.sql, query.arguments)
            for row in rows {
                seen += 1
                place.after = table.key.isEmpty ? nil : try table.key(of: row)
                if let record = try record(row, of: table) { records.append(record) }
                if records.count == limit, !table.key.isEmpty {
                    return Page(items: records, nextCursor: try place.text)
                }
            }
            if table.key.isEmpty || rows.count < table.portion { place = DisclosurePlace(table: place.table + 1) }
            guard place.table < Self.tables.count else { break }
            if seen >= Self.rowLimit || records.count >= limit {
                return Page(items: records, nextCursor: try place.text)
            }
        }
        return Page(items: records, nextCursor: nil)
    }

    private func record(_ row: SQLRow, of table: PersonalTable) throws -> PersonRecord? {
        let (jira, own) = (PersonEraser(marks: marks), PersonEraser(marks: marks, source: .own))
        var (values, isAuthor): ([String: String], Bool) = ([:], false)
        for (index, column) in table.columns.enumerated() {
            guard let text = try table.text(row, index, of: tenantID, in: connection) else { continue }
            let isNamed =
                switch column.kind {
                case .account: marks.person(.account, text) != nil
                case .text: jira.text(text) != nil
                case .words: own.text(text) != nil
                case .state, .body: try jira.json(text) != nil
                case .own: try own.json(text) != nil
                }
            if isNamed { values[column.name] = text }
            if isNamed, column.name == "author_id" { isAuthor = true }
        }
        if isAuthor {
            // All of what the person wrote or did.
            for (index, column) in table.columns.enumerated() {
                values[column.name] = try table.text(row, index, of: tenantID, in: connection)
            }
        }
        guard !values.isEmpty else { return nil }
        let key = try table.key(of: row)
        return PersonRecord(
            table: table.name, key: Dictionary(uniqueKeysWithValues: zip(table.key.map(\.name), key)), values: values)
    }
}
