import Domain
import NIOCore
import WorkLoop

/// Checks the signature of one body while it comes in. What takes the time of more than a few packets is done in the
/// tenant's turn on threads apart, in pieces: neither a large body nor a tenant's many secrets delay anybody else.
struct BodyCheck {
    /// Bytes times secrets that are checked in place: some tenths of a millisecond.
    private static let smallWork = 64 << 10
    /// Bytes times secrets of one piece: some milliseconds.
    private static let pieceOfWork = 1 << 20

    private var verifier: SignatureVerifier
    private let threads: SharedThreads<TenantID>
    private let tenantID: TenantID
    /// What has come and is not checked yet.
    private var parts: [ByteBuffer] = []
    private var bytes = 0

    init(_ verifier: SignatureVerifier, threads: SharedThreads<TenantID>, tenantID: TenantID) {
        self.verifier = verifier
        self.threads = threads
        self.tenantID = tenantID
    }

    /// Takes the next part of the body.
    mutating func take(_ part: ByteBuffer) async throws {
        parts.append(part)
        bytes += part.readableBytes
        if work >= Self.pieceOfWork { try await checkApart() }
    }

    /// Whether one of the secrets signed the whole body.
    mutating func verifies(_ signature: Signature) async throws -> Bool {
        if work > Self.smallWork {
            try await checkApart()
        } else {
            for part in parts { verifier.update(part.readableBytesView) }
        }
        return verifier.verifies(signature)
    }

    private var work: Int { bytes * max(1, verifier.keyCount) }

    private mutating func checkApart() async throws {
        let (parts, before) = (parts, verifier)
        verifier = try await threads.run(for: tenantID) {
            var verifier = before
            for part in parts { verifier.update(part.readableBytesView) }
            return verifier
        }
        self.parts.removeAll(keepingCapacity: true)
        bytes = 0
    }
}
