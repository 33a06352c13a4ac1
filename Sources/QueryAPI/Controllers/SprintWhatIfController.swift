import Domain
import Hummingbird
import Queries

/// What changes would make of a sprint, and the least that would bring down its expected misses. Nothing is stored or charged.
struct SprintWhatIfController: Sendable {
    var whatIfs: SprintWhatIfs
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/analyze/sprint/what-if", use: whatIf)
        group.get("/api/analyze/sprint/remedies", use: remedies)
    }

    @Sendable private func whatIf(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SprintWhatIfView> {
        var fields = try await RequestFields(bodyOf: request)
        let changes = fields.issueChanges()
        let subject = try Self.subject(in: &fields)
        let answer = try await whatIfs.answer(
            try fields.present(changes), to: subject, for: try context.principal, at: now())
        return Answer(SprintWhatIfView(answer))
    }

    @Sendable private func remedies(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SprintRemediesView> {
        var query = RequestFields(queryOf: request)
        let below = query.required("below", .integer(SprintWhatIfs.targets))
        let subject = try Self.subject(in: &query)
        let least = try await whatIfs.remedies(
            of: subject, below: try query.present(below), for: try context.principal, at: now())
        return Answer(SprintRemediesView(least))
    }

    /// Throws `validation_failed` with every error noted so far.
    private static func subject(in fields: inout RequestFields) throws -> SprintWhatIfs.Subject {
        let name = fields.optional("sprint_name", .text(1...255))
        let band = fields.optional("band", .choice([RiskBand.high, .medium])) ?? .high
        let projectKey = try fields.required(("project_key", .text(1...255)))
        return SprintWhatIfs.Subject(projectKey: projectKey, sprintName: name, band: band)
    }
}
