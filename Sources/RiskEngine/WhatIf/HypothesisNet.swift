import Domain

/// Issues that are changed at once, with those that wait for them: what each becomes depends on what the others become. Pure.
struct HypothesisNet {
    /// One of the issues.
    struct Node {
        /// As it was asked for.
        var key: IssueKey
        /// Its hypothesis has the changes.
        var found: IssueAnalyst.Found
        /// What its analysis is made of, without the changes.
        let before: ScoringInput
        /// As `before`, with the changes.
        var after: ScoringInput
        /// Readings that are not in the store yet.
        let readings: [ContentHash: SentimentReading]

        /// What is held about it; nil where that is nothing.
        var initialState: IssueState? { found.work.state }

        /// Whether it has become done, or open again.
        var hasTurned: Bool { before.issue.isOver != after.issue.isOver }
    }

    /// The open issues of the sprint.
    let members: [IssueID: IssueKey]
    /// The changed ones first.
    var nodes: [Node] = []
    /// Members that are to be added, and all that ever were.
    private var waiting: [IssueID] = []
    private var noted: Set<IssueID> = []

    init(members: [IssueID: IssueKey]) { self.members = members }

    /// Adds an issue that is not there yet.
    mutating func add(_ node: Node) {
        nodes.append(node)
        let others = Set(
            (node.found.issue.links + (node.found.hypothesis.issue?.links ?? [])).compactMap { link in
                link.relation == .blocks || node.found.hypothesis.finished.contains(link.id)
                    ? member(at: link, node) : nil
            })
        for id in others.sorted() where noted.insert(id).inserted { waiting.append(id) }
    }

    /// The next issue to add; nil where all are there.
    mutating func takeNext() -> IssueKey? {
        while !waiting.isEmpty {
            let id = waiting.removeFirst()
            if let key = members[id], !nodes.contains(where: { $0.found.issue.id == id }) { return key }
        }
        return nil
    }

    /// The member at the other end of a link; nil where that is no member.
    private func member(at link: IssueLink, _ node: Node) -> IssueID? {
        let told = link.otherID ?? node.before.upstream.first { $0.linkID == link.id }?.issueID
        if let told, members[told] != nil { return told }
        return members.first { $0.value.rawValue == link.otherName }?.key
    }

    /// Takes the issues to be done that changes of others take to be.
    mutating func finishIssues() {
        var finished: Set<IssueID> = []
        for node in nodes {
            for link in node.found.issue.links where node.found.hypothesis.finished.contains(link.id) {
                if let id = member(at: link, node) { finished.insert(id) }
            }
        }
        for index in nodes.indices where finished.contains(nodes[index].found.issue.id) {
            nodes[index].found.hypothesis.isFinished = true
        }
    }

    /// Gives each issue what those that block it have become. A score of its own depends on whether they are done, and the rest of its
    /// score on their own scores: two rounds are all there are.
    mutating func passOn(by scorer: RiskScorer, now: Timestamp) {
        let turned = Dictionary(
            nodes.filter(\.hasTurned).map { ($0.found.issue.id, $0.after.issue.isOver) }, uniquingKeysWith: { $1 })
        update { risk in
            if let isOver = turned[risk.issueID] { risk.isDone = isOver }
        }
        let scores = nodes.compactMap { node -> (IssueID, Int)? in
            let (before, after) = (
                scorer.analyze(node.before, now: now).ownScore, scorer.analyze(node.after, now: now).ownScore
            )
            return before == after ? nil : (node.found.issue.id, after)
        }
        let changed = Dictionary(scores, uniquingKeysWith: { $1 })
        update { risk in
            if let score = changed[risk.issueID] { risk.ownScore = score }
        }
    }

    private mutating func update(_ change: (inout UpstreamRisk) -> Void) {
        for index in nodes.indices {
            for place in nodes[index].after.upstream.indices { change(&nodes[index].after.upstream[place]) }
        }
    }
}
