import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

@testable import DaemonTestSupport

/// The stream of events of an open page, as it comes over the wire.
struct EventStream {
    private var chunks: HTTPClientResponse.Body.AsyncIterator
    /// All that has come so far.
    private(set) var text = ""

    /// Throws ``Unexpected`` where the stream is refused, and later by its reads when they take longer than a minute altogether.
    init(_ visitor: Visitor, _ client: HTTPClient) async throws {
        let answer = try await client.execute(visitor.request(.GET, "/dashboard/events"), timeout: .seconds(60))
        guard answer.status == .ok else { throw Unexpected("refused: \(answer.status.code)") }
        chunks = answer.body.makeAsyncIterator()
    }

    var events: [String] { text.components(separatedBy: "\n\n").filter { $0.contains("event: ") } }

    /// Reads until there is another event; nil at the end.
    mutating func next() async throws -> String? {
        let known = events.count
        while events.count == known || !text.hasSuffix("\n\n") {
            guard let chunk = try await chunks.next() else { return nil }
            text += String(buffer: chunk)
        }
        return events[known]
    }
}
