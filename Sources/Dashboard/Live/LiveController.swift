import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Queries

/// The stream of events (server-sent events, HTML standard, section 9.2) that tells an open page when to load itself again.
struct LiveController: Sendable {
    static let path = "/dashboard/events"

    var store: any DashboardStore
    var door: PersonDoor
    var live: LiveUpdates
    var now: @Sendable () -> Timestamp

    /// Between looks at a stream that nothing happens on.
    private static let tick = Duration.seconds(1)
    /// Between the lines that keep proxies from ending the stream, with each of which the session is looked at.
    private static let heartbeat = Duration.seconds(15)

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: open)
    }

    @Sendable private func open(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        guard live.hasRoom(for: visit.tenant.id) else {
            return Response(status: .serviceUnavailable, headers: [.retryAfter: "30"])
        }
        var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        // A proxy that collects answers would keep the events back.
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                if let stream = live.open(visit.tenant.id, sessionHash: visit.sessionHash) {
                    defer { live.close(stream) }
                    try await request.body.consumeWithInboundCloseHandler { _ in
                        try await send(stream, to: &writer)
                    } onInboundClosed: {
                        stream.end()
                    }
                }
                try await writer.finish(nil)
            })
    }

    /// Returns when the stream has ended, or its session.
    private func send(_ stream: LiveStream, to writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ByteBuffer(string: "retry: 3000\n\(event(of: stream))"))
        var (quietUntil, beatAt) = (ContinuousClock.now, ContinuousClock.now + Self.heartbeat)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.tick)
                    stream.wake()
                }
            }
            for await _ in stream.wakes {
                let now = ContinuousClock.now
                if stream.takeDoubt() || now >= beatAt {
                    guard try await isHeld(stream) else {
                        try await writer.write(ByteBuffer(string: "event: end\ndata: session\n\n"))
                        return
                    }
                    try await writer.write(ByteBuffer(string: ":\n\n"))
                    beatAt = now + Self.heartbeat
                }
                guard now >= quietUntil, stream.takeChange() else { continue }
                try await writer.write(ByteBuffer(string: event(of: stream)))
                quietUntil = now + live.pause
            }
        }
    }

    /// Whether the session still shows the stream's tenant.
    private func isHeld(_ stream: LiveStream) async throws -> Bool {
        if try await store.session(tokenHash: stream.sessionHash, now: now()) != nil { return true }
        let person = try await door.person(tokenHash: stream.sessionHash)
        return person?.membership?.tenant.id == stream.tenantID
    }

    private func event(of stream: LiveStream) -> String {
        "event: change\ndata: \(live.mark(of: stream.tenantID))\n\n"
    }
}
