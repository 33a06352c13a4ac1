import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

@Suite struct DigestMessageTests {
    private func mail(_ alert: Alert) throws -> MailMessage {
        let sender = try #require(MailAddress("Risk alerts <alerts@example.com>"))
        let recipient = try #require(MailAddress("team@example.com"))
        return MailMessage(alert, from: sender, to: recipient, channelID: UUID(), now: .sampleNow)
    }

    @Test func theTextSaysEverything() throws {
        #expect(
            try mail(DigestContent.sample().alert).text == """
                Weekly digest of ENG for 2026-11-24 14:18: 2 of 7 open issues at high risk, 1 at medium

                Weekly digest of ENG
                https://team.example.net/browse/ENG

                Period: 2026-11-17 14:18 to 2026-11-24 14:18, Europe/Berlin
                Open issues: 7: 2 high, 1 medium, 4 low

                Riskiest
                  * ENG-12 Checkout fails for saved cards – 84 of 100 (+29): 3 comments say that work is blocked. \
                Forecast: 85 % likely to be done after its due date (2026-11-27).
                    https://team.example.net/browse/ENG-12
                  * ENG-9 Merger with Globex – 71 of 100 (new): The board has not decided.
                    https://team.example.net/browse/ENG-9

                Rose most
                  * ENG-12 Checkout fails for saved cards – 55 → 84 (+29): Blockers 0 → 30: 3 comments say that work is blocked.
                    https://team.example.net/browse/ENG-12

                Fell most
                  * ENG-3 Old report – 61 → 20 (−41)
                    https://team.example.net/browse/ENG-3

                At risk and due within a week
                  * ENG-9 Merger with Globex – due 2026-11-26, 71 of 100: The board has not decided.
                    https://team.example.net/browse/ENG-9
                  * ENG-12 Checkout fails for saved cards – due 2026-11-27, 84 of 100: 3 comments say that work is blocked. \
                Forecast: 85 % likely to be done after its due date (2026-11-27).
                    https://team.example.net/browse/ENG-12
                  * and 10 more

                Sprints
                  * Sprint 7, ends 2026-11-27 – Of 4 open issues about 2 ± 1 will not be done by the end. 4 open: 1 high, 1 medium

                Silenced
                  * 3 alerts: Release week (operator)

                Could not be delivered
                  * #delivery: 2 – the channel answered 404

                Rules to change
                  * 24 of 40 alerts of “High risk” cleared within a day with nothing done. (90 days: 40 raised, precision 5 of \
                20, noise 24 of 40, recall unknown)

                -- \("")
                consilod · weekly digest · 2026-11-24 14:18 Europe/Berlin

                """)
    }

    @Test func oneThatIsLateSaysWhatTimeItIsFor() throws {
        var digest = DigestContent.sample()
        digest.asOf = digest.to.adding(seconds: 3 * 3600)
        let words = AlertText(try digest.alert)
        #expect(words.headline.hasPrefix("Weekly digest of ENG for 2026-11-24 14:18: "))
        #expect(
            words.facts.last
                == .init(
                    label: "Sent late",
                    value: "it was due at 2026-11-24 14:18; its figures are of 2026-11-24 17:18"))
        digest.asOf = digest.to.adding(seconds: 60)
        #expect(!(AlertText(try digest.alert).facts.contains { $0.label == "Sent late" }))
    }

    @Test func nothingToReportIsOneLine() throws {
        let words = AlertText(try DigestContent.nothing.alert)
        #expect(words.headline == "Daily digest for 2026-11-24 13:18: nothing to report")
        #expect(words.sections.isEmpty)
        #expect(SlackMessage(try DigestContent.nothing.alert).blocks.count == 4)
    }

    @Test func scorecardsThatCouldNotBeMadeAreOneLine() throws {
        var digest = DigestContent.nothing
        digest.rules = .init(lastDays: 90, failure: "they took too long")
        #expect(digest.isEmpty, "nothing to report but that")
        digest.every = .week
        for form in [
            try mail(digest.alert).text, try mail(digest.alert).html,
            String(decoding: try SlackMessage.render(AlertMessage(digest.alert)), as: UTF8.self),
            String(decoding: try TeamsCard.render(AlertMessage(digest.alert)), as: UTF8.self),
        ] {
            #expect(form.contains("The scorecards of the rules could not be made: they took too long."))
        }
        digest.rules = .init(lastDays: 90)
        #expect(DigestText(digest).sections.isEmpty)
    }

    @Test func everyFormNamesTheRuleToChange() throws {
        let alert = try DigestContent.sample().alert
        for form in [
            try mail(alert).text, try mail(alert).html,
            String(decoding: try SlackMessage.render(AlertMessage(alert)), as: UTF8.self),
            String(decoding: try TeamsCard.render(AlertMessage(alert)), as: UTF8.self),
            String(decoding: try WebhookPayload.render(AlertMessage(alert)), as: UTF8.self),
        ] {
            #expect(form.contains("alerts of “High risk” cleared within a day with nothing done."))
        }
    }

    @Test func aChannelThatShowsNoRestrictedTextsGetsTheKeyAndTheScoresOfSuchAnIssue() throws {
        let shown = try DigestContent.sample().alert
        for alert in [shown.forEverybody, shown] {
            let forms = [
                try mail(alert).text, try mail(alert).html,
                String(decoding: try SlackMessage.render(alert), as: UTF8.self),
                String(decoding: try TeamsCard.render(AlertMessage(alert)), as: UTF8.self),
                String(decoding: try WebhookPayload.render(AlertMessage(alert)), as: UTF8.self),
            ]
            for form in forms {
                #expect(form.contains("ENG-9") && form.contains("71"))
                #expect(form.contains("Globex") == (alert == shown))
                #expect(form.contains("The board") == (alert == shown))
                #expect(form.contains("text withheld") == (alert != shown))
                #expect(form.contains("ENG-12") && form.contains("3 comments say"))
            }
        }
    }

    @Test func theHTMLEscapesEveryValueAndLoadsNothing() throws {
        let hostile = #""'><script>alert(1)</script><img src=x>&amp;"#
        var digest = DigestContent.sample(summary: hostile)
        digest.projectKeys = [hostile]
        digest.riskiest[0].cause = hostile
        digest.riskiest[0].forecast = hostile
        digest.sprints[0].name = hostile
        digest.silenced[0].reason = hostile
        digest.undelivered[0] = .init(channel: hostile, reason: hostile, deliveries: 1)
        digest.rules?.changes[0].advice.sentence = hostile
        digest.siteURL = #"https://x.example/" onclick="alert(1)"#
        let html = try mail(digest.alert).html
        #expect(!html.contains("<script") && !html.contains("<img src=x") && !html.contains("\" onclick"))
        #expect(html.components(separatedBy: "<img").count == 2, "the chart")
        #expect(html.contains("<img src=\"cid:"))
        #expect(!html.contains("url(") && !html.contains("http-equiv"))
        digest.siteURL = "javascript:alert(1)"
        #expect(!(try mail(digest.alert).html.contains("href")))
    }

    /// WCAG 2.2, 1.4.3: 4.5 to 1 for text of this size.
    @Test func everyColourCanBeReadOnItsGround() throws {
        for ink in DigestHTML.Ink.allCases {
            #expect(try Self.contrast(ink.light, DigestHTML.lightGround) >= 4.5, "\(ink) on light ground")
            #expect(try Self.contrast(ink.dark, DigestHTML.darkGround) >= 4.5, "\(ink) on dark ground")
        }
        #expect(try Self.contrast("#000000", "#ffffff") == 21)
        let html = try mail(DigestContent.sample().alert).html
        #expect(html.contains("@media (prefers-color-scheme: dark)"))
        #expect(html.contains("<meta name=\"color-scheme\" content=\"light dark\">"))
        // Every element with a colour has the class that replaces it.
        let colours = html.matches(of: /style="[^"]*color:#[0-9a-f]{6}/).count
        let classes = html.matches(of: /class="[^"]*(text|quiet|link|high|medium|low)"/).count
        #expect(colours > 20)
        #expect(classes == colours)
    }

    private static func contrast(_ one: String, _ other: String) throws -> Double {
        func luminance(_ color: String) throws -> Double {
            let number = try #require(Int(color.dropFirst(), radix: 16))
            let parts = [number >> 16, number >> 8 & 0xFF, number & 0xFF].map { part -> Double in
                let value = Double(part) / 255
                return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        let (first, second) = (try luminance(one), try luminance(other))
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }

    @Test func slacksLimitsHoldWhateverTheTexts() throws {
        var random = SeededGenerator(seed: 12)
        let pieces = ["&", "<", ">", "@", "word ", "😀", "é", "\n", "👩‍👩‍👧‍👦", "long enough to matter ", "*_`~"]
        func text() -> String {
            (0..<Int.random(in: 0...300, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
                .joined()
        }
        for _ in 0..<100 {
            var digest = DigestContent.sample()
            func lines(_ count: Int) -> [DigestContent.Line] {
                (0..<count).map { number in
                    .init(
                        key: IssueKey("ENG-\(number)"), summary: text(), score: 80, previousScore: 20, cause: text(),
                        forecast: text())
                }
            }
            (digest.riskiest, digest.risen, digest.fallen, digest.due) = (lines(10), lines(5), lines(5), lines(10))
            digest.sprints = (0..<5).map { _ in .init(name: text(), endsAt: nil, open: .init(high: 1), outlook: text())
            }
            digest.silenced = (0..<10).map { _ in .init(reason: text(), createdBy: text(), alerts: 3) }
            digest.undelivered = (0..<10).map { _ in .init(channel: text(), reason: text(), deliveries: 3) }
            let line = try #require(digest.rules?.changes.first)
            digest.rules?.changes = (0..<10).map { _ in
                var line = line
                line.advice.sentence = text()
                return line
            }
            let message = SlackMessage(try digest.alert)
            #expect(message.text.utf16.count < 4000)
            #expect(message.blocks.count <= 50)
            var sum = 0
            for block in message.blocks {
                let texts: [String] =
                    switch block {
                    case .header(let text), .section(let text), .context(let text): [text]
                    case .fields(let texts): texts
                    }
                for text in texts { #expect(!text.isEmpty && text.utf16.count <= 3000) }
                sum += texts.reduce(0) { $0 + $1.utf16.count }
            }
            #expect(sum < 12_000)
            #expect(try TeamsCard.render(AlertMessage(digest.alert)).count < 28_000)
        }
    }

    @Test func theWebhookHasTheFieldsOfTheAPI() throws {
        struct Sent: Decodable {
            struct Body: Decodable {
                struct Item: Decodable {
                    struct Digest: Decodable {
                        struct Rules: Decodable {
                            struct Change: Decodable {
                                struct Suggestion: Decodable {
                                    var kind: String
                                    var value: Int?
                                }
                                struct Share: Decodable, Equatable {
                                    var count: Int
                                    var total: Int
                                }
                                var name: String
                                var suggestion: Suggestion
                                var noise: Share
                            }
                            var last_days: Int
                            var changes: [Change]
                        }
                        struct Issue: Decodable {
                            var key: String
                            var previous_score: Int?
                            var url: String
                        }
                        var every: String
                        var riskiest: [Issue]
                        var due_count: Int
                        var rules: Rules
                    }
                    var kind: String
                    var digest: Digest?
                }
                var alerts: [Item]
            }
            var type: String
            var data: Body
        }
        let sent = try JSONDecoder().decode(
            Sent.self, from: try WebhookPayload.render(AlertMessage(DigestContent.sample().alert)))
        #expect(sent.type == "digest")
        let item = try #require(sent.data.alerts.first)
        #expect(item.kind == "digest")
        #expect(item.digest?.every == "week" && item.digest?.due_count == 12)
        #expect(item.digest?.riskiest.map(\.key) == ["ENG-12", "ENG-9"])
        #expect(item.digest?.riskiest.map(\.previous_score) == [55, nil])
        #expect(item.digest?.riskiest.first?.url == "https://team.example.net/browse/ENG-12")
        let change = try #require(item.digest?.rules.changes.first)
        #expect(change.name == "High risk" && change.suggestion.kind == "raise" && change.suggestion.value == 80)
        #expect(change.noise == .init(count: 24, total: 40))
    }
}

@Suite struct DigestMailTests {
    @Test func theMailHasBothFormsAndTheChartThatOneOfThemShows() async throws {
        try await SMTPServer.running(.plain) { server in
            let settings = MailSettings(
                host: "127.0.0.1", port: server.port, security: .none, username: nil, password: nil,
                from: "alerts@example.com")
            let sink = EmailSink(settings)
            var nextDay = DigestContent.nothing
            nextDay.to = nextDay.to.adding(days: 1)
            for digest in [DigestContent.sample(), nextDay] {
                let attempt = await sink.deliver(try digest.alert, to: .email("ana@example.com"), now: .sampleNow)
                #expect(attempt == .accepted)
            }
            let mails = try server.mails()
            try #require(mails.count == 2)
            #expect(
                mails[0].contentTypes
                    == ["multipart/related", "multipart/alternative", "text/plain", "text/html", "image/png"])
            #expect(mails[0].header("subject") == "[consilod] Weekly digest of ENG")
            #expect(mails[0].text.contains("* ENG-12 Checkout fails"))
            let html = mails[0].html
            let source = try #require(html.firstMatch(of: /src="cid:([^"]+)"/)?.output.1)
            #expect(mails[0].raw.contains("Content-ID: <\(source)>"))
            let alternative = try #require(html.firstMatch(of: /alt="([^"]+)"/)?.output.1)
            #expect(alternative.contains("2026-11-24 2 high, 1 medium, 4 low"))
            #expect(mails[0].defects.isEmpty)
            // The days of a digest without a past make no chart.
            #expect(mails[1].contentTypes == ["multipart/alternative", "text/plain", "text/html"])
            #expect(mails[1].defects.isEmpty)
            let references = mails.compactMap { $0.header("references") }
            #expect(Set(references).count == 2, "each is a thread of its own")
        }
    }

    /// Python's zlib reads the picture back: stacked bars on a transparent ground.
    @Test func theChartIsAPictureThatOthersRead() throws {
        let chart = try #require(DigestChart(DigestContent.sample()))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("chart-\(UUID().uuidString).png")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(chart.picture).write(to: file)
        let script = """
            import struct, sys, zlib
            data = open(sys.argv[1], "rb").read()
            assert data[:8] == b"\\x89PNG\\r\\n\\x1a\\n"
            place, chunks = 8, []
            while place < len(data):
                length, = struct.unpack(">I", data[place:place + 4])
                kind, body = data[place + 4:place + 8], data[place + 8:place + 8 + length]
                assert struct.unpack(">I", data[place + 8 + length:place + 12 + length])[0] == zlib.crc32(kind + body)
                chunks.append((kind.decode(), body))
                place += 12 + length
            width, height, depth, color = struct.unpack(">IIBB", dict(chunks)["IHDR"][:10])
            rows = zlib.decompress(dict(chunks)["IDAT"])
            assert len(rows) == (width + 1) * height
            column = width - width // 14
            print([kind for kind, _ in chunks], width, height, depth, color,
                  [rows[row * (width + 1) + 1 + column] for row in (0, height // 2, height - 1)], dict(chunks)["tRNS"][0])
            """
        let output = try run(["/usr/bin/python3", "-c", script, file.path])
        // The last bar, of 7 issues where the most are 9: above it nothing, then low, then high.
        #expect(
            output
                == "['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'] \(DigestChart.width) \(DigestChart.height) 8 3 [0, 3, 1] 0\n"
        )
    }

    @Test func withoutAnIssueOrADayBeforeThereIsNoChart() {
        #expect(DigestChart(.nothing) == nil)
        var digest = DigestContent.sample()
        digest.open = .init()
        digest.days = digest.days.map { .init(at: $0.at, open: .init()) }
        #expect(DigestChart(digest) == nil)
    }

    /// For any rectangles, also those that lie outside: what is drawn is where it was drawn.
    @Test func rectanglesAreClippedToThePicture() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<100 {
            var picture = PalettePicture(width: 20, height: 10, palette: [.init(red: 0, green: 0, blue: 0)])
            func range(_ limit: Int) -> Range<Int> {
                let bounds = [
                    Int.random(in: -5...limit + 5, using: &random), Int.random(in: -5...limit + 5, using: &random),
                ]
                return bounds[0] < bounds[1] ? bounds[0]..<bounds[1] : bounds[1]..<bounds[0]
            }
            let (x, y) = (range(20), range(10))
            picture.fill(x: x, y: y, with: 7)
            for (place, pixel) in picture.pixels.enumerated() {
                #expect((pixel == 7) == (x.contains(place % 20) && y.contains(place / 20)))
            }
        }
    }
}
