public import Domain
import Synchronization

/// A wall clock that stands still until the test moves it.
public final class SettableClock: Sendable {
    private let instant: Mutex<Timestamp>

    public init(_ start: Timestamp) { instant = Mutex(start) }

    public var now: Timestamp {
        get { instant.withLock { $0 } }
        set { instant.withLock { $0 = newValue } }
    }
}
