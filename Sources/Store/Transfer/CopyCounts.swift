import Crypto
import Domain
import Foundation

/// How many rows there are, and a checksum of what they hold: the sum of the SHA-256 digests of all rows, lane by lane. It
/// is the same in whatever order they come, and the same for the same rows in either engine.
struct CopyCounts: Sendable, Hashable {
    private(set) var rows = 0
    private var sum = SIMD4<UInt64>()

    init() {}

    /// Stored counts; nil when `checksum` is not a checksum.
    init?(rows: Int, checksum: String) {
        self.rows = rows
        let lanes = checksum.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0, radix: 16) }
        guard lanes.count == 4 else { return nil }
        for (lane, value) in lanes.enumerated() {
            guard let value else { return nil }
            sum[lane] = value
        }
    }

    /// The sum in hexadecimal, its four lanes apart.
    var checksum: String {
        (0..<4).map { lane in
            let digits = String(sum[lane], radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined(separator: "-")
    }

    /// Adds a row in the form of ``TransferTable/converted(_:)``. `buffer` is scratch space, for the next row again.
    ///
    /// Throws `StorageError(.corrupt)` for a JSON column that holds no JSON.
    mutating func add(_ row: [SQLValue], of table: TransferTable, buffer: inout [UInt8]) throws {
        buffer.removeAll(keepingCapacity: true)
        for (column, value) in zip(table.columns, row) {
            do {
                try Self.append(value, of: column.type, to: &buffer)
            } catch is CanonicalJSONForm.Malformed {
                throw StorageError(.corrupt, "\(table.name).\(column.name) holds a value that is no json")
            }
        }
        rows += 1
        SHA256.hash(data: buffer).withUnsafeBytes { digest in
            for lane in 0..<4 {
                sum[lane] &+= UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: lane * 8, as: UInt64.self))
            }
        }
    }

    /// The bytes by which values are compared. What one of the engines cannot hold is here as what it holds instead.
    private static func append(_ value: SQLValue, of type: TransferType, to buffer: inout [UInt8]) throws {
        func number(_ tag: Character, _ bits: UInt64, _ buffer: inout [UInt8]) {
            buffer.append(tag.asciiValue ?? 0)
            withUnsafeBytes(of: bits.bigEndian) { buffer.append(contentsOf: $0) }
        }
        switch value {
        case .null: buffer.append(UInt8(ascii: "n"))
        case .integer(let value): number("i", UInt64(bitPattern: value), &buffer)
        // SQLite keeps whole numbers without a sign of zero.
        case .real(let value): number("r", (value == 0 ? 0 : value).bitPattern, &buffer)
        case .flag(let value): number("f", value ? 1 : 0, &buffer)
        case .timestamp(let value):
            // What SQLite writes as the first or last instant that can be written, PostgreSQL holds as it is.
            number("t", UInt64(bitPattern: min(max(value, earliest), latest).milliseconds), &buffer)
        case .uuid(let value):
            buffer.append(UInt8(ascii: "u"))
            withUnsafeBytes(of: value.uuid) { buffer.append(contentsOf: $0) }
        case .array: throw StorageError(.corrupt, "a column holds a list")
        case .blob(let value):
            number("b", UInt64(value.count), &buffer)
            buffer.append(contentsOf: value)
        case .text(var text):
            // The length stands in front of what it is the length of.
            let start = buffer.count
            number("s", 0, &buffer)
            try text.withUTF8 { bytes in
                if type == .json {
                    try CanonicalJSONForm.append(bytes, to: &buffer)
                } else if bytes.contains(0) {
                    for byte in bytes { CanonicalJSONForm.append(character: byte, to: &buffer) }
                } else {
                    buffer.append(contentsOf: bytes)
                }
            }
            withUnsafeBytes(of: UInt64(buffer.count - start - 9).bigEndian) { length in
                for (index, byte) in length.enumerated() { buffer[start + 1 + index] = byte }
            }
        }
    }

    private static let earliest = Timestamp(Timestamp(milliseconds: .min).description) ?? Timestamp(milliseconds: .min)
    private static let latest = Timestamp(Timestamp(milliseconds: .max).description) ?? Timestamp(milliseconds: .max)
}
