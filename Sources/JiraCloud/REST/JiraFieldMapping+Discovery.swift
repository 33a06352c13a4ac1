public import Domain

extension JiraFieldMapping {
    /// The custom fields of a site.
    ///
    /// Story points: what the boards of the projects estimate with, then the field of team-managed projects, then number
    /// fields called "Story Points", which is what company-managed projects have. Sprints: by the kind of the field.
    /// Where the site tells nothing, the fields of a new site stand.
    ///
    /// Costs one call for the fields, and one per project and board.
    ///
    /// - Parameter projectKeys: the projects whose boards to ask; boards that the account may not see are passed over.
    public static func discovered(
        by client: JiraClient, projectKeys: [String] = []
    ) async throws(JiraError) -> JiraFieldMapping {
        let fields = try await client.fields()
        let known = Set(fields.map(\.id))
        var points: [String] = []
        for key in projectKeys {
            for field in try await estimationFields(of: key, by: client) where known.contains(field) {
                points.append(field)
            }
        }
        points += fields.filter { $0.customType == "com.pyxis.greenhopper.jira:jsw-story-points" }.map(\.id)
        points += fields.filter(isNumberCalledStoryPoints).map(\.id)
        let sprints = fields.filter { $0.customType == "com.pyxis.greenhopper.jira:gh-sprint" }.map(\.id)
        // Its kind, check boxes, is no sign; its name is that of the change log in every language.
        let flags = fields.filter { $0.customType?.hasSuffix(":multicheckboxes") == true && $0.name == "Flagged" }
            .map(\.id)
        var seen: Set<String> = []
        points = points.filter { seen.insert($0).inserted }
        let standard = JiraFieldMapping()
        return JiraFieldMapping(
            storyPoints: points.isEmpty ? standard.storyPoints : points,
            sprint: sprints.isEmpty ? standard.sprint : sprints, flag: flags.isEmpty ? standard.flag : flags)
    }

    private static func isNumberCalledStoryPoints(_ field: JiraField) -> Bool {
        field.customType == "com.atlassian.jira.plugin.system.customfieldtypes:float"
            && ["story points", "story point estimate"].contains(field.name.lowercased())
    }

    /// The fields that a project's boards estimate with. Estimates in time (`timeoriginalestimate`) are no points.
    private static func estimationFields(
        of projectKey: String, by client: JiraClient
    ) async throws(JiraError) -> [String] {
        var fields: [String] = []
        for board in try await orPassedOver(
            [], { () async throws(JiraError) in try await client.boards(projectKey: projectKey) })
        {
            let configuration = try await orPassedOver(nil) { () async throws(JiraError) -> JiraBoardConfiguration? in
                try await client.boardConfiguration(id: board.id)
            }
            if let field = configuration?.estimationFieldID, field.hasPrefix("customfield_") { fields.append(field) }
        }
        return fields
    }

    /// What is passed over is no reason to do without the other boards.
    private static func orPassedOver<Value: Sendable>(
        _ nothing: Value, _ ask: () async throws(JiraError) -> Value
    ) async throws(JiraError) -> Value {
        do {
            return try await ask()
        } catch {
            switch error {
            case .forbidden, .scopeMissing, .notFound, .badRequest, .gone, .malformedAnswer: return nothing
            default: throw error
            }
        }
    }
}
