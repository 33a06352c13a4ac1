/// A place in a chain, with the hash of its row.
public struct AuditMark: Sendable, Hashable, LosslessStringConvertible {
    /// Of the row; 0 before the first.
    public var sequence: Int
    /// Of the row, 64 hexadecimal digits; zeros before the first.
    public var hash: String

    public init(sequence: Int, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Before the first row.
    public static let start = AuditMark(sequence: 0, hash: String(repeating: "0", count: 64))

    /// `17:` and the hash.
    public var description: String { "\(sequence):\(hash)" }

    /// As ``description``; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int(parts[0]), sequence >= 0, parts[1].count == 64,
            parts[1].allSatisfy({ $0.isASCII && $0.isHexDigit && !$0.isUppercase })
        else { return nil }
        self.init(sequence: sequence, hash: String(parts[1]))
    }
}

/// What is wrong with a chain, by the row that it is wrong with.
public enum AuditFault: Sendable, Hashable, CustomStringConvertible {
    /// The row does not have the hash that follows from what it holds.
    case changed(Int)
    /// The row has a hash of its own, but not the one that the next row, or the chain's head, names: it stands in the place
    /// of another.
    case replaced(Int)
    /// There are no such rows.
    case missing(ClosedRange<Int>)
    /// The row is before the first or after the last that the chain has.
    case unexpected(Int)
    /// There are rows, and nothing says where the chain begins and ends.
    case noHead
    /// The chain ends before a place that was known.
    case shorter(than: Int)

    public var description: String {
        switch self {
        case .changed(let row): "row \(row) was changed"
        case .replaced(let row): "row \(row) was replaced by another"
        case .missing(let rows) where rows.count == 1: "row \(rows.lowerBound) is missing"
        case .missing(let rows): "rows \(rows.lowerBound) to \(rows.upperBound) are missing"
        case .unexpected(let row): "row \(row) does not belong to the chain"
        case .noHead: "the row of audit_chains is missing"
        case .shorter(let row): "the chain ends before row \(row), which it had"
        }
    }
}

/// What the check of a chain found.
public struct AuditVerification: Sendable, Hashable {
    /// Of a known earlier place.
    public enum Known: Sendable, Hashable {
        /// The chain has it.
        case agrees
        /// The row has been removed since, as the retention says.
        case removed
        /// The chain has another row there, or none.
        case differs
    }

    /// Which.
    public var chain: AuditChain
    /// The last row that the retention removed.
    public var base: AuditMark
    /// The last row.
    public var head: AuditMark
    /// Rows that were read.
    public var rows = 0
    /// The first 100.
    public private(set) var faults: [AuditFault] = []
    /// Nil where no earlier place was given.
    public var known: Known?

    public init(chain: AuditChain, base: AuditMark, head: AuditMark) {
        self.chain = chain
        self.base = base
        self.head = head
    }

    /// Whether nothing was found.
    public var isSound: Bool { faults.isEmpty && known != .differs }

    /// Notes a fault; a row is named once.
    public mutating func note(_ fault: AuditFault) {
        if case .replaced(let row) = fault, faults.contains(.changed(row)) { return }
        if faults.count < 100, !faults.contains(fault) { faults.append(fault) }
    }
}
