import Domain
import Foundation
import Queries

/// A person of a tenant.
struct MemberView: Encodable, Sendable {
    var id: String
    var email: Nullable<String>
    var fullName: Nullable<String>
    var role: Role
    /// The provider that the role comes from.
    var source: Nullable<String>
    var createdAt: Timestamp
    var createdBy: String
    var lastSignInAt: Timestamp

    init(_ member: Member) {
        id = "\(member.user.id)"
        email = Nullable(member.user.identity.email)
        fullName = Nullable(member.user.identity.fullName)
        role = member.role
        source = Nullable(member.source)
        createdAt = member.createdAt
        createdBy = member.createdBy
        lastSignInAt = member.user.lastSignInAt
    }
}

/// An invitation that waits.
struct InvitationView: Encodable, Sendable {
    var id: String
    var email: String
    var role: Role
    var createdAt: Timestamp
    var createdBy: String
    var expiresAt: Timestamp

    init(_ invitation: Invitation) {
        id = invitation.id.canonicalText
        email = invitation.email
        role = invitation.role
        createdAt = invitation.createdAt
        createdBy = invitation.createdBy
        expiresAt = invitation.expiresAt
    }
}

/// An invitation that was just made; its link only where it was not mailed.
struct MadeInvitationView: Encodable, Sendable {
    var id: String
    var email: String
    var role: Role
    var createdAt: Timestamp
    var createdBy: String
    var expiresAt: Timestamp
    var isMailed: Bool
    var url: Nullable<String>

    init(_ made: Invitations.Made) {
        let invitation = InvitationView(made.invitation)
        id = invitation.id
        email = invitation.email
        role = invitation.role
        createdAt = invitation.createdAt
        createdBy = invitation.createdBy
        expiresAt = invitation.expiresAt
        isMailed = made.link == nil
        url = Nullable(made.link)
    }
}

/// Who calls, and what they may do.
struct CallerView: Encodable, Sendable {
    struct Person: Encodable, Sendable {
        var id: String
        var email: Nullable<String>
        var fullName: Nullable<String>
    }

    struct OwnTenant: Encodable, Sendable {
        var id: String
        var companyName: String
        var role: Role
    }

    var actor: String
    var role: Role
    /// Whom the call acts for.
    var tenantId: Nullable<String>
    var user: Nullable<Person>
    /// Those that the caller can act for; empty for the host's owner, who can for all.
    var tenants: [OwnTenant]

    init(_ principal: Principal, person: KnownPerson?) {
        actor = "\(principal.actor)"
        role = principal.role
        tenantId = Nullable(principal.tenant.map { "\($0.id)" })
        user = Nullable(
            person.map {
                Person(
                    id: "\($0.user.id)", email: Nullable($0.user.identity.email),
                    fullName: Nullable($0.user.identity.fullName))
            })
        if let person {
            tenants = person.memberships.map {
                OwnTenant(id: "\($0.tenant.id)", companyName: $0.tenant.companyName, role: $0.role)
            }
        } else if principal.role != .operator, let tenant = principal.tenant {
            tenants = [OwnTenant(id: "\(tenant.id)", companyName: tenant.companyName, role: principal.role)]
        } else {
            tenants = []
        }
    }
}
