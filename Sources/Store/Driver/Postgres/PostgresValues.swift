import Domain
import Foundation

/// The types of PostgreSQL that the schema and the queries use, by their fixed OIDs (`pg_type.dat`), and how a value
/// travels as each of them in the binary format (`*_send` and `*_recv` of the server's sources).
enum PostgresType: UInt32 {
    case bool = 16
    case bytea = 17
    case name = 19
    case int8 = 20
    case int2 = 21
    case int4 = 23
    case text = 25
    case json = 114
    case float4 = 700
    case float8 = 701
    case unknown = 705
    case varchar = 1043
    case date = 1082
    case timestamptz = 1184
    case uuid = 2950
    case jsonb = 3802
}

extension PostgresType {
    /// The bytes of `value` as this type; nil for NULL.
    ///
    /// Throws `StorageError(.malformed)` for a text, as one out of a client's cursor, that is not of this type, and for a
    /// number that it cannot hold.
    func encode(_ value: SQLValue) throws -> [UInt8]? {
        switch (self, value) {
        case (_, .null): return nil
        case (.bool, .flag(let flag)): return [flag ? 1 : 0]
        case (.bytea, .blob(let data)): return [UInt8](data)
        case (.int8, .integer(let number)): return Self.bigEndian(number)
        case (.int4, .integer(let number)):
            guard let narrow = Int32(exactly: number) else { throw misfit("a whole number of 32 bits") }
            return Self.bigEndian(narrow)
        case (.int2, .integer(let number)):
            guard let narrow = Int16(exactly: number) else { throw misfit("a whole number of 16 bits") }
            return Self.bigEndian(narrow)
        case (.int8, .text(let text)):
            guard let number = Int64(text) else { throw misfit("a whole number") }
            return Self.bigEndian(number)
        case (.float8, .real(let number)): return Self.bigEndian(number.bitPattern)
        case (.float8, .integer(let number)): return Self.bigEndian(Double(number).bitPattern)
        case (.timestamptz, .timestamp(let instant)): return Self.bigEndian(Self.microseconds(of: instant))
        case (.timestamptz, .text(let text)):
            guard let instant = Timestamp(text) else { throw misfit("an instant") }
            return Self.bigEndian(Self.microseconds(of: instant))
        case (.date, .text(let text)):
            guard let day = CalendarDay(text) else { throw misfit("a date") }
            return Self.bigEndian(Int32(clamping: day.daysSinceEpoch - Self.epochDays))
        case (.uuid, .uuid(let uuid)): return Self.bytes(of: uuid)
        case (.uuid, .text(let text)):
            guard let uuid = UUID(uuidString: text) else { throw misfit("a UUID") }
            return Self.bytes(of: uuid)
        case (.text, .text(let text)), (.varchar, .text(let text)), (.name, .text(let text)),
            (.unknown, .text(let text)):
            return Self.withoutNUL(text)
        case (.text, .uuid(let uuid)): return Array(uuid.canonicalText.utf8)
        // The first byte is the version of the format.
        case (.jsonb, .text(let text)): return [1] + Self.jsonWithoutNUL(Array(text.utf8))
        case (.json, .text(let text)): return Self.jsonWithoutNUL(Array(text.utf8))
        default: throw misfit("another type than the statement gives it")
        }
    }

    /// The value that these bytes of a result hold. Throws `StorageError(.corrupt)` when they cannot be this type.
    func decode(_ bytes: UnsafeRawBufferPointer) throws -> SQLValue {
        func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
            guard bytes.count == MemoryLayout<Number>.size else { throw undecodable }
            return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
        }
        switch self {
        case .bool: return .flag(try integer(UInt8.self) != 0)
        case .bytea: return .blob(Data(bytes))
        case .int8: return .integer(try integer(Int64.self))
        case .int4: return .integer(Int64(try integer(Int32.self)))
        case .int2: return .integer(Int64(try integer(Int16.self)))
        case .float8: return .real(Double(bitPattern: try integer(UInt64.self)))
        case .float4: return .real(Double(Float(bitPattern: try integer(UInt32.self))))
        case .timestamptz: return .timestamp(Self.instant(microseconds: try integer(Int64.self)))
        case .date:
            let day = CalendarDay(daysSinceEpoch: Int(try integer(Int32.self)) + Self.epochDays)
            return .text(day.description)
        case .uuid:
            guard bytes.count == 16 else { throw undecodable }
            return .uuid(UUID(uuid: bytes.loadUnaligned(as: uuid_t.self)))
        case .text, .varchar, .name, .unknown, .json: return .text(String(decoding: bytes, as: UTF8.self))
        case .jsonb:
            guard bytes.first == 1 else { throw undecodable }
            return .text(String(decoding: bytes.dropFirst(), as: UTF8.self))
        }
    }

    private func misfit(_ expected: String) -> StorageError {
        StorageError(.malformed, "an argument for PostgreSQL's type \(self) is not \(expected)")
    }

    private var undecodable: StorageError {
        StorageError(.corrupt, "PostgreSQL sent bytes that are no \(self)")
    }

    // MARK: Encoding

    /// PostgreSQL counts from 2000-01-01.
    private static let epochDays = 10_957
    private static let epochMilliseconds = Int64(epochDays) * 86_400_000
    /// The instants of `timestamptz` (`IS_VALID_TIMESTAMP`): 4714-11-24 BC up to the year 294277.
    private static let validMicroseconds: Range<Int64> = -211_813_488_000_000_000..<9_223_371_331_200_000_000

    /// Microseconds since 2000; what lies outside the type's range is plus or minus infinity.
    private static func microseconds(of instant: Timestamp) -> Int64 {
        let (since, overflow) = instant.milliseconds.subtractingReportingOverflow(epochMilliseconds)
        let (micros, tooLarge) = since.multipliedReportingOverflow(by: 1000)
        guard !overflow, !tooLarge, validMicroseconds.contains(micros) else {
            return instant.milliseconds < 0 ? .min : .max
        }
        return micros
    }

    private static func instant(microseconds: Int64) -> Timestamp {
        switch microseconds {
        case .min: Timestamp(milliseconds: .min)
        case .max: Timestamp(milliseconds: .max)
        default:
            // Rounded down, also before 2000.
            Timestamp(
                milliseconds: (microseconds >= 0 ? microseconds : microseconds - 999) / 1000 + epochMilliseconds)
        }
    }

    private static func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }
    }

    private static func bytes(of uuid: UUID) -> [UInt8] { withUnsafeBytes(of: uuid.uuid) { [UInt8]($0) } }

    /// PostgreSQL's texts hold no U+0000 (docs, "Character Types"); it becomes U+FFFD.
    private static func withoutNUL(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.contains(0) else { return bytes }
        return Array(text.replacing("\0", with: "\u{FFFD}").utf8)
    }

    /// Nor do those inside `jsonb` (docs, "JSON Types"), where it is written `\u0000`.
    private static func jsonWithoutNUL(_ json: [UInt8]) -> [UInt8] {
        var result = json
        var index = 0
        while let escape = result[index...].firstIndex(of: UInt8(ascii: "\\")) {
            if result[escape...].starts(with: #"\u0000"#.utf8) {
                result.replaceSubrange(escape + 2..<escape + 6, with: "fffd".utf8)
            }
            // What follows the backslash is escaped, and so cannot begin an escape itself.
            index = min(escape + 2, result.endIndex)
        }
        return result
    }
}
