import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// `consilod top`, `show`, `why` and `rescore`, of the real program.
@Suite struct IssueCommandTests {
    private static let blocked = "We are blocked by the vendor."

    /// A daemon with PAY-1, which was created five minutes ago and then blocked, and PAY-2.
    private func start() async throws -> (daemon: DaemonProcess, tenant: DaemonProcess.Tenant) {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(1, comments: [Self.blocked])
        stream.addIssue(2)
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilApplied()
        return (daemon, tenant)
    }

    @Test func theRiskiestIssuesAreListedWithTheirCauses() async throws {
        let (daemon, tenant) = try await start()
        let top = try await daemon.run(["top"], as: tenant)
        let lines = top.output.split(separator: "\n")
        #expect(top.status == 0 && lines.count == 3, "\(top.output)")
        #expect(lines[1].contains("PAY-1") && lines[1].contains("blockers 15"), "\(top.output)")
        #expect(!top.output.contains("\u{1B}"), "no colours where there is no terminal")
        // Without a terminal there is nothing to refresh.
        let watched = try await daemon.run(["top", "--watch", "--limit", "1", "--project", "pay"], as: tenant)
        #expect(watched.status == 0 && watched.output.split(separator: "\n").count == 2, "\(watched.output)")
        let json = try await daemon.run(["top", "--json"], as: tenant)
        let answer = try await daemon.request(.get, "/api/issues?limit=20", token: tenant.api_key)
        #expect(json.status == 0 && json.output == answer.text + "\n")
        let none = try await daemon.run(["top", "--project", "OPS"], as: tenant)
        #expect(none.status == 0 && none.output == "There are no open issues.\n", "\(none.output)")
        for wrong in [["--limit", "0"], ["--project", "a&b"], ["--watch", "--json"]] {
            #expect(try await daemon.run(["top"] + wrong, as: tenant).status != 0, "\(wrong)")
        }
    }

    @Test func anIssueIsShownWithItsCausesAndItsHistory() async throws {
        let (daemon, tenant) = try await start()
        let shown = try await daemon.run(["show", "PAY-1"], as: tenant)
        #expect(shown.status == 0, "\(shown.output)")
        #expect(shown.output.contains("PAY-1  Payment story 1") && shown.output.contains("blockers"), "\(shown.output)")
        #expect(shown.output.contains("In Progress  Ada Nowak"), "\(shown.output)")
        let bars = try #require(shown.output.firstMatch(of: /History    ([▁▂▃▄▅▆▇█]+)/))
        #expect(bars.output.1.count > 1 && Set(bars.output.1).count > 1, "the comment made it rise")
        #expect(shown.output.contains("Forecast   "), "\(shown.output)")
        let json = try await daemon.run(["show", "pay-1", "--json"], as: tenant)
        #expect(json.status == 0 && json.output.hasPrefix("{") && json.output.contains("\"risk_score\""))
        let unknown = try await daemon.run(["show", "PAY-9"], as: tenant)
        #expect(unknown.status != 0 && unknown.output.contains("Unknown issue"), "\(unknown.output)")
        #expect(try await daemon.run(["show", "PAY-1/../x"], as: tenant).status != 0)
    }

    private struct Difference: Decodable {
        struct Moment: Decodable {
            var risk_score: Int
        }
        struct Part: Decodable {
            var points: Int
        }
        var from: Moment
        var to: Moment
        var change: Int
        var parts: [Part]
    }

    @Test func whatMadeTheScoreIsNamedWithWhoDidIt() async throws {
        let (daemon, tenant) = try await start()
        let why = try await daemon.run(["why", "PAY-1", "--since", "7d"], as: tenant)
        #expect(why.status == 0, "\(why.output)")
        #expect(why.output.contains("Ada Nowak: comment \"\(Self.blocked)\""), "\(why.output)")
        #expect(why.output.contains("blockers +15") && why.output.contains("PAY-1  0 to "), "\(why.output)")
        let json = try await daemon.run(["why", "PAY-1", "--json"], as: tenant)
        let difference = try JSONDecoder().decode(Difference.self, from: Data(json.output.utf8))
        #expect(difference.change == difference.parts.reduce(0) { $0 + $1.points })
        #expect(difference.change == difference.to.risk_score - difference.from.risk_score && difference.change > 0)
        let short = try await daemon.run(["why", "PAY-1", "--since", "2026"], as: tenant)
        #expect(short.status != 0 && short.output.contains("--since must be"), "\(short.output)")
    }

