/// A wake-up for a worker: says "look again", carries nothing, and never piles up.
public struct Nudge: Sendable {
    /// Given to the one worker that is woken.
    public let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    public init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    /// Wakes the worker; while it has not woken yet, further calls add nothing.
    public func callAsFunction() { continuation.yield() }
}
