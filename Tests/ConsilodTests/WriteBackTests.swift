import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Scores in Jira: the real daemon writes into a Jira that sends a webhook for every write.
@Suite struct WriteBackTests {
    @Test func nothingIsWrittenUntilItIsSwitchedOn() async throws {
        try await WriteBackStory.run(ofIssues: 2) { jira, daemon, tenant in
            #expect(try await WriteBackStory.status(tenant, daemon).enabled == false)
            let refused = try await daemon.request(
                .post, "/api/analyze/issue/PAY-1/comment", token: tenant.api_key, body: "{}")
            #expect(refused.status == 409 && refused.text.contains("write_back_off"), "\(refused.text)")
            #expect(jira.count(of: .editIssue) == 0 && jira.count(of: .property) == 0)
            #expect(jira.count(of: .addComment) == 0)
        }
    }

    @Test func aThousandRescoresCauseOneWriteAnIssueAndNoRescoreFollowsFromOne() async throws {
        try await WriteBackStory.run(ofIssues: 20) { jira, daemon, tenant in
            let before = try WriteBackStory.picture(daemon)
            try await WriteBackStory.writeFields(of: 20, tenant, daemon)
            #expect(jira.count(of: .editIssue) == 20)
            #expect(try await WriteBackStory.deliverOwnEvents(of: jira, to: tenant, daemon) == 20)
            #expect(try WriteBackStory.picture(daemon) == before, "nothing of it is activity, and no row follows")

            let priorities = ["Lowest", "Highest"]
            for round in 1...50 {
                for id in jira.issueIDs {
                    let name = priorities[round % 2]
                    let entry = jira.change(id, "priority", to: .object([("name", .string(name))]), toString: name)
                    let webhook = try #require(SimulatedWebhook.change(entry, of: id, in: jira))
                    #expect(try await daemon.post(webhook, to: tenant).status == 202)
                }
                try await daemon.waitUntilApplied()
            }
            try await WriteBackStory.waitForLook(daemon)
            #expect(jira.count(of: .editIssue) == 20, "the least time between two writes has not passed")
            let after = try WriteBackStory.picture(daemon)
            try WriteBackStory.letIntervalPass(daemon)
            try await WriteBackStory.waitForLook(daemon)
            #expect(jira.count(of: .editIssue) <= 40)
            try await WriteBackStory.deliverOwnEvents(of: jira, to: tenant, daemon)
            try WriteBackStory.letIntervalPass(daemon)
            let writes = jira.count(of: .editIssue)
            try await WriteBackStory.waitForLook(daemon)
            #expect(jira.count(of: .editIssue) == writes, "no write follows from a write")
            #expect(try WriteBackStory.picture(daemon) == after)
            #expect(jira.violations == [])
        }
    }

    @Test func theFieldsHoldWhatTheDaemonSays() async throws {
        try await WriteBackStory.run(ofIssues: 1) { jira, daemon, tenant in
            try await WriteBackStory.writeFields(of: 1, tenant, daemon)
            struct Item: Decodable {
                var risk_score: Int
            }
            let listed = try await daemon.request(.get, "/api/issues", token: tenant.api_key).json([Item].self)
            let fields = try #require(jira.document(of: "10001")?["fields"])
            #expect(fields["customfield_10100"]?.int == listed.first?.risk_score)
            #expect(fields["customfield_10101"]?.text == RiskBand(score: listed.first?.risk_score ?? 0).rawValue)
            let (status, output) = try await daemon.run(["jira", "write-back"], as: tenant)
            #expect(status == 0 && output.contains("custom fields") && output.contains("1 issues"), "\(output)")
            let (ended, words) = try await daemon.run(["jira", "write-back", "off"], as: tenant)
            #expect(ended == 0, "\(words)")
            #expect(try await WriteBackStory.status(tenant, daemon).enabled == false)
        }
    }

    // MARK: The other ways by which Jira tells of a write

