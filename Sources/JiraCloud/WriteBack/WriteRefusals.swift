/// What Jira refused during one look at a tenant's issues, and which projects are no longer tried in it.
///
/// A missing permission or screen concerns one project. Only refusals in several projects, without a success between them, say
/// that the account or the fields may be no good at all.
struct WriteRefusals {
    private let limit: Int
    /// Refusals of each project since its last success.
    private var ofProject: [String: Int] = [:]
    /// Refusals of each project since the last success in any.
    private var inARow: [String: Int] = [:]
    /// Projects that are not tried again in this look; an issue without one is of the project "".
    private(set) var givenUp: Set<String> = []

    init(limit: Int) { self.limit = limit }

    mutating func succeeded(in project: String) {
        ofProject[project] = nil
        inARow = [:]
    }

    /// Notes a refusal; whether the project is given up by it.
    mutating func refused(in project: String) -> Bool {
        ofProject[project, default: 0] += 1
        inARow[project, default: 0] += 1
        guard ofProject[project, default: 0] >= limit else { return false }
        return givenUp.insert(project).inserted
    }

    /// Projects that were given up, or have refused since the last success in any.
    var refusing: Set<String> { givenUp.union(inARow.keys) }

    /// Whether several projects refuse: two were given up in a row, or the others together were refused as often.
    var concernAll: Bool {
        let others = inARow.filter { !givenUp.contains($0.key) }
        return inARow.count - others.count >= 2 || others.values.reduce(0, +) >= limit
    }
}
