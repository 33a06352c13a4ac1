import Domain
import Foundation

@testable import QueryAPI

extension ViewSamples {
    static var accountMails: ViewSamples {
        func mail(_ text: String?, _ settledAt: Timestamp?) -> AccountMailView {
            AccountMailView(
                OfTenant(
                    tenantID: TenantID(UUID()), companyName: "Acme",
                    item: AccountMailRecord(
                        id: UUID(), kind: .usageNear, occasion: "2026-11/issue/200", recipient: text, state: .leftOut,
                        attempts: 1, createdAt: testNow, dueAt: testNow, settledAt: settledAt, reason: text)))
        }
        return ViewSamples("AccountMail", mail(nil, nil), mail("ana@acme.example", testNow))
    }
}
