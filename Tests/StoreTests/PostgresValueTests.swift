import Domain
import Foundation
import TestSupport
import Testing

@testable import Store

/// What goes to the real server comes back as it was.
@Suite(.enabled(if: PostgresSchema.server != nil, "CONSILOD_TEST_POSTGRES names no server"))
struct PostgresValueTests {
    /// What each value is after it went to the server as `type` and came back.
    private func echoes(_ values: [SQLValue], as type: String) async throws -> [SQLValue] {
        let driver = try driver()
        defer { driver.close() }
        return try await driver.read { connection in
            try values.map { try #require(try connection.first("SELECT CAST(? AS \(type))", [$0])?.values[0]) }
        }
    }

    private func driver() throws -> PostgresDriver {
        PostgresDriver(
            try PostgresSettings(connectionString: try #require(PostgresSchema.server), connectionLimit: 2))
    }

    /// The failure of a statement with one argument.
    private func failure(of sql: String, _ argument: SQLValue) async throws -> StorageError {
        let driver = try driver()
        defer { driver.close() }
        let error = await #expect(throws: StorageError.self) {
            try await driver.read { _ = try $0.query(sql, [argument]) }
        }
        return try #require(error)
    }

    @Test func everyInstantOfTheTypeComesBack() async throws {
        var random = SeededGenerator(seed: 1)
        // 4714-11-24 BC, and the last of the year 294276.
        let (first, last): (Int64, Int64) = (-210_866_803_200_000, 9_224_318_015_999_999)
        let instants =
            ([first, first + 1, -1, 0, 1, 946_684_799_999, 946_684_800_000, 946_684_800_001, last]
            + (0..<300).map { _ in Int64.random(in: first...last, using: &random) }
            + (0..<100).map { _ in Int64.random(in: -4_000_000_000_000...4_000_000_000_000, using: &random) })
            .map { SQLValue.timestamp(Timestamp(milliseconds: $0)) }
        #expect(try await echoes(instants, as: "TIMESTAMPTZ") == instants)
    }

    @Test func anInstantBeyondTheTypeIsInfinity() async throws {
        let beyond: [Int64] = [.min, .min + 1, -210_866_803_200_001, 9_224_318_016_000_000, .max - 1, .max]
        let instants = beyond.map { SQLValue.timestamp(Timestamp(milliseconds: $0)) }
        let infinities = beyond.map { SQLValue.timestamp(Timestamp(milliseconds: $0 < 0 ? .min : .max)) }
        #expect(try await echoes(instants, as: "TIMESTAMPTZ") == infinities)
        let driver = try driver()
        defer { driver.close() }
        let isInfinite = try await driver.read { connection in
            try instants.map { try connection.first("SELECT NOT isfinite(CAST(? AS TIMESTAMPTZ))", [$0])?.flag(0) }
        }
        #expect(isInfinite == Array(repeating: true, count: beyond.count))
    }

    @Test func theServerReadsAnInstantAsItIsWritten() async throws {
        var random = SeededGenerator(seed: 2)
        let driver = try driver()
        defer { driver.close() }
        for _ in 0..<100 {
            let instant = Timestamp(
                milliseconds: Int64.random(in: -62_000_000_000_000...253_000_000_000_000, using: &random))
            let same = try await driver.read {
                try $0.first(
                    "SELECT CAST(? AS TIMESTAMPTZ) = CAST(CAST(? AS TEXT) AS TIMESTAMPTZ), CAST(? AS TIMESTAMPTZ)",
                    [.timestamp(instant), .text(instant.description), .text(instant.description)])
            }
            #expect(try same?.flag(0) == true, "\(instant)")
            #expect(try same?.timestamp(1) == instant)
        }
        let before = try await driver.read {
            try $0.first("SELECT TIMESTAMPTZ '1969-12-31 23:59:59.9999Z', TIMESTAMPTZ '1999-12-31 23:59:59.9999Z'", [])
        }
        #expect(try before?.timestamp(0) == Timestamp(milliseconds: -1))
        #expect(try before?.timestamp(1) == Timestamp(milliseconds: 946_684_799_999))
    }

    @Test func everyDateComesBackAndIsTheServers() async throws {
        var random = SeededGenerator(seed: 3)
        let days =
            ["0000-01-01", "0001-01-01", "1969-12-31", "1970-01-01", "1999-12-31", "2000-02-29", "9999-12-31"]
            + (0..<300).map { _ in
                CalendarDay(daysSinceEpoch: Int.random(in: -719_528...2_932_896, using: &random)).description
            }
        #expect(try await echoes(days.map { .text($0) }, as: "DATE") == days.map { .text($0) })
        let driver = try driver()
        defer { driver.close() }
        let day = try await driver.read {
            try $0.first("SELECT CAST(? AS DATE) = DATE '2024-02-29'", [.text("2024-02-29")])
        }
        #expect(try day?.flag(0) == true)
    }

    @Test func everyUUIDComesBackAlsoFromItsText() async throws {
        let uuids = (0..<50).map { _ in UUID() }
        #expect(try await echoes(uuids.map { .uuid($0) }, as: "UUID") == uuids.map { .uuid($0) })
        #expect(try await echoes(uuids.map { .text($0.uuidString) }, as: "UUID") == uuids.map { .uuid($0) })
        #expect(
            try await echoes(uuids.map { .uuid($0) }, as: "TEXT") == uuids.map { .text($0.uuidString.lowercased()) })
    }

    @Test func everyBlobComesBackAlsoNoneAndZeros() async throws {
        var random = SeededGenerator(seed: 4)
        let blobs =
            [Data(), Data([0]), Data(repeating: 0, count: 70_000), Data((0...255).map { UInt8($0) })]
            + (0..<50).map { _ in
                Data(
                    (0..<Int.random(in: 0...3000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
                    })
            }
        #expect(try await echoes(blobs.map { .blob($0) }, as: "BYTEA") == blobs.map { .blob($0) })
    }

    @Test func everyNumberComesBackToTheBit() async throws {
        var random = SeededGenerator(seed: 5)
        let doubles =
            [0.1, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity, -.infinity]
            + (0..<300).map { _ in Double(bitPattern: random.next()) }
        let bits = try await echoes(doubles.map { .real($0) }, as: "FLOAT8").map {
            guard case .real(let number) = $0 else { throw Unexpected("\($0) is no double") }
            return number.bitPattern
        }
        #expect(bits == doubles.map(\.bitPattern))
        let integers = ([.min, -1, 0, 1, .max] + (0..<50).map { _ in Int64(bitPattern: random.next()) })
        #expect(try await echoes(integers.map { .integer($0) }, as: "INT8") == integers.map { .integer($0) })
        #expect(try await echoes(integers.map { .text(String($0)) }, as: "INT8") == integers.map { .integer($0) })
        for (type, limits) in [
            ("INT4", [Int64(Int32.min), Int64(Int32.max)]), ("INT2", [Int64(Int16.min), Int64(Int16.max)]),
        ] {
            #expect(try await echoes(limits.map { .integer($0) }, as: type) == limits.map { .integer($0) })
            for beyond in [limits[0] - 1, limits[1] + 1] {
                #expect(try await failure(of: "SELECT CAST(? AS \(type))", .integer(beyond)).code == .malformed)
            }
        }
        #expect(try await echoes([.integer(7)], as: "FLOAT8") == [.real(7)])
        #expect(try await echoes([.real(1.5)], as: "FLOAT8)::FLOAT4 + (0") == [.real(1.5)])
        #expect(try await echoes([.flag(true), .flag(false)], as: "BOOLEAN") == [.flag(true), .flag(false)])
    }

    @Test func nothingOfEveryTypeIsNothing() async throws {
        for type in [
            "BOOLEAN", "BYTEA", "NAME", "INT8", "INT2", "INT4", "TEXT", "JSON", "FLOAT4", "FLOAT8", "VARCHAR",
            "DATE", "TIMESTAMPTZ", "UUID", "JSONB",
        ] {
            #expect(try await echoes([.null], as: type) == [.null], "\(type)")
        }
    }

    /// Scalars of every plane of Unicode, zero among them.
    private func text(_ random: inout SeededGenerator) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            let plane = UInt32.random(in: 0...16, using: &random)
            let value =
                Bool.random(using: &random)
                ? UInt32.random(in: 0...0x7F, using: &random)
                : plane << 16 | UInt32.random(in: 0...0xFFFF, using: &random)
            if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
        }
        return String(scalars)
    }

