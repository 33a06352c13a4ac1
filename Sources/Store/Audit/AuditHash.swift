import Crypto
import Domain
import Foundation

/// The hash of a row of the audit log, by which the row after it and the chain's head name it.
enum AuditHash {
    /// SHA-256 of the row's fields as netstrings, one after the other: the number of bytes, a colon, the UTF-8 bytes, a comma;
    /// for a field that is NULL `-,`. In this order: the version of this form, chain, sequence, instant, actor, action, kind and id
    /// of the object, before, after, address, request id, and the hash of the row before.
    ///
    /// Source of netstrings: https://cr.yp.to/proto/netstrings.txt
    static func of(_ entry: AuditEntry) -> String {
        let fields: [String?] = [
            "1", entry.chain.description, String(entry.sequence), entry.at.description, entry.actor, entry.action,
            entry.objectKind, entry.objectID, entry.before, entry.after, entry.address, entry.requestID,
            entry.previousHash,
        ]
        var hash = SHA256()
        for field in fields {
            guard let field else {
                hash.update(data: Data("-,".utf8))
                continue
            }
            let bytes = Data(field.utf8)
            hash.update(data: Data("\(bytes.count):".utf8))
            hash.update(data: bytes)
            hash.update(data: Data(",".utf8))
        }
        return hash.finalize().hexadecimal
    }
}

/// Goes through the rows of a chain in their order.
struct AuditCheck {
    private(set) var verification: AuditVerification
    private let known: AuditMark?
    /// The next row that there should be.
    private var expected: Int
    /// The hash that the next row should name; nil behind a gap.
    private var previous: String?

    /// - Parameter known: a place that the chain had.
    init(_ chain: AuditChain, base: AuditMark, head: AuditMark, known: AuditMark?) {
        verification = AuditVerification(chain: chain, base: base, head: head)
        self.known = known
        expected = base.sequence + 1
        previous = base.hash
        guard let known else { return }
        verification.known =
            if known.sequence == base.sequence {
                known.hash == base.hash ? .agrees : .differs
            } else {
                known.sequence < base.sequence ? .removed : .differs
            }
    }

    /// Looks at the next row.
    ///
    /// - Parameter entry: nil for one that cannot be read.
    mutating func read(_ sequence: Int, _ entry: AuditEntry?) {
        verification.rows += 1
        guard sequence > verification.base.sequence, sequence <= verification.head.sequence else {
            return verification.note(.unexpected(sequence))
        }
        if sequence > expected {
            verification.note(.missing(expected...sequence - 1))
            previous = nil
        }
        expected = sequence + 1
        guard let entry else {
            previous = nil
            return verification.note(.changed(sequence))
        }
        if AuditHash.of(entry) != entry.hash {
            verification.note(.changed(sequence))
        } else if let previous, previous != entry.previousHash {
            verification.note(.replaced(sequence - 1))
        }
        if known == AuditMark(sequence: sequence, hash: entry.hash) { verification.known = .agrees }
        previous = entry.hash
    }

    /// What was found, once all rows were read.
    mutating func finished() -> AuditVerification {
        if expected <= verification.head.sequence {
            verification.note(.missing(expected...verification.head.sequence))
        } else if let previous, previous != verification.head.hash {
            verification.note(.replaced(verification.head.sequence))
        }
        if let known, known.sequence > verification.head.sequence {
            verification.note(.shorter(than: known.sequence))
        }
        return verification
    }
}
