import Alerts
import Domain
import Foundation
import Queries
import RiskEngine
import Testing

@testable import QueryAPI

/// What messages say of a score that moved is what the API says of it.
@Suite struct AlertStoryTests {
    private static let dana = Person(id: "5b10", displayName: "Dana Moreau")
    private static let from = testNow.adding(days: -4)

    /// ENG-1 got its due date three days ago, and a comment that it is blocked two days ago.
    private func run(
        _ body: @Sendable (APIHarness, TenantID, AlertStories, ScoreDifference) async throws -> Void
    ) async throws {
        let api = try await APIHarness()
        let tenant = try await api.addTenant("acme").id
        var listing = Fixture.listing("ENG-1", score: 72)
        let (set, written) = (testNow.adding(days: -3), testNow.adding(days: -2))
        let due = listing.issue.dueDate?.description
        listing.issue.changes = [
            Change(
                id: "200/0", at: set, author: Self.dana, field: "duedate", from: nil, fromString: nil, to: due,
                toString: due)
        ]
        listing.issue.comments = [
            Comment(
                id: "100", author: Self.dana, body: "We are blocked by the vendor.", created: written, updated: written)
        ]
        (listing.issue.updated, listing.issue.activeAt) = (written, written)
        try await api.add(listing, to: tenant)
        let found = try await api.analyst.pastDifference(
            tenantID: tenant, key: "ENG-1", from: Self.from, to: testNow, now: testNow)
        let stories = AlertStories(analyst: api.analyst, executor: { _ in nil }, now: { testNow })
        try await body(api, tenant, stories, try #require(found).difference)
    }

    private func alert(score: Int, at: Timestamp, of tenant: TenantID, previousScore: Int? = nil) -> Alert {
        var alert = Fixture.alert("ENG-1", tenantID: tenant)
        alert.createdAt = at
        if case .issue(var issue) = alert.subject {
            (issue.score, issue.previousScore) = (score, previousScore)
            alert.subject = .issue(issue)
        }
        return alert
    }

    @Test func aStoryNamesWhoAndSumsToTheDifference() async throws {
        try await run { api, tenant, stories, difference in
            let told = alert(score: difference.from.score, at: Self.from, of: tenant)
            let now = alert(score: difference.to.score, at: testNow, of: tenant)
            let story = try #require(try await stories.story(of: now, told: told, wantsLeast: true))
            #expect(story.since == Self.from && story.before == difference.from.score)
            #expect(story.parts.reduce(0) { $0 + $1.points } == difference.change)
            #expect(story.parts.map { abs($0.points) } == story.parts.map { abs($0.points) }.sorted(by: >))
            let texts = story.parts.map(\.text)
            #expect(texts.contains("Dana Moreau: comment “We are blocked by the vendor.”"))
            #expect(texts.contains { $0.hasPrefix("Dana Moreau: duedate none → 2026-") })

            let remedies = try await api.analyst.remedies(tenantID: tenant, key: "ENG-1", now: testNow) { _, _, _ in
                Remedies.Goal(below: 40, .band)
            }
            let least = try #require(story.least)
            if least.below == 40 { #expect(least.actions == remedies?.actions.map(\.sentence)) }
            #expect(least.score <= difference.to.score)
            #expect(try await stories.story(of: now, told: told, wantsLeast: false)?.least == nil)
            #expect(try await api.uses(of: tenant).total == 0)
        }
    }

    @Test func ofScoresThatAreNotThoseOfTheAlertsNothingIsTold() async throws {
        try await run { api, tenant, stories, difference in
            let now = alert(score: difference.to.score, at: testNow, of: tenant)
            let told = alert(score: difference.from.score + 1, at: Self.from, of: tenant)
            #expect(try await stories.story(of: now, told: told, wantsLeast: true) == nil)
            let other = alert(score: difference.to.score + 1, at: testNow, of: tenant)
            let real = alert(score: difference.from.score, at: Self.from, of: tenant)
            #expect(try await stories.story(of: other, told: real, wantsLeast: true) == nil)
            #expect(try await stories.story(of: now, told: nil, wantsLeast: true) == nil, "it compares with nothing")

            // Without a message before it is told since the history had the score that the alert compares with.
            try await api.addHistory("ENG-1", score: difference.from.score, daysAgo: 4, to: tenant)
            let first = alert(
                score: difference.to.score, at: testNow, of: tenant, previousScore: difference.from.score)
            let story = try #require(try await stories.story(of: first, told: nil, wantsLeast: false))
            #expect(story.before == difference.from.score && story.since == testNow.adding(days: -4))
        }
    }

    @Test func aDigestQuotesNoComment() async throws {
        try await run { _, tenant, stories, difference in
            let scores = (before: difference.from.score, after: difference.to.score)
            let cause = try #require(
                try await stories.movement(
                    of: "ENG-1", tenantID: tenant, from: Self.from, to: testNow, scores: scores))
            #expect(cause.hasSuffix(")") && !cause.contains("vendor"))
            let other = try await stories.movement(
                of: "ENG-1", tenantID: tenant, from: Self.from, to: testNow, scores: (scores.before, 1))
            #expect(other == nil)
        }
    }
}
