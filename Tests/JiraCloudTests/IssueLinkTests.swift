import Domain
import JiraCloud
import Testing

@Suite struct IssueLinkTests {
    private let decoder = JiraWebhookDecoder()

    @Test func eachEndSeesTheLinkFromItsSide() throws {
        let body = WebhookBody.issueLink("issuelink_created", type: WebhookBody.blocks)
        let version = Version(at: WebhookBody.sentAt, sentAt: WebhookBody.sentAt)
        let source = try decoder.fragment(of: body, for: "10100")
        let destination = try decoder.fragment(of: body, for: "10200")
        let outward = IssueLink(id: "77", relation: .blocks, typeName: "Blocks", otherID: "10200", otherKey: nil)
        let inward = IssueLink(id: "77", relation: .blockedBy, typeName: "Blocks", otherID: "10100", otherKey: nil)
        #expect(source.linkEvents == ["77": Versioned(.some(outward), version)])
        #expect(destination.linkEvents == ["77": Versioned(.some(inward), version)])
        #expect(source.lastEventAt == WebhookBody.sentAt && source.lastActivityAt == nil)
    }

    @Test func removedLinkIsRemovedAtBothEnds() throws {
        let body = WebhookBody.issueLink("issuelink_deleted", type: WebhookBody.blocks)
        for end: IssueID in ["10100", "10200"] {
            let event = try #require(try decoder.fragment(of: body, for: end).linkEvents["77"])
            #expect(event.value == nil)
            #expect(event.version.at == WebhookBody.sentAt)
        }
    }

    @Test func linkWithoutATypeIsARelation() throws {
        let body = WebhookBody.issueLink("issuelink_created", type: "null")
        let link = try #require(try decoder.fragment(of: body).linkEvents["77"]?.value)
        #expect(link.relation == .relatesTo)
    }

    @Test(arguments: [
        ("Blocks", "blocks", "is blocked by", IssueLink.Relation.blocks),
        ("Blocker", "is blocking", "is blocked by", .blocks),
        ("Blocker", "is blocked by", "blocks", .blockedBy),
        ("Impediment", "BLOCKS", "IS BLOCKED BY", .blocks),
        ("Blockade", "blockiert", "wird blockiert von", .blocks),
        ("Depends", "depends on", "is depended on by", .blockedBy),
        ("Dependency", "is dependent on", "is a dependency of", .blockedBy),
        ("Dependency", "is a dependency of", "depends on", .blocks),
        ("Relates", "relates to", "relates to", .relatesTo),
        ("Duplicate", "duplicates", "is duplicated by", .relatesTo),
        ("", "", "", .relatesTo),
    ])
    func wordsOfTheTypeDecideTheRelation(
        name: String, outward: String, inward: String, ofSource: IssueLink.Relation
    ) throws {
        let mirrored: [IssueLink.Relation: IssueLink.Relation] = [
            .blocks: .blockedBy, .blockedBy: .blocks, .relatesTo: .relatesTo,
        ]
        let type = #"{"name": "\#(name)", "outward": "\#(outward)", "inward": "\#(inward)"}"#
        let links = try #require(
            try decoder.fragment(
                of: WebhookBody.issue(
                    "jira:issue_updated",
                    fields: """
                        , "issuelinks": [{"id": "1", "type": \(type), "outwardIssue": {"id": 5, "key": "ENG-5"}},
                                         {"id": "2", "type": \(type), "inwardIssue": {"id": 6, "key": "ENG-6"}}]
                        """)
            ).fields.links?.value)
        #expect(links.map(\.relation) == [ofSource, mirrored[ofSource]])
        #expect(links.map(\.otherKey) == ["ENG-5", "ENG-6"])

        let event = type.replacing("outward", with: "outwardName").replacing("inward", with: "inwardName")
        let body = WebhookBody.issueLink("issuelink_created", type: event)
        #expect(try decoder.fragment(of: body, for: "10100").linkEvents["77"]?.value?.relation == ofSource)
        #expect(try decoder.fragment(of: body, for: "10200").linkEvents["77"]?.value?.relation == mirrored[ofSource])
    }
}
