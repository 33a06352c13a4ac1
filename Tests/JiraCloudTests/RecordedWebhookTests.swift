import Domain
import Foundation
import JiraCloud
import TestSupport
import Testing

/// Payloads as Jira Cloud and several versions of Jira Server sent them.
@Suite(.enabled(if: SharedData.isAvailable, "the recorded webhooks are not on this machine"))
struct RecordedWebhookTests {
    @Test func everyRecordedWebhookIsUnderstoodOrRejectedWithAReason() throws {
        let folder = try #require(SharedData.folder).appendingPathComponent("webhooks")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        #expect(!files.isEmpty)
        let decoder = JiraWebhookDecoder(
            fields: JiraFieldMapping(sprint: ["customfield_10020", "customfield_10021", "customfield_10104"]))
        for file in files.sorted() {
            let body = Array(try Data(contentsOf: folder.appendingPathComponent(file)))
            let envelope = try decoder.envelope(of: body)
            switch envelope.routing {
            case .issues(let ids):
                #expect(!ids.isEmpty)
                for id in ids {
                    let state = try decoder.fragment(of: body, for: id)
                    #expect(state.fields.summary != nil || !state.deletedComments.isEmpty)
                    #expect(state.lastEventAt == envelope.sentAt && envelope.sentAt != nil)
                    print(
                        "\(file): \(envelope.event) \(id) \(state.fields.status?.value?.name ?? "-"),",
                        "\(state.comments.count) comments, \(state.deletedComments.count) deleted,",
                        "\(state.changes.count) changes, \(state.fields.links?.value.count ?? 0) links,",
                        "\(state.fields.sprints?.value.map(\.name) ?? [])")
                }
            case .rejected(let reason):
                #expect(!reason.isEmpty)
                print("\(file): \(envelope.event) rejected: \(reason)")
            case .ignored, .sprint, .project:
                Testing.Issue.record("\(file): an issue or comment webhook went to \(envelope.routing)")
            }
        }
    }
}
