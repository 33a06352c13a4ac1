import Domain
import Foundation
import StoreTestSupport
import TestSupport

@testable import Store

/// Stores to copy from and to, gone with the value that holds them.
final class TransferFixture: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    // A leftover in the temporary folder is not the test's concern.
    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent("\(name).sqlite").path }

    /// A SQLite file in which every table has `rows` rows of awkward values.
    func filledFile(_ name: String = "source", rows: Int = 12, seed: UInt64 = 1) async throws -> String {
        let driver = try SQLiteDriver(path: path(name))
        try await driver.write { connection in
            try Migrations.apply(to: connection, now: StoreFixture.start)
            try AwkwardRows.fill(connection, rows: rows, seed: seed)
        }
        try driver.close()
        return path(name)
    }

    /// What a copy goes to: a PostgreSQL schema where there is a server, else a file.
    final class Destination: Sendable {
        let schema: PostgresSchema?
        let place: StoreLocation

        init(_ fixture: TransferFixture) throws {
            schema = try PostgresSchema.server.map { try PostgresSchema(server: $0) }
            place = try Self.place(schema) ?? .sqlite(path: fixture.path("destination-\(UUID().uuidString)"))
        }

        init(schema: PostgresSchema) throws {
            self.schema = schema
            place = try .postgres(PostgresSettings(connectionString: schema.url))
        }

        private static func place(_ schema: PostgresSchema?) throws -> StoreLocation? {
            try schema.map { try .postgres(PostgresSettings(connectionString: $0.url)) }
        }

        /// Opens it as a daemon does.
        func store() async throws -> RiskStore {
            switch place {
            case .sqlite(let path): try await RiskStore.sqlite(path: path, now: StoreFixture.start)
            case .postgres(let settings): try await RiskStore.postgres(settings, now: StoreFixture.start)
            }
        }
    }

    /// Runs one copy, with small pages, to its end.
    static func copy(
        _ source: StoreLocation, to destination: StoreLocation, startsOver: Bool = false,
        _ adjust: (inout StoreTransfer) -> Void = { _ in }
    ) async throws -> [StoreTransfer.Comparison] {
        var transfer = try StoreTransfer(from: source, to: destination)
        transfer.reader.pageRows = 5
        adjust(&transfer)
        do {
            let result = try await transfer.run(startsOver: startsOver, now: StoreFixture.start) { _ in }
            try transfer.close()
            return result
        } catch {
            try transfer.close()
            throw error
        }
    }

    /// The rows of every table, by table, sorted; in words that are the same whatever the engine keeps them as.
    static func rows(_ driver: any SQLDriver) async throws -> [String: [[String]]] {
        try await driver.read { connection in
            var all: [String: [[String]]] = [:]
            for table in try TransferTable.all() {
                let rows = try connection.query(
                    "SELECT \(table.columns.map(\.name).joined(separator: ", ")) FROM \(table.name)", [])
                all[table.name] = try rows.map { row in
                    try zip(table.columns, table.converted(row)).map { try word($1, $0.type) }
                }.sorted { $0.lexicographicallyPrecedes($1) }
            }
            return all
        }
    }

    static func rows(ofFile path: String) async throws -> [String: [[String]]] {
        let driver = try ExclusiveSQLiteDriver(path: path)
        let rows = try await rows(driver)
        try driver.close()
        return rows
    }

    private static func word(_ value: SQLValue, _ type: TransferType) throws -> String {
        switch value {
        case .text(let text) where type == .json:
            let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
            return value.description
        // PostgreSQL's texts hold no U+0000.
        case .text(let text): return "text " + text.replacing("\0", with: "\u{FFFD}")
        case .real(let number): return "real \(number == 0 ? 0 : number)"
        case .timestamp(let instant): return "instant \(instant)"
        default: return "\(value)"
        }
    }
}

/// Any JSON, to be compared by what it says.
private indirect enum JSONValue: Decodable, CustomStringConvertible {
    case null, flag(Bool), number(Double), text(String), list([JSONValue]), object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value.replacing("\0", with: "\u{FFFD}"))
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    var description: String {
        switch self {
        case .null: "null"
        case .flag(let value): "\(value)"
        case .number(let value): "\(value == 0 ? 0 : value)"
        case .text(let value): value.debugDescription
        case .list(let values): "\(values)"
        case .object(let members):
            "{"
                + members.map { "\($0.replacing("\0", with: "\u{FFFD}").debugDescription): \($1)" }.sorted()
                .joined(separator: ", ") + "}"
        }
    }
}

