import Domain
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Alerts

/// What a message says of who changed a score by what.
@Suite struct AlertStoryTests {
    private static let since = Timestamp.sampleNow.adding(days: -1)

    private func story(_ points: Int..., least: AlertStory.Least? = nil) -> AlertStory {
        AlertStory(
            since: Self.since, before: 84 - points.reduce(0, +),
            parts: points.enumerated().map { index, points in
                AlertStory.Part(points: points, at: Self.since.adding(seconds: 60), text: "Ben: change \(index)")
            }, least: least)
    }

    private func words(_ story: AlertStory) -> AlertText {
        var message = AlertMessage(.sample())
        message.stories = ["10012": story]
        return AlertText(message)
    }

    private func items(_ title: String, _ words: AlertText) -> [String] {
        words.sections.first { $0.title.hasPrefix(title) }?.items.map(\.text) ?? []
    }

    @Test func aMessageSaysWhoChangedTheScoreAndTheLeastThatLowersIt() {
        let least = AlertStory.Least(actions: ["Finish PAY-2.", "Assign the issue."], below: 60, score: 51)
        let words = words(story(30, -1, least: least))
        let titles = words.sections.map(\.title)
        #expect(titles.contains("What changed since 2026-11-23 13:18 UTC (55 → 84)"))
        #expect(
            items("What changed", words) == [
                "+30, 2026-11-23 13:19: Ben: change 0", "−1, 2026-11-23 13:19: Ben: change 1",
            ])
        #expect(
            items("What would lower it", words) == [
                "Finish PAY-2.", "Assign the issue.", "With that the score is 51, below 60",
            ])
        #expect(titles.filter { $0.hasPrefix("What changed") || $0 == "What would lower it" }.count == 2)
    }

    @Test func whatIsOutOfReachIsSaid() {
        let words = words(story(29, least: AlertStory.Least(actions: ["Assign it."], below: 10, score: 72)))
        #expect(items("What would lower it", words).last == "With that the score is 72; nothing brings it below 10")
    }

    @Test func manyPartsAreCutAndTheirPointsStillSum() {
        let parts = [9, 8, 7, 6, 5, 4, -3, 2, 1]
        let words = words(
            AlertStory(
                since: Self.since, before: 45, parts: parts.map { AlertStory.Part(points: $0, text: "x") }))
        let items = items("What changed", words)
        #expect(items == ["+9: x", "+8: x", "+7: x", "+6: x", "+5: x", "+4: 4 others together"])
    }

    @Test func withoutAStoryTheStoredTextsStay() {
        let stored = AlertText(AlertMessage(.sample()))
        #expect(words(AlertStory(since: Self.since, before: 84, parts: [])) == stored)
        #expect(items("What would lower it", stored).first == "−30: Resolve the blockers.")
    }

    @Test func aListNamesTheLargestPartOfEachIssue() {
        var other = Alert.sample()
        other.changeIssue { ($0.issueID, $0.issueKey, $0.score) = ("2", "ENG-2", 70) }
        var message = AlertMessage([.sample(), other])
        message.stories = ["10012": story(30, -1)]
        let lines = AlertText(message).sections.flatMap(\.items).map(\.text)
        #expect(lines.first?.contains("+30, 2026-11-23 13:19: Ben: change 0") == true)
        #expect(lines.last?.hasSuffix("3 comments say that work is blocked.") == true)
    }

    // MARK: When it is looked up

    /// The issues that stories are asked of, and whether the least is.
    private func asked(
        _ message: AlertMessage, _ kind: AlertChannel.Kind = .slack, showsRestricted: Bool = false,
        fails: Bool = false
    ) async -> (keys: [String], least: [Bool], found: Int) {
        let asked = Mutex<[(key: String, least: Bool)]>([])
        let teller = StoryTeller(
            tell: { alert, told, wantsLeast in
                asked.withLock { $0.append(("\(alert.issue?.issueKey ?? "-") \(told?.issue?.score ?? 0)", wantsLeast)) }
                if fails { throw Unexpected("no store") }
                return AlertStory(since: Self.since, before: 1, parts: [])
            }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var channel = AlertChannel(id: UUID(), kind: kind, name: "Team", target: "x")
        channel.showsRestricted = showsRestricted
        let found = await teller.stories(for: message, to: channel)
        let all = asked.withLock { $0 }
        return (all.map(\.key), all.map(\.least), found.count)
    }

    @Test func onlyWhatAReaderMaySeeIsLookedUp() async {
        var told = Alert.sample()
        told.changeIssue { $0.score = 71 }
        var message = AlertMessage([.sample()], previous: [told])
        let open = await asked(message)
        #expect(open.keys == ["ENG-12 71"] && open.least == [true] && open.found == 1)
        #expect(await asked(message, fails: true).found == 0)
        for kind in [AlertChannel.Kind.webhook, .alertmanager] {
            #expect(await asked(message, kind).keys.isEmpty, "it has no words")
        }
        #expect(await asked(AlertMessage([.sample()], isRepeat: true)).keys.isEmpty)
        #expect(await asked(AlertMessage(.sample(event: .resolved))).keys.isEmpty)

        var restricted = Alert.sample()
        restricted.changeIssue { $0.isRestricted = true }
        message = AlertMessage(restricted)
        #expect(await asked(message).keys.isEmpty)
        #expect(await asked(message, showsRestricted: true).keys == ["ENG-12 0"])
    }

    @Test func ofAnAlertThatComparesWithNothingNothingIsLookedUp() async {
        var (first, told) = (Alert.sample(), Alert.sample())
        first.changeIssue { $0.previousScore = nil }
        told.changeIssue { $0.score = 71 }
        #expect(await asked(AlertMessage(first)).keys.isEmpty)
        #expect(await asked(AlertMessage([first], previous: [told])).keys == ["ENG-12 71"])

        var other = Alert.sample()
        other.changeIssue { ($0.issueID, $0.issueKey) = ("2", "ENG-2") }
        #expect(await asked(AlertMessage([first, other])).keys == ["ENG-2 0"])
    }

    @Test func ofAListTheLeastIsNotLookedUp() async {
        let alerts = (1...12).map { number in
            var alert = Alert.sample()
            alert.changeIssue { ($0.issueID, $0.issueKey) = (IssueID("\(number)"), IssueKey("ENG-\(number)")) }
            return alert
        }
        let list = await asked(AlertMessage(alerts))
        #expect(list.keys.count == 10 && !list.least.contains(true))
    }
}
