import Synchronization

/// Values that were decoded, by the stored texts that they were decoded from: what is read again and again is decoded once.
///
/// A text says all of its value, so nothing here is ever out of date, whichever node changes a row. What is kept is bounded.
final class DecodedTexts<Value: Sendable>: Sendable {
    private struct State {
        /// By the bytes of the text: two that are the same for Swift may be written in other bytes.
        var values: [[UInt8]: Value] = [:]
        var bytes = 0
    }

    private let byteLimit: Int
    private let state = Mutex(State())

    /// - Parameter byteLimit: of the texts that are kept; all are dropped when there would be more.
    init(byteLimit: Int) { self.byteLimit = byteLimit }

    /// The value of `text`; where it is not kept, as `decode` makes it. Throws what that throws, and keeps nothing then.
    func value(of text: String, decode: () throws -> Value) rethrows -> Value {
        let bytes = Array(text.utf8)
        if let known = state.withLock({ $0.values[bytes] }) { return known }
        let value = try decode()
        guard bytes.count <= byteLimit else { return value }
        state.withLock { state in
            if state.bytes + bytes.count > byteLimit { state = State() }
            if state.values.updateValue(value, forKey: bytes) == nil { state.bytes += bytes.count }
        }
        return value
    }

    /// How many values are kept.
    var count: Int { state.withLock { $0.values.count } }
}