    /// U+0000, which PostgreSQL does not take, is U+FFFD.
    private func replaced(_ text: String) -> [UInt8] {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(scalar == "\0" ? "\u{FFFD}" : scalar) }
        return Array(String(scalars).utf8)
    }

    @Test func everyTextComesBackToTheByte() async throws {
        var random = SeededGenerator(seed: 6)
        let texts =
            ["", "\0", "a\0b\0", "\0\u{301}", "e\u{301}", "\r\n\0", "'\"\\?$1", "\u{10FFFF}"]
            + (0..<300).map { _ in text(&random) }
        for type in ["TEXT", "VARCHAR"] {
            let back = try await echoes(texts.map { .text($0) }, as: type).map {
                guard case .text(let text) = $0 else { throw Unexpected("\($0) is no text") }
                return Array(text.utf8)
            }
            #expect(back == texts.map(replaced))
        }
        #expect(try await echoes([.text("pg_class")], as: "NAME") == [.text("pg_class")])
    }

    @Test func everyTextInJSONComesBack() async throws {
        var random = SeededGenerator(seed: 7)
        let texts = ["\0", "\\u0000", "\\\0", "\\\\u0000\"\0\"", "\\", "\"\0"] + (0..<300).map { _ in text(&random) }
        for type in ["JSONB", "JSON"] {
            // JSON keeps what it got; only JSONB takes the escapes apart.
            let back = try await echoes(
                try texts.map { .text(String(decoding: try CanonicalJSON.encode(["k": $0]), as: UTF8.self)) }, as: type
            ).map { value in
                guard case .text(let json) = value else { throw Unexpected("\(value) is no text") }
                return Array(
                    try CanonicalJSON.decode([String: String].self, from: Data(json.utf8))["k", default: ""].utf8)
            }
            #expect(back == texts.map(replaced), "\(type)")
        }
        let documents = [
            #"{"a": "\u0000"}"#: #"{"a": "�"}"#, #"["\\u0000"]"#: #"["\\u0000"]"#, #"["\\\u0000"]"#: #"["\\�"]"#,
            #"["\"\u0000\""]"#: #"["\"�\""]"#, #"["\\\\u0000"]"#: #"["\\\\u0000"]"#,
        ]
        for (sent, kept) in documents {
            #expect(try await echoes([.text(sent)], as: "JSONB") == [.text(kept)])
        }
    }

    @Test(arguments: [
        ("UUID", "hunter2"), ("TIMESTAMPTZ", "hunter2"), ("INT8", "hunter2"), ("DATE", "hunter2"), ("BYTEA", "hunter2"),
        ("BOOLEAN", "hunter2"),
    ])
    func aTextThatIsNoneOfTheTypeIsMalformedAndNeverShown(type: String, text: String) async throws {
        let error = try await failure(of: "SELECT CAST(? AS \(type))", .text(text))
        #expect(error.code == .malformed)
        #expect(!"\(error)".contains(text))
    }

    @Test func whatTheServerCannotReadIsNeverShown() async throws {
        for sql in [
            "SELECT CAST(CAST(? AS TEXT) AS INT4)", "SELECT CAST(CAST(? AS TEXT) AS DATE)", "SELECT CAST(? AS JSONB)",
        ] {
            let error = try await failure(of: sql, .text("{hunter2"))
            #expect(error.code == .corrupt)
            #expect(!"\(error)".contains("hunter2"))
        }
    }

    @Test func questionMarksWithinQuotesAreText() async throws {
        let driver = try driver()
        defer { driver.close() }
        let row = try await driver.read {
            try $0.first(
                "SELECT '?', 'it''s ?', \"a?\"\"?\", ? FROM (SELECT CAST(? AS INT8) AS \"a?\"\"?\") AS t WHERE '?' = ?",
                [.text("x"), .integer(5), .text("?")])
        }
        #expect(row?.values == [.text("?"), .text("it's ?"), .integer(5), .text("x")])
    }

    @Test func aConnectionGoesOnAfterAStatementThatCannotBePrepared() async throws {
        let driver = try driver()
        defer { driver.close() }
        for _ in 0..<3 {
            // A type that the store does not know, and one that the server does not.
            for sql in ["SELECT CAST(? AS INTERVAL)", "SELECT CAST(? AS NOTHING)"] {
                let error = await #expect(throws: StorageError.self) {
                    try await driver.read { _ = try $0.query(sql, [.text("1")]) }
                }
                #expect(error?.message.contains("already exists") == false, "\(sql)")
            }
            #expect(try await driver.read { try $0.first("SELECT CAST(? AS INT8)", [.integer(1)])?.integer(0) } == 1)
        }
    }
}
