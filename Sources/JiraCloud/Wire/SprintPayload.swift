import Domain

/// A sprint: an object, or in issues of Jira Server and early Jira Cloud the `toString` of a Java object,
/// `com.atlassian.greenhopper.service.sprint.Sprint@38c6bd04[id=1,rapidViewId=2,state=ACTIVE,name=One,…]`.
struct SprintPayload: Decodable {
    let id: String
    let name: String
    /// `future`, `active` or `closed`; nil where it is not told.
    let state: String?
    let boardID: String?
    let startDate: Timestamp?
    let endDate: Timestamp?
    let completeDate: Timestamp?

    init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: WireKey.self) else {
            let text = try decoder.singleValueContainer().decode(String.self)
            guard let sprint = SprintPayload(legacy: text) else {
                throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no sprint"))
            }
            self = sprint
            return
        }
        id = try container.decode(JiraID.self, forKey: "id").text
        name = container.text("name", .line) ?? id
        state = container.text("state", .word)?.lowercased()
        // Sprint fields say `boardId`, sprint webhooks and the agile API `originBoardId`.
        let board = container.value("boardId", as: JiraID.self) ?? container.value("originBoardId", as: JiraID.self)
        boardID = board?.text
        startDate = container.value("startDate", as: JiraInstant.self)?.timestamp
        endDate = container.value("endDate", as: JiraInstant.self)?.timestamp
        completeDate = container.value("completeDate", as: JiraInstant.self)?.timestamp
    }

    private init?(legacy text: String) {
        guard let open = text.firstIndex(of: "["), let close = text.lastIndex(of: "]"), open < close else { return nil }
        // Names and goals may hold commas: a comma ends a value only where one of the known keys follows it.
        var values: [Substring: String] = [:]
        var current: Substring?
        for piece in text[text.index(after: open)..<close].split(separator: ",", omittingEmptySubsequences: false) {
            let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, Self.legacyKeys.contains(String(parts[0])), values[parts[0]] == nil {
                current = parts[0]
                values[parts[0]] = String(parts[1])
            } else if let current {
                values[current]? += "," + piece
            }
        }
        values = values.filter { $0.value != "<null>" && !$0.value.isEmpty }
        guard let id = values["id"], id.utf8.count <= JiraID.longest else { return nil }
        self.id = id
        name = values["name"].map(TextLimit.line.cut) ?? id
        state = values["state"].flatMap { $0.utf8.count <= TextLimit.word.bytes ? $0.lowercased() : nil }
        boardID = values["rapidViewId"].flatMap { $0.utf8.count <= JiraID.longest ? $0 : nil }
        func instant(_ key: Substring) -> Timestamp? {
            values[key].flatMap(Timestamp.init(_:)).flatMap { JiraInstant.believable.contains($0) ? $0 : nil }
        }
        startDate = instant("startDate")
        endDate = instant("endDate")
        completeDate = instant("completeDate")
    }

    private static let legacyKeys: Set<String> = [
        "id", "rapidViewId", "state", "name", "goal", "startDate", "endDate", "completeDate", "activatedDate",
        "sequence", "synced", "autoStartStop", "incompleteIssuesDestinationId",
    ]

    /// The sprint, in `state`.
    func sprint(state: String) -> Sprint {
        Sprint(
            id: id, name: name, state: state, boardID: boardID, startDate: startDate, endDate: endDate,
            completeDate: completeDate)
    }

    /// The sprint; nil where its state is not told.
    var sprint: Sprint? { state.map(sprint(state:)) }
}