    @Test func anEarlierScoreIsMadeAgainAndComparedWithTheStoredOne() async throws {
        let (daemon, tenant) = try await start()
        struct Row: Decodable {
            var risk_score: Int
            var analyzed_at: String
        }
        let rows = try await daemon.request(.get, "/api/analyze/history/PAY-1", token: tenant.api_key).json([Row].self)
        #expect(rows.count > 1)
        for row in rows {
            let again = try await daemon.run(["rescore", "--issue", "PAY-1", "--as-of", row.analyzed_at], as: tenant)
            #expect(again.status == 0, "\(again.output)")
            #expect(again.output.contains("Stored: \(row.risk_score), of "), "\(again.output)")
            #expect(again.output.contains("; equal."), "\(again.output)")
        }
        #expect(Set(rows.map(\.risk_score)).count > 1)
        let early = try await daemon.run(["rescore", "--issue", "PAY-1", "--as-of", "1h"], as: tenant)
        #expect(early.status != 0, "\(early.output)")
        #expect(early.output.contains("must not be before the issue was created"), "\(early.output)")
        let json = try await daemon.run(
            ["rescore", "--issue", "PAY-1", "--as-of", rows[0].analyzed_at, "--json"], as: tenant)
        #expect(json.status == 0 && json.output.contains("\"is_equal\":true"), "\(json.output)")
        let wrong = try await daemon.run(["rescore", "--issue", "PAY-1", "--as-of", "yesterday"], as: tenant)
        #expect(wrong.status != 0 && wrong.output.contains("--as-of must be"), "\(wrong.output)")
    }

    // MARK: Parts

    @Test func coloursAreForTerminalsWhoseReaderWantsThem() {
        let terminal = Ink(isTerminal: true, environment: ["TERM": "xterm"])
        #expect(terminal("74", band: "high") == "\u{1B}[31m74\u{1B}[0m")
        #expect(Ink(isTerminal: true, environment: ["NO_COLOR": ""]).isColored, "an empty variable says nothing")
        for plain in [
            Ink(isTerminal: false, environment: ["TERM": "xterm"]),
            Ink(isTerminal: true, environment: ["TERM": "xterm", "NO_COLOR": "1"]),
            Ink(isTerminal: true, environment: ["TERM": "dumb"]),
        ] {
            #expect(plain("74", band: "high") == "74" && plain("x", .strong) == "x" && plain("+1", change: 1) == "+1")
        }
    }

    @Test func barsRiseWithTheScores() {
        #expect(Column.bars([0, 12, 13, 50, 100]) == "▁▁▂▄█")
        #expect(Column.bars([]) == "" && Column.bars([-5, 500]) == "▁█")
        let levels = (0...100).map { Column.bars([$0]) }
        #expect(levels == levels.sorted() && Set(levels).count == 8)
    }

    @Test func instantsAreReadAsTheAPITakesThem() {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        #expect(IssueArgument.instant("24h", now: now) == Timestamp(seconds: 1_790_000_000 - 86_400).description)
        #expect(IssueArgument.instant("2026-11-24T14:00:00+01:00") == "2026-11-24T13:00:00.000Z")
        for wrong in ["", "yesterday", "7", "2026"] { #expect(IssueArgument.instant(wrong) == nil, "\(wrong)") }
    }

    @Test func whatOthersWroteCannotSteerTheTerminal() throws {
        let text = #"""
            {"issue_key": "PAY-1", "url": "u", "known_from": null, "change": 15, "quiet_events": 1,
             "from": {"at": "2026-11-23T13:00:00.000Z", "risk_score": 0, "band": "low", "points": {}},
             "to": {"at": "2026-11-24T13:00:00.000Z", "risk_score": 15, "band": "low", "points": {}},
             "parts": [{"at": "2026-11-24T12:00:00.000Z", "kind": "events", "points": 15,
                        "factors": [{"name": "due_date", "before": 0, "after": 15}],
                        "events": [{"kind": "comment", "id": "1", "who": "A\u001b[2J", "text": "x\ny", "url": "u"}]}]}
            """#
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let difference = try decoder.decode(ShownDifference.self, from: Data(text.utf8))
        let shown = WhyTable(difference, ink: Ink(isTerminal: false, environment: [:])).text
        #expect(!shown.contains("\u{1B}"))
        #expect(
            shown == #"""
                PAY-1  0 to 15 (+15)  2026-11-23 13:00 to 2026-11-24 13:00 UTC
                   +15  2026-11-24 12:00  A\u{1B}[2J: comment "x\ny"  (due date +15)
                  1 more event moved no factor
                """#)
    }
}
