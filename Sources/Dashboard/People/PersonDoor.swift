import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// A person who is signed in, whichever tenant the session shows, if any.
struct PersonVisit: Sendable {
    var person: SignedInPerson
    /// Of the session, for the forms of its pages.
    var formToken: String
    /// The stored form of the session's token.
    var sessionHash: String
    /// Where the request came from.
    var origin: RequestOrigin?
}

/// Finds the person of a session.
struct PersonDoor: Sendable {
    var store: any DashboardStore
    /// The names of the providers that are configured: who came by another one is let in no more.
    var providers: Set<String>
    var now: @Sendable () -> Timestamp

    /// Nil where the session has ended.
    func person(tokenHash: String) async throws -> SignedInPerson? {
        let person = try await store.signedInPerson(tokenHash: tokenHash, now: now())
        return person.flatMap { providers.contains($0.source) ? $0 : nil }
    }

    /// Nil where no person is signed in.
    func visit(_ request: Request, from origin: RequestOrigin?) async throws -> PersonVisit? {
        guard let token = SessionCookie.token(of: request), token.isPersons,
            let person = try await person(tokenHash: token.hash)
        else { return nil }
        return PersonVisit(person: person, formToken: token.formToken, sessionHash: token.hash, origin: origin)
    }

    /// Throws ``PageError/signedOut``.
    func required(
        _ request: Request, _ context: DashboardContext<some RequestContext>
    ) async throws -> PersonVisit {
        guard let visit = try await visit(request, from: context.origin) else { throw PageError.signedOut }
        return visit
    }
}
