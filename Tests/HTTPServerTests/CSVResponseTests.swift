import Domain
import HTTPServer
import Hummingbird
import Synchronization
import TestSupport
import Testing

/// Files that are made while they are sent.
@Suite struct CSVResponseTests {
    private static let table = CSVTable<Int>("numbers", columns: ["number", "text"], pageSize: 2) {
        [["\($0)", "a, \"b\""]]
    }

    /// The page that begins at a number; there are six numbers.
    private static func page(at first: Int) -> Page<Int> {
        Page(items: [first, first + 1], nextCursor: first < 4 ? "\(first + 2)" : nil)
    }

    /// The answer of a server to a request for a file whose page at `broken` cannot be read.
    private func answer(broken: Int? = nil) async throws -> (text: String, read: [Int]) {
        let read = Mutex<[Int]>([])
        let text = Mutex("")
        var harness = ServerHarness()
        harness.addRoutes = { router in
            router.get("/numbers.csv") { _, _ in
                Response.csv(Self.table, first: Self.page(at: 0)) { cursor in
                    let first = Int(cursor) ?? -1
                    read.withLock { $0.append(first) }
                    guard first != broken else { throw Unexpected("the page cannot be read") }
                    return Self.page(at: first)
                }
            }
        }
        try await harness.run { port, _ in
            let connection = try RawConnection(port: port)
            connection.send("GET /numbers.csv HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let received = try await connection.untilClosed()
            text.withLock { $0 = received }
        }
        return (text.withLock { $0 }, read.withLock { $0 })
    }

    @Test func aFileOfSeveralPagesIsSentAPageAtATimeToItsEnd() async throws {
        let (text, read) = try await answer()
        #expect(read == [2, 4])
        #expect(text.hasPrefix("HTTP/1.1 200"))
        let lowercased = text.lowercased()
        #expect(lowercased.contains("content-type: text/csv; charset=utf-8\r\n"))
        #expect(lowercased.contains("content-disposition: attachment; filename=\"numbers.csv\"\r\n"))
        #expect(lowercased.contains("x-content-type-options: nosniff\r\n"))
        #expect(text.contains("number,text\r\n0,\"a, \"\"b\"\"\"\r\n1,") && text.contains("5,\"a, \"\"b\"\"\"\r\n"))
        #expect(text.hasSuffix("\r\n0\r\n\r\n"))
    }

    @Test func aPageThatCannotBeReadBreaksTheConnectionOff() async throws {
        let (text, read) = try await answer(broken: 4)
        #expect(read == [2, 4])
        #expect(text.hasPrefix("HTTP/1.1 200") && text.contains("3,\"a, \"\"b\"\"\"\r\n"))
        // Without the chunk of no bytes, a client knows that the body has not ended (RFC 9112, section 8).
        #expect(!text.contains("\r\n0\r\n\r\n") && !text.contains("4,"))
    }
}
