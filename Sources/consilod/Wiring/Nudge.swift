/// A wake-up for a worker: says "look again", carries nothing, and never piles up.
struct Nudge: Sendable {
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func callAsFunction() { continuation.yield() }
}
