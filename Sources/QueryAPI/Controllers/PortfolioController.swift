import Domain
import Hummingbird
import Queries

/// The risk of several named sets of issues, and of all of them together.
struct PortfolioController: Sendable {
    private static let sliceLimit = 50

    var analyses: PortfolioAnalyses
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/analyze/portfolio", use: analyze)
    }

    @Sendable private func analyze(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        let format = try AnswerFormat(of: request)
        var fields = try await RequestFields(bodyOf: request)
        let limit = fields.optional("max_issues_per_slice", .integer(1...200)) ?? 50
        let slices = try slices(&fields)
        do {
            let analysis = try await analyses.analyze(
                slices.map(\.slice), limit: limit, for: try context.principal, at: now())
            return try format.response(
                "portfolio", json: Answer(PortfolioView(analysis)), file: PortfolioCSV.records(of: analysis))
        } catch let error as QueryError {
            switch error {
            case .unknownProject, .search: throw APIError(error, sliceFields: slices.map(\.field))
            default: throw error
            }
        }
    }

    /// The slices of the request, each with the field that names it; without any, one for the open issues of each
    /// project of the request.
    private func slices(
        _ fields: inout RequestFields
    ) throws -> [(slice: PortfolioAnalyses.Slice, field: String)] {
        let given = fields.objects("slices", limit: Self.sliceLimit) { fields -> PortfolioAnalyses.Slice? in
            let name = fields.required("name", .text(1...255))
            let jql = fields.required("jql", .text(1...10_000))
            guard let name, let jql else { return nil }
            return PortfolioAnalyses.Slice(name: name, jql: jql)
        }
        let projects = fields.optional("project_keys", .list(.text(1...255))) ?? []
        if let given, !given.isEmpty {
            try fields.check()
            return given.enumerated().map { ($1, "slices[\($0)].jql") }
        }
        if projects.count > Self.sliceLimit {
            fields.reject("project_keys", "must be at most \(Self.sliceLimit) projects")
        }
        if projects.isEmpty, fields.errors.isEmpty {
            fields.reject("slices", "is required, or else project_keys")
        }
        let slices = projects.enumerated().compactMap { index, key in
            let field = "project_keys[\(index)]"
            let slice = PortfolioAnalyses.Slice(openIssuesOf: key)
            if slice == nil { fields.reject(field, "must be a project key") }
            return slice.map { ($0, field) }
        }
        try fields.check()
        return slices
    }
}
