import Domain

/// Open blockers by project and category, for the template `blocker-heat`: a table whose cells are shaded by their figures.
struct BlockerHeat: Sendable {
    struct Cell: Sendable {
        var figure: Int
        /// 0 to 4, of the largest figure.
        var heat: Int
    }

    struct Row: Sendable {
        var key: String
        var path: String
        var cells: [Cell]
        var total: Int
    }

    var categories: [String]
    var rows: [Row]
    var hasRows: Bool

    init(_ projects: [RiskPicture.ProjectBlockers]) {
        let names = Self.categories(of: projects)
        let most = projects.flatMap(\.byCategory.values).max() ?? 0
        categories = names.map { $0.replacing("_", with: " ") }
        rows = projects.map { project in
            Row(
                key: project.projectKey, path: PageText.projectPath(project.projectKey),
                cells: names.map { name in
                    let figure = project.byCategory[name] ?? 0
                    return Cell(figure: figure, heat: most == 0 ? 0 : (figure * 4 + most - 1) / most)
                }, total: project.blockers)
        }
        hasRows = !projects.isEmpty
    }

    /// The most frequent first.
    static func categories(of projects: [RiskPicture.ProjectBlockers]) -> [String] {
        let counts = projects.reduce(into: [String: Int]()) { $0.merge($1.byCategory, uniquingKeysWith: +) }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    static func cells(of projects: [RiskPicture.ProjectBlockers]) -> (columns: [String], rows: [[String?]]) {
        let names = categories(of: projects)
        return (
            ["project_key"] + names + ["blockers"],
            projects.map { project in
                [project.projectKey] + names.map { "\(project.byCategory[$0] ?? 0)" } + ["\(project.blockers)"]
            }
        )
    }
}
