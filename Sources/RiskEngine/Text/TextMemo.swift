import Synchronization

/// Remembers what a pure function of a text gave for the texts it was asked of last. An issue's comments are read at every
/// event of it, and at every instant of its history; nearly all of them were read before.
///
/// What it holds is bounded by the bytes of the texts: the older half is forgotten at once.
final class TextMemo<Value: Sendable>: Sendable {
    private struct State {
        var newer: [String: Value] = [:]
        var older: [String: Value] = [:]
        var newerBytes = 0
    }

    private let state = Mutex(State())
    private let byteLimit: Int

    /// - Parameter byteLimit: how many bytes of texts are held at most. A text of more than a quarter of it is not held.
    init(byteLimit: Int = 1 << 20) {
        self.byteLimit = byteLimit
    }

    /// What `function` gives for `text`. Two callers at one time may both call it.
    func value(of text: String, _ function: (String) -> Value) -> Value {
        if let known = state.withLock({ $0.newer[text] ?? $0.older[text] }) { return known }
        let value = function(text)
        let bytes = text.utf8.count
        guard bytes <= byteLimit / 4 else { return value }
        state.withLock { state in
            if state.newerBytes + bytes > byteLimit / 2 {
                state.older = state.newer
                state.newer = [:]
                state.newerBytes = 0
            }
            if state.newer.updateValue(value, forKey: text) == nil { state.newerBytes += bytes }
        }
        return value
    }

    /// How many bytes of texts are held.
    var heldBytes: Int {
        state.withLock { ($0.newer.keys.map(\.utf8.count) + $0.older.keys.map(\.utf8.count)).reduce(0, +) }
    }
}