/// Rows for every table of the schema, made of values that one engine or the other finds hard.
enum AwkwardRows {
    static let texts = [
        "", "Grüße aus Łódź 🙁 日本語", "U+0000 \0 inside", "\u{FFFD}", "'; DROP TABLE tenants; --", "line\nbreak\ttab\r\n",
        "e\u{301} and é", "\\N \\x00 {}", String(repeating: "long ", count: 5000), "?", "NULL", "\u{10FFFF}",
    ]
    static let json = [
        #"{"b": 1, "aa": [1.5, 1e3, -0.0, -0, 12345678901234567890, 0.1, 1e-7, 1.7976931348623157e308], "a": {}, "": null}"#,
        #"["\u0000", "\ud83d\ude42 \/ \" \\ \b\f\n\r\t \u00e9", "plain", true, false, [], [[]], {"z": 1, "é": 2, "~": 3}]"#,
        "  { \"x\" : [ 1 , 2 ] }\n", "{}", "0", "\"\"", "null", #"{"\u0000": "\\u0000", "long": 0.30000000000000004}"#,
    ]
    static let reals = [
        0, -0.0, 0.1, -1.5, 3, .infinity, -.infinity, Double.leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e15,
    ]
    static let instants = [
        Timestamp(milliseconds: 0), Timestamp(milliseconds: -1), Timestamp(milliseconds: .min),
        Timestamp(milliseconds: .max), Timestamp(milliseconds: 253_402_300_799_999), StoreFixture.start,
        Timestamp(milliseconds: -62_167_219_200_000), Timestamp(milliseconds: 1_760_000_000_123),
    ]

    /// The columns that refer to other tables.
    private static let references = [
        "tenant_id": "tenants", "rule_id": "alert_rules", "alert_id": "alerts",
        "notification_id": "notifications", "channel_id": "alert_channels", "user_id": "users",
    ]

    static func fill(_ connection: any SQLConnection, rows: Int, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var ids: [String: [SQLValue]] = [:]
        // The schema begins with rows of its own there.
        try connection.run("DELETE FROM subscription_plans", [])
        for table in try TransferTable.all() {
            let optional = Set(
                try connection.query(
                    "SELECT name FROM pragma_table_info(?) WHERE \"notnull\" = 0 AND pk = 0", [.text(table.name)]
                ).map { try $0.text(0) })
            for index in 0..<rows {
                let row = table.columns.enumerated().map { position, column -> SQLValue in
                    if column.type == .uuid, let target = references[column.name], let known = ids[target] {
                        // A table refers to each of its targets' rows in turn, so that composite keys differ.
                        return known[index % known.count]
                    }
                    let isUnique =
                        table.key.contains(position)
                        || (table.name == "subscription_plans" && column.name == "name")
                        || [
                            "jira_url", "api_key_hash", "key_hash", "delivery_id", "subject", "clerk_user_id",
                            "token_hash", "customer_id",
                        ].contains(column.name)
                    if optional.contains(column.name), !isUnique, index % 4 == 3 { return .null }
                    return value(column.type, index, isUnique: isUnique, &generator)
                }
                if let id = row.first, table.columns[0].name == "id" { ids[table.name, default: []].append(id) }
                _ = try connection.execute(table.insert, row)
            }
        }
    }

    private static func value(
        _ type: TransferType, _ index: Int, isUnique: Bool, _ generator: inout SeededGenerator
    ) -> SQLValue {
        func one<Value>(_ values: [Value]) -> Value { values[(index + Int(generator.next() % 3)) % values.count] }
        switch type {
        case .text, .key:
            let text = one(texts)
            // Indexes of PostgreSQL take no long keys.
            return .text((isUnique ? "\(index) " : "") + (type == .key || isUnique ? String(text.prefix(50)) : text))
        case .integer: return .integer(Int64([Int32.min, .max, 0, -1, 7][index % 5]))
        case .serial: return .integer(Int64(index) * 1000 + 1)
        case .count: return .integer([Int64.min, .max, 0, 1 << 53 + 1][index % 4])
        case .real: return .real(one(reals))
        case .uuid:
            return .uuid(
                UUID(
                    uuid: withUnsafeBytes(of: (generator.next(), generator.next())) {
                        $0.loadUnaligned(as: uuid_t.self)
                    }))
        case .timestamp: return .timestamp(one(instants))
        case .date: return .text(["2026-02-28", "0000-01-01", "9999-12-31", "1969-12-31"][index % 4])
        case .json: return .text(one(json))
        case .blob:
            let sizes = [0, 1, 100_000, 3, 1 << 20]
            return .blob(Data((0..<sizes[index % sizes.count]).map { UInt8(truncatingIfNeeded: $0 * index) }))
        case .flag: return .flag(index % 2 == 0)
        }
    }
}

/// A driver whose process ends at its n-th writing transaction: before or after that one is on disk.
final class EndingDriver: SQLDriver {
    struct Ended: Error {}

    let base: any SQLDriver
    private let left: Counter
    private let isCommitted: Bool
    /// Run after each transaction that came to its end.
    private let onWrite: (@Sendable (any SQLConnection) throws -> Void)?

    init(
        _ base: any SQLDriver, after writes: Int, isCommitted: Bool,
        onWrite: (@Sendable (any SQLConnection) throws -> Void)? = nil
    ) {
        (self.base, self.isCommitted, self.onWrite) = (base, isCommitted, onWrite)
        left = Counter(writes)
    }

    var dialect: SQLDialect { base.dialect }

    func read<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result { try await base.read(isUrgent: isUrgent, body) }

    func write<Result: Sendable>(
        isUrgent: Bool, _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        let ends = left.next() == 0
        if ends, !isCommitted { throw Ended() }
        let result = try await base.write(isUrgent: isUrgent, body)
        if ends { throw Ended() }
        if let onWrite { try await base.write(isUrgent: false, onWrite) }
        return result
    }

    func close() throws { try base.close() }
}