    @Test func aSweepThatFindsTheWritesShowsNoActivity() async throws {
        try await WriteBackStory.run(ofIssues: 3) { jira, daemon, tenant in
            let before = try WriteBackStory.picture(daemon)
            try await WriteBackStory.writeFields(of: 3, tenant, daemon)
            // The webhooks are lost.
            #expect(jira.takeOwnEvents().count == 3)
            try await JiraPicture.sweep(tenant, daemon, full: true)
            #expect(try WriteBackStory.picture(daemon) == before)
            let fetches = jira.count(of: .bulkFetch)
            try await JiraPicture.sweep(tenant, daemon, full: true)
            #expect(jira.count(of: .bulkFetch) == fetches, "what is known is not fetched again")
        }
    }

    @Test func aSweepAfterTheWebhooksFindsNothingMissed() async throws {
        try await WriteBackStory.run(ofIssues: 3) { jira, daemon, tenant in
            try await WriteBackStory.writeFields(of: 3, tenant, daemon)
            try await WriteBackStory.deliverOwnEvents(of: jira, to: tenant, daemon)
            let (fetches, missed) = (
                jira.count(of: .bulkFetch), try await JiraPicture.access(tenant, daemon).missed
            )
            try await JiraPicture.sweep(tenant, daemon, full: true)
            #expect(jira.count(of: .bulkFetch) == fetches)
            #expect(try await JiraPicture.access(tenant, daemon).missed == missed)
        }
    }

    // MARK: What is never written

    @Test func restrictedIssuesAreNeverWrittenTo() async throws {
        let level = JSON.object([("id", "10000"), ("name", "Board only")])
        let issues = [
            SimulatedJira.issue(
                "10001", key: "PAY-1", updated: JiraPicture.minutesAgo(60), fields: [("security", level)]),
            SimulatedJira.issue("10002", key: "PAY-2", updated: JiraPicture.minutesAgo(60)),
        ]
        try await SimulatedJira.run(issues: issues.map { String(decoding: $0.bytes, as: UTF8.self) }) { jira in
            let daemon = try JiraPicture.makeDaemon(jira, ["CONSILOD_JIRA_WRITE_SECONDS": "1"])
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            let (status, output) = try await JiraPicture.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 0, "\(output)")
            try await daemon.waitUntilApplied()
            try await WriteBackStory.set(#"{"target": "property"}"#, tenant, daemon)
            try await eventually("one is written to") {
                try await WriteBackStory.status(tenant, daemon).written_issues == 1
            }
            try await WriteBackStory.waitForLook(daemon)
            #expect(jira.property("consilod.risk", of: "10001") == nil)
            #expect(jira.property("consilod.risk", of: "10002")?["band"]?.text != nil)
            let refused = try await daemon.request(
                .post, "/api/analyze/issue/PAY-1/comment", token: tenant.api_key, body: "{}")
            #expect(refused.status == 409 && refused.text.contains("issue_restricted"), "\(refused.text)")
            #expect(jira.count(of: .addComment) == 0)
        }
    }

    @Test func aDoneIssueLosesItsValuesOnce() async throws {
        try await WriteBackStory.run(ofIssues: 1) { jira, daemon, tenant in
            try await WriteBackStory.writeFields(of: 1, tenant, daemon)
            let entry = jira.change("10001", "status", to: SimulatedJira.status("Done", "done"), toString: "Done")
            let webhook = try #require(SimulatedWebhook.change(entry, of: "10001", in: jira))
            #expect(try await daemon.post(webhook, to: tenant).status == 202)
            try await daemon.waitUntilApplied()
            try WriteBackStory.letIntervalPass(daemon)
            try await eventually("the values are gone") {
                try await WriteBackStory.status(tenant, daemon).written_issues == 0
            }
            #expect(jira.document(of: "10001")?["fields", "customfield_10100"]?.isNull == true)
            let writes = jira.count(of: .editIssue)
            try WriteBackStory.letIntervalPass(daemon)
            try await WriteBackStory.waitForLook(daemon)
            #expect(jira.count(of: .editIssue) == writes)
        }
    }

    // MARK: Refusals

