import Domain
import Foundation

@testable import Alerts

extension AccountMailFacts {
    /// A tenant on trial that was created at `createdAt`, with one owner, of whose set-up nothing is done.
    static func sample(
        createdAt: Timestamp = .sampleNow, trialDays: Int? = 14, status: Tenant.Status = .trial,
        owner: UUID = AccountMailFacts.owner
    ) -> AccountMailFacts {
        AccountMailFacts(
            tenantID: AccountMailFacts.tenant, siteURL: "https://acme.atlassian.net", status: status,
            createdAt: createdAt, trialEndsAt: trialDays.map { createdAt.adding(days: $0) },
            limits: PlanLimits(issue: 200, sprint: 5, portfolio: 1), stepsLeft: Set(OnboardingStep.allCases),
            recipients: [owner: "ana@acme.example"])
    }

    static let owner = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
    static let tenant = TenantID(UUID(uuid: (16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)))

    /// With mails kept.
    func knowing(_ keys: [AccountMailKey]) -> AccountMailFacts {
        var facts = self
        facts.known.formUnion(keys)
        return facts
    }

    func claim(
        _ kind: AccountMailKind, _ occasion: String, to recipient: UUID = AccountMailFacts.owner,
        refersTo: Timestamp? = nil
    ) -> AccountMailClaim {
        AccountMailClaim(
            id: UUID(uuid: (9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9)),
            key: AccountMailKey(kind: kind, occasion: occasion, recipientID: recipient), refersTo: refersTo,
            attempts: 0, leaseToken: "lease", facts: self)
    }
}
