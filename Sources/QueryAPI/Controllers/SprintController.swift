import Domain
import Hummingbird
import Queries

/// The risk of a sprint, and its scope.
struct SprintController: Sendable {
    var analyses: SprintAnalyses
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/analyze/sprint", use: analyze)
    }

    @Sendable private func analyze(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        let format = try AnswerFormat(of: request)
        var fields = try await RequestFields(bodyOf: request)
        let name = fields.optional("sprint_name", .text(1...255))
        let limit = fields.optional("max_issues", .integer(1...200)) ?? 50
        let projectKey = try fields.required(("project_key", .text(1...255)))
        let analysis = try await analyses.analyze(
            projectKey: projectKey, sprintName: name, limit: limit, for: try context.principal, at: now())
        return try format.response(
            "sprint", json: Answer(SprintAnalysisView(analysis)), file: SprintCSV.records(of: analysis))
    }
}
