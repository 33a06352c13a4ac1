import Domain

/// Who looks at a page of the host's owner.
struct OperatorVisit: Sendable {
    /// Of the session, for the forms of its pages.
    var formToken: String
    /// Where the request came from.
    var origin: RequestOrigin?

    /// Whom changes are recorded under.
    var actor: Actor { Principal.hostOwner(actingFor: nil).actor.from(origin) }
}
