import HTTPServer
import TestSupport
import Testing

/// The server alone, over real sockets, with what no HTTP client would send.
@Suite struct ConnectionTests {
    private static let ready = "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n"

    /// The server still answers.
    private func expectReady(_ port: Int) async throws {
        let connection = try RawConnection(port: port)
        connection.send(Self.ready)
        #expect(try await connection.answers(1) == [200])
    }

    // MARK: Slow ones

    @Test func aHeadThatDoesNotComeToAnEndIsNotWaitedFor() async throws {
        var harness = ServerHarness()
        harness.limits.idle = .seconds(1)
        try await harness.run { port, _ in
            let (idle, slow) = (try RawConnection(port: port), try RawConnection(port: port))
            slow.send("GET /ready HTTP/1.1\r\nHost: consilod\r\nX-Slow: ")
            try await eventually("both are closed") {
                slow.send("x")
                for connection in [idle, slow] { connection.receive() }
                return idle.isClosed && slow.isClosed
            }
            #expect(idle.text.isEmpty && slow.text.isEmpty)
            try await expectReady(port)
        }
    }

    @Test func aBodyThatDoesNotComeIsRefusedInTime() async throws {
        var harness = ServerHarness()
        // Long enough for the answer to come first, also on a busy machine.
        harness.limits.request = .seconds(30)
        try await harness.run { port, _ in
            let refused = try RawConnection(port: port)
            refused.send("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
            _ = try await refused.untilClosed()
            #expect(refused.statuses == [404])
            try await expectReady(port)
        }
    }

    @Test func anAnswerThatIsNotTakenIsNotKept() async throws {
        var harness = ServerHarness()
        harness.limits.request = .seconds(1)
        try await harness.run { port, _ in
            let request = "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"
            let connection = try RawConnection(port: port)
            // Until the server takes no more, because the client takes no answer.
            try await eventually("the connection is reset") {
                while !connection.isReset, connection.send(request) > 0 {}
                return connection.isReset
            }
            try await expectReady(port)
        }
    }

    // MARK: Large and malformed heads

    @Test(arguments: [
        "GET /ready HTTP/1.1\r\nHost: x\r\nX-Long: \(String(repeating: "x", count: 33_000))\r\n\r\n",
        "GET /\(String(repeating: "x", count: 33_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /ready HTTP/1.1\r\n\((0..<101).map { "X-\($0): y\r\n" }.joined())\r\n",
        // Without end: it must not be kept until one comes.
        "GET /ready HTTP/1.1\r\nX-Long: \(String(repeating: "x", count: 33_000))",
    ])
    func aHeadThatIsTooLargeIsRefused(head: String) async throws {
        try await ServerHarness().run { port, _ in
            let connection = try RawConnection(port: port)
            try await connection.sendAll(Array(head.utf8))
            let text = try await connection.untilClosed()
            #expect(connection.statuses == [431])
            #expect(text.contains(#""code":"header_too_large""#))
        }
    }

    @Test func aRequestThatCanBeReadInTwoWaysIsRefusedAndEndsItsConnection() async throws {
        try await ServerHarness().run { port, _ in
            for bytes in ambiguousRequests {
                let connection = try RawConnection(port: port)
                connection.send(bytes + "GET /ready HTTP/1.1\r\nHost: smuggled\r\n\r\n")
                let text = try await connection.untilClosed()
                #expect(connection.statuses.last == 400, "\(bytes.debugDescription)")
                // Not even one that came before the fault became visible was taken for a request of its own.
                #expect(!connection.statuses.contains(200), "\(bytes.debugDescription): \(text)")
            }
            try await expectReady(port)
        }
    }

    @Test(arguments: [
        "", "Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n", "Host: a, b\r\n", "Host: a b\r\n", "Host: a/b\r\n",
        "Host: user@a\r\n", "HOST: a?\r\n",
    ])
    func aRequestWithoutOneHostIsRefusedAndEndsItsConnection(fields: String) async throws {
        try await ServerHarness().run { port, _ in
            let connection = try RawConnection(port: port)
            connection.send("GET /ready HTTP/1.1\r\n\(fields)X: y\r\n\r\n" + Self.ready)
            let text = try await connection.untilClosed()
            #expect(connection.statuses == [400])
            #expect(text.contains(#""code":"malformed_http""#))
            try await expectReady(port)
        }
    }

    @Test(arguments: [
        "GET /ready HTTP/1.1\r\nHost:\r\n\r\n", "GET /ready HTTP/1.1\r\nhost: [::1]:8080\r\n\r\n",
        "GET /ready HTTP/1.0\r\n\r\n", "GET /ready HTTP/1.0\r\nHost: a_b.example.\r\n\r\n",
    ])
    func aRequestWithTheHostItNeedsIsAnswered(request: String) async throws {
        try await ServerHarness().run { port, _ in
            let connection = try RawConnection(port: port)
            connection.send(request)
            #expect(try await connection.answers(1) == [200])
        }
    }

    @Test func pipelinedRequestsAreAnsweredInTheirOrder() async throws {
        try await ServerHarness().run { port, _ in
            let connection = try RawConnection(port: port)
            let requests = (0..<50).map { $0 % 5 == 0 ? "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" : Self.ready }
            try await connection.sendAll(Array((requests.joined() + "no HTTP\r\n\r\n").utf8))
            _ = try await connection.untilClosed()
            #expect(connection.statuses == (0..<50).map { $0 % 5 == 0 ? 404 : 200 } + [400])
        }
    }

    // MARK: Limits and the end

    @Test func theLongestIdleConnectionIsClosedForANewOne() async throws {
        var harness = ServerHarness()
        harness.limits.connections = 16
        harness.ledger = ConnectionLedger(limit: 16)
        let ledger = harness.ledger
        try await harness.run { port, _ in
            let idle = try (0..<16).map { number in
                let connection = try RawConnection(port: port)
                if number == 0 { connection.send(Self.ready) }
                return connection
            }
            #expect(try await idle[0].answers(1) == [200])
            try await expectReady(port)
            try await eventually("one is closed") {
                for connection in idle { connection.receive() }
                return idle.contains { $0.isClosed }
            }
            #expect(ledger.count <= 16)
        }
    }

    @Test func atTheEndARequestInFlightIsAnswered() async throws {
        let harness = ServerHarness()
        try await harness.run { port, shutDown in
            let (fresh, used, reading) = (
                try RawConnection(port: port), try RawConnection(port: port), try RawConnection(port: port)
            )
            used.send(Self.ready)
            #expect(try await used.answers(1) == [200])
            #expect(!used.text.contains("Connection: close"))
            reading.send(String(Self.ready.dropLast()))
            try await eventually("all are accepted") { harness.ledger.count == 3 }
            await shutDown()
            reading.send("\r\n")
            for connection in [fresh, used] { connection.send(Self.ready) }
            for connection in [reading, fresh, used] { _ = try await connection.untilClosed() }
            #expect(reading.statuses == [200])
            #expect(fresh.statuses == [200])
            #expect(used.statuses == [200, 200])
        }
    }
}
