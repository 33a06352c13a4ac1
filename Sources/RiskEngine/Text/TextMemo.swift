import Glibc
import Synchronization

/// Remembers what a pure function of a text gave for the texts it was asked of last. An issue's comments are read at every
/// event of it, and at every instant of its history; nearly all of them were read before.
///
/// What it holds is bounded by the bytes of the texts: the older half is forgotten at once.
final class TextMemo<Value: Sendable>: Sendable {
    private struct State {
        var newer: [TextKey: Value] = [:]
        var older: [TextKey: Value] = [:]
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
        let key = TextKey(text: text)
        if let known = state.withLock({ $0.newer[key] ?? $0.older[key] }) { return known }
        let value = function(text)
        let bytes = text.utf8.count
        guard bytes <= byteLimit / 4 else { return value }
        state.withLock { state in
            if state.newerBytes + bytes > byteLimit / 2 {
                state.older = state.newer
                state.newer = [:]
                state.newerBytes = 0
            }
            if state.newer.updateValue(value, forKey: key) == nil { state.newerBytes += bytes }
        }
        return value
    }

    /// How many bytes of texts are held.
    var heldBytes: Int {
        state.withLock { ($0.newer.keys.map(\.text.utf8.count) + $0.older.keys.map(\.text.utf8.count)).reduce(0, +) }
    }
}

/// A text by its bytes: for Swift an accented letter is the same in both its forms, which readers of words need not find.
private struct TextKey: Hashable {
    let text: String

    static func == (a: TextKey, b: TextKey) -> Bool {
        guard a.text.utf8.count == b.text.utf8.count else { return false }
        let isSame = a.text.utf8.withContiguousStorageIfAvailable { a in
            b.text.utf8.withContiguousStorageIfAvailable { b in
                guard let first = a.baseAddress, let second = b.baseAddress else { return true }
                return memcmp(first, second, a.count) == 0
            }
        }
        return (isSame ?? nil) ?? a.text.utf8.elementsEqual(b.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