    @Test func aFieldOnNoScreenStopsTheWritesWithTheReason() async throws {
        try await WriteBackStory.run(ofIssues: 9) { jira, daemon, tenant in
            jira.takeOffScreen(["customfield_10102"])
            try await WriteBackStory.set(WriteBackStory.fields, tenant, daemon)
            try await eventually("it is stopped") {
                try await WriteBackStory.status(tenant, daemon).stopped_reason?.contains("customfield_10102") == true
            }
            #expect(jira.count(of: .editIssue) == 5, "five issues are enough to tell")
            // The report is kept for a second.
            try await eventually("it is in /health") {
                let health = try await daemon.health().components["jira"]
                return health?.status == "degraded" && health?.detail.contains("write-back") == true
            }
            let doctor = try await daemon.request(.get, "/api/tenants/\(tenant.id)/doctor", token: tenant.api_key)
            #expect(doctor.text.contains("jira.write.stopped"), "\(doctor.text)")
            #expect(try await JiraPicture.access(tenant, daemon).stopped_reason == nil, "all else goes on")

            jira.takeOffScreen([])
            try await WriteBackStory.writeFields(of: 9, tenant, daemon)
            try await eventually("it is over in /health") {
                try await daemon.health().components["jira"]?.status == "healthy"
            }
        }
    }

    @Test func withoutThePermissionToLeaveMailOutNothingIsWritten() async throws {
        try await WriteBackStory.run(ofIssues: 6) { jira, daemon, tenant in
            jira.lack(["ADMINISTER_PROJECTS"])
            try await WriteBackStory.set(WriteBackStory.fields, tenant, daemon)
            try await eventually("it is stopped") {
                try await WriteBackStory.status(tenant, daemon).stopped_reason?.contains("ADMINISTER_PROJECTS") == true
            }
            #expect(jira.count(of: .editIssue) == 5, "five issues of the only project are enough to tell")
            #expect(try await JiraPicture.access(tenant, daemon).stopped_reason == nil)
            let doctor = try await daemon.request(.get, "/api/tenants/\(tenant.id)/doctor", token: tenant.api_key)
            #expect(doctor.text.contains("lacks ADMINISTER_PROJECTS"), "\(doctor.text)")
        }
    }

    @Test func doctorSaysWhichFieldDoesNotFit() async throws {
        try await WriteBackStory.run(ofIssues: 1) { jira, daemon, tenant in
            try await WriteBackStory.set(
                #"{"target": "fields", "score_field": "customfield_10101", "band_field": "customfield_9"}"#, tenant,
                daemon)
            let doctor = try await daemon.request(.get, "/api/tenants/\(tenant.id)/doctor", token: tenant.api_key)
            #expect(doctor.text.contains("customfield_10101 holds string, not number"), "\(doctor.text)")
            #expect(doctor.text.contains("customfield_9 is unknown"), "\(doctor.text)")
        }
    }

    // MARK: Comments

    @Test func aCommentThatIsAskedForIsPostedOnceAndReadByNobodyHere() async throws {
        try await WriteBackStory.run(ofIssues: 1) { jira, daemon, tenant in
            try await WriteBackStory.set(#"{"target": "none"}"#, tenant, daemon)
            let before = try WriteBackStory.picture(daemon)
            let (status, output) = try await daemon.run(["jira", "comment", "PAY-1"], as: tenant)
            #expect(status == 0 && output.contains("/browse/PAY-1"), "\(output)")
            #expect(jira.count(of: .addComment) == 1)
            let comments = try #require(jira.document(of: "10001")?["fields", "comment", "comments"]?.elements)
            #expect(
                String(decoding: try #require(comments.last).bytes, as: UTF8.self).contains("consilod delivery risk"))
            #expect(try await WriteBackStory.deliverOwnEvents(of: jira, to: tenant, daemon) == 1)
            #expect(try WriteBackStory.picture(daemon) == before)
            try await JiraPicture.sweep(tenant, daemon, full: true)
            #expect(try WriteBackStory.picture(daemon) == before)
            let audit = try await daemon.request(
                .get, "/api/audit?action=jira_comment.post", token: tenant.api_key)
            #expect(audit.text.contains("PAY-1"), "\(audit.text)")
            #expect(jira.count(of: .editIssue) == 0 && jira.violations == [])
        }
    }
}
