import Synchronization

/// The classifier in use, which can be replaced while the daemon runs: the word list by a model that has arrived.
public final class ClassifierSlot: Sendable {
    private let held: Mutex<any SentimentClassifier>

    public init(_ classifier: any SentimentClassifier) { held = Mutex(classifier) }

    /// The one for the next analysis.
    public var current: any SentimentClassifier { held.withLock { $0 } }

    /// From now on every new analysis asks `classifier`; one that is being made keeps what it began with.
    public func replace(by classifier: any SentimentClassifier) { held.withLock { $0 = classifier } }
}
