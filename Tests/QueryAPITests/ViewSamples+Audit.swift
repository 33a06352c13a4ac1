import Domain
import Foundation
import Testing

@testable import Alerts
@testable import Queries
@testable import QueryAPI

extension ViewSamples {
    static var audit: [ViewSamples] {
        func row(_ text: String?) -> AuditLine {
            AuditLine(
                AuditEntry(
                    chain: .host, sequence: 1, at: testNow, actor: "operator", action: "tenant.create",
                    objectKind: "tenant", objectID: text, before: text, after: text, address: text, requestID: text,
                    previousHash: AuditMark.start.hash, hash: AuditMark.start.hash))
        }
        func erasure(_ finishedAt: Timestamp?) -> PersonErasureView {
            PersonErasureView(
                PersonErasure(
                    person: ErasedPerson(token: "0123456789abcdef", role: "Developer", location: "Remote"),
                    requestedAt: testNow, finishedAt: finishedAt, counts: ["issue_comments": 3]))
        }
        return [
            ViewSamples("AuditRow", row(nil), row("{}")), ViewSamples("PersonErasure", erasure(nil), erasure(testNow)),
            ViewSamples(
                "PersonRecord",
                PersonRecordView(
                    PersonRecord(table: "alerts", key: ["id": "1"], values: ["acknowledged_by": "Ada"]))),
        ]
    }
}
