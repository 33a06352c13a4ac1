import CZstd
import Domain
import Foundation

/// The bodies of webhooks as the inbox keeps them: as they came, or as one frame of Zstandard (RFC 8878) where that is
/// smaller. A frame begins with bytes with which no JSON begins.
///
/// SQLite writes the whole row again when a webhook is applied, body included, and each page twice, in its log and in its
/// file. PostgreSQL does neither, and compresses by itself.
enum StoredBody {
    /// Bytes from which a body is compressed: below, a page of the file holds it anyway.
    static let smallestCompressed = 1 << 10
    /// The fastest of the levels with entropy coding.
    private static let level: CInt = 1
    /// The first bytes of a frame (RFC 8878, section 3.1.1).
    private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    /// Bytes beyond which nothing is unpacked: more than the largest body that the daemon can be told to take.
    private static let limit = 1 << 30

    /// What is stored of a body. One that itself begins as a frame does is always compressed, so that each can be told from
    /// the other.
    static func encoded(_ body: [UInt8]) -> [UInt8] {
        let isFrame = body.starts(with: magic)
        guard body.count >= smallestCompressed || isFrame else { return body }
        let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(body.count)) { frame, count in
            let written = ZSTD_compress(frame.baseAddress, frame.count, body, body.count, level)
            // Fails where memory is out; the body is then kept as it came.
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        return !frame.isEmpty && (frame.count < body.count || isFrame) ? frame : body
    }

    /// The body of a row, wherever it is stored.
    ///
    /// - Parameters:
    ///   - stored: what the row holds.
    ///   - piecesID: names the pieces of a body that is not in its row; nil, as a rule, for one that is.
    static func read(
        _ stored: Data, pieces piecesID: UUID?, of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> [UInt8] {
        guard let piecesID else { return try decoded(stored) }
        return try decoded(BodyPieces.bytes(piecesID, of: tenantID, in: connection))
    }

    private static var damaged: StorageError {
        StorageError(.corrupt, "the compressed body of a webhook is damaged")
    }

    /// The body of what ``encoded(_:)`` made. Throws `StorageError(.corrupt)` where a frame is damaged.
    static func decoded(_ stored: Data) throws -> [UInt8] {
        guard stored.starts(with: magic) else { return [UInt8](stored) }
        return try stored.withUnsafeBytes { frame in
            let size = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
            // Above are the two values that stand for a frame without its size and for a damaged one.
            guard size <= UInt64(limit) else { throw damaged }
            return try [UInt8](unsafeUninitializedCapacity: Int(size)) { body, count in
                count = ZSTD_decompress(body.baseAddress, body.count, frame.baseAddress, frame.count)
                guard count == Int(size) else {
                    count = 0
                    throw damaged
                }
            }
        }
    }
}

extension WebhookDelivery {
    /// With the body in the form in which it is stored, where a store wants another than the body's own.
    func packed(for dialect: SQLDialect) -> WebhookDelivery {
        guard dialect.compressesBodies, storedBody == nil else { return self }
        var packed = self
        packed.storedBody = StoredBody.encoded(body)
        return packed
    }
}
