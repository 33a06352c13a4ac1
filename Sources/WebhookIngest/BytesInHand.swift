import Synchronization

/// How many bytes of webhook bodies all connections hold together.
final class BytesInHand: Sendable {
    private let limit: Int
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// The bytes held now.
    var held: Int { count.load(ordering: .relaxed) }

    /// Whether this many more would fit now. Nothing is reserved for them: a client that only announces a body must not keep out
    /// those who send theirs.
    func hasRoom(for bytes: Int) -> Bool { count.load(ordering: .relaxed) + bytes <= limit }

    /// Counts bytes that have arrived; false, and nothing is counted, when they do not fit.
    func take(_ bytes: Int) -> Bool {
        guard count.add(bytes, ordering: .relaxed).newValue <= limit else {
            giveBack(bytes)
            return false
        }
        return true
    }

    func giveBack(_ bytes: Int) { count.subtract(bytes, ordering: .relaxed) }
}
