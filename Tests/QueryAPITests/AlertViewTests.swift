import Domain
import Foundation
import Testing

@testable import QueryAPI

@Suite struct AlertViewTests {
    /// An alert that is about no issue has the fields of one all the same, as clients of the API know them.
    @Test func anAlertOfAccessIsAnsweredAsBefore() throws {
        let tenant = TenantID(UUID())
        let alert = Alert(
            id: UUID(), tenantID: tenant, event: .raised, band: .medium, headline: "Jira refuses consilod's account",
            createdAt: testNow,
            subject: .access(
                AccessAlert(siteURL: "https://acme.atlassian.net", reason: "401 Unauthorized", steps: ["Make a token"]))
        )
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let answer = String(
            decoding: try encoder.encode(AlertView(AlertRecord(alert: alert, deliveries: []), open: { $0 })),
            as: UTF8.self)
        #expect(
            answer == """
                {"acknowledged_at":null,"acknowledged_by":null,"assignee":"-","band":"medium","changes":[],"created_at":"2026-11-24T13:00:00.000Z","deliveries":[],\
                "event":"raised","factors":[],"headline":"Jira refuses consilod's account",\
                "id":"\(alert.id.canonicalText)","issue_key":"-","issue_url":"https://acme.atlassian.net",\
                "kind":"access","model":"-","previous_score":null,"project_key":"-",\
                "remedies":[{"action":"Make a token","points":0}],"rule_id":"00000000-0000-0000-0000-000000000000",\
                "rule_name":"Access to Jira","score":0,"silence_id":null,"status":"401 Unauthorized",\
                "summary":"https://acme.atlassian.net"}
                """)
    }
}
