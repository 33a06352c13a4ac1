import Domain
import Foundation

@testable import Queries
@testable import QueryAPI

extension ViewSamples {
    private static func user(_ text: String?) -> User {
        User(
            id: UserID(UUID()),
            identity: PersonIdentity(issuer: "https://id.example", subject: "ada", email: text, fullName: text),
            createdAt: testNow, lastSignInAt: testNow)
    }

    static var people: [ViewSamples] {
        func member(_ text: String?) -> MemberView {
            MemberView(
                Member(user: user(text), role: .owner, source: text, createdAt: testNow, createdBy: "operator"))
        }
        let invitation = Invitation(
            id: UUID(), tenantID: TenantID(UUID()), email: "bob@acme.example", role: .viewer, createdAt: testNow,
            createdBy: "operator", expiresAt: testNow)
        func made(_ link: String?) -> MadeInvitationView {
            MadeInvitationView(Invitations.Made(invitation: invitation, link: link))
        }
        let tenant = Tenant(
            id: TenantID(UUID()), companyName: "Acme", jiraURL: "https://acme.example", jiraEmail: "it@acme.example",
            plan: .starter, status: .trial, limits: Plan.starter.limits, dailyRatePerPerson: 2500, createdAt: testNow,
            updatedAt: testNow, trialEndsAt: nil)
        func caller(_ text: String?) -> CallerView {
            let user = user(text)
            let membership = TenantMembership(tenant: tenant, role: .viewer, source: nil)
            return CallerView(
                .user(user.id, role: .viewer, of: tenant), person: KnownPerson(user: user, memberships: [membership]))
        }
        return [
            ViewSamples("Member", member(nil), member("Ada")), ViewSamples("Invitation", InvitationView(invitation)),
            ViewSamples("MadeInvitation", made(nil), made("https://risk.example/dashboard/invitations/x")),
            ViewSamples(
                "Caller", caller(nil), caller("Ada"), CallerView(.hostOwner(actingFor: nil), person: nil),
                CallerView(.apiKey(hash: "0123456789abcdef", role: .owner, of: tenant), person: nil)),
        ]
    }
}
