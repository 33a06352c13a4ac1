import Domain

/// Finds what holds an issue up now: blockers that comments opened and nothing closed since, a status that says so,
/// and links to unfinished issues. What several of them say of one cause is one blocker (decision 0026).
struct OpenBlockers: Sendable {
    private let reader: BlockerReader
    private let categories: PhraseTable<BlockerCategory>
    private let sayings = TextMemo<Saying>()

    /// What a comment's text says of impediments, and the sentence that says so.
    private struct Saying: Sendable {
        var said: ErasedText.Statement
        var sentence: String
    }

    init(_ configuration: RiskConfiguration) {
        reader = BlockerReader(configuration)
        categories = PhraseTable(
            BlockerCategory.allCases.flatMap { category in
                (configuration.categoryPhrases[category.rawValue] ?? []).map { ($0, category) }
            })
    }

    /// The open blockers: from comments, then links, the flag and the status; each group oldest first. A blocker stands where its
    /// first evidence in this order does.
    func find(in issue: Issue, names: StatusNames, upstream: [UpstreamRisk]) -> [Blocker] {
        let links = issue.links.filter { $0.relation == .blockedBy }
        let known = Dictionary(upstream.map { ($0.linkID, $0) }, uniquingKeysWith: { first, _ in first })
        // What consilod knows of the other issue goes before what the link said when it was told.
        let doneLinks = Set(
            links.filter { known[$0.id]?.isDone ?? names.isDone($0.otherStatus) }.map(\.id))
        let openLinks = links.filter { !doneLinks.contains($0.id) }
        var causes = CausesOfBlockers(
            finished: Set(links.filter { doneLinks.contains($0.id) }.compactMap { $0.otherKey?.rawValue }))
        for statement in fromComments(issue, names: names) { causes.add(statement) }
        for link in openLinks {
            // Under the key that the issue has now: it may have moved since the link was told.
            let name = known[link.id]?.issueKey.rawValue ?? link.otherName
            causes.add(Self.blocker(of: link, called: name, in: issue), key: name)
        }
        if let flag = Self.blocker(ofFlagOf: issue) { causes.addStatus(flag) }
        if let status = Self.blocker(ofStatusOf: issue, names: names) { causes.addStatus(status) }
        return causes.blockers
    }

    // MARK: Comments

    /// Replays comments and status changes in the order of time.
    private func fromComments(_ issue: Issue, names: StatusNames) -> [CausesOfBlockers.Statement] {
        var open: [CausesOfBlockers.Statement] = []
        let closings = issue.changes.filter { $0.concerns("status") && Self.closes($0, names: names) }.map(\.at)
        var nextClosing = closings.startIndex
        for comment in issue.comments where !comment.isAutomatic {
            // At the same instant the comment comes first: Jira saves it together with the transition.
            while nextClosing < closings.endIndex, closings[nextClosing] < comment.created {
                open.removeAll()
                nextClosing += 1
            }
            read(comment, of: issue, open: &open)
        }
        return nextClosing < closings.endIndex ? [] : open
    }

    private static func closes(_ change: Change, names: StatusNames) -> Bool {
        names.isDone(change.toString, id: change.to)
            || names.isBlocked(change.fromString, id: change.from) && !names.isBlocked(change.toString, id: change.to)
    }

    /// A comment closes what earlier ones opened, opens a blocker, or both: "the API is fixed, now waiting for legal".
    private func read(_ comment: Comment, of issue: Issue, open: inout [CausesOfBlockers.Statement]) {
        let (said, sentence) = statement(in: comment.body)
        if said.closesEarlier { open.removeAll() }
        guard said.opens else { return }
        var blocker = Blocker(
            author: comment.authorName, date: comment.created, snippet: comment.quote(sentence, limit: 200),
            categories: said.categories, evidence: Evidence(of: comment, quoting: sentence, limit: 200))
        if said.asks, !Self.isAnswered(comment, in: issue) { blocker.unansweredSince = comment.created }
        open.append(
            CausesOfBlockers.Statement(blocker: blocker, keys: said.keys, repeats: said.repeatsEarlier))
    }

    /// What a comment's text, which a person wrote, says of impediments, and the sentence that says so. Of an erased text it is
    /// what it said, and no sentence.
    func statement(in body: String) -> (said: ErasedText.Statement, sentence: String) {
        if let erased = ErasedText(body) { return (erased.statement, "") }
        let found = sayings.value(of: body, saying)
        return (found.said, found.sentence)
    }

    private func saying(of body: String) -> Saying {
        let reading = reader.readWritten(body)
        var said = ErasedText.Statement(opens: reading.state == .open, closesEarlier: reading.closesEarlier)
        if said.opens {
            (said.asks, said.repeatsEarlier) = (reading.asks, reading.repeatsEarlier)
            said.categories = categories(of: reading, in: body)
            said.keys = IssueKeys.all(in: reading.sentence)
        }
        return Saying(said: said, sentence: reading.sentence)
    }

    private static func isAnswered(_ comment: Comment, in issue: Issue) -> Bool {
        issue.comments.contains {
            $0.created > comment.created && $0.author?.id != comment.author?.id && !$0.isAutomatic
        }
    }

    /// By the words of the sentence, else by its kind, else by the words of the whole comment.
    private func categories(of reading: BlockerReader.Reading, in body: String) -> [String] {
        func named(in text: String) -> Set<BlockerCategory> {
            Set(categories.matches(in: Words(text)).map(\.label))
        }
        var found = named(in: reading.sentence)
        if found.isEmpty, let category = reading.category { found = [category] }
        if found.isEmpty { found = named(in: ReadableText.of(body)) }
        let names = BlockerCategory.allCases.filter(found.contains).map(\.rawValue)
        return names.isEmpty ? [BlockerCategory.uncategorized] : names
    }

    // MARK: Status and links

    private static func blocker(ofStatusOf issue: Issue, names: StatusNames) -> Blocker? {
        guard names.isCurrentBlocked, let status = issue.status else { return nil }
        let note = Snippet.of("Status \"\(status.name)\"", limit: 200)
        let change = issue.changes.last { $0.concerns("status") && $0.toString == status.name }
        return Blocker(
            author: change?.author?.displayName ?? "Unknown", date: change?.at ?? issue.created, snippet: note,
            categories: [BlockerCategory.uncategorized],
            evidence: change.map { Evidence(of: $0, note: note) } ?? Evidence(kind: .field, id: "status", note: note))
    }

    /// Jira's flag: somebody marked the issue as impeded.
    private static func blocker(ofFlagOf issue: Issue) -> Blocker? {
        guard issue.isFlagged else { return nil }
        let change = issue.changes.last { $0.concerns("flagged") }
        return Blocker(
            author: change?.author?.displayName ?? "Unknown", date: change?.at ?? issue.created, snippet: "Flagged",
            categories: [BlockerCategory.uncategorized],
            evidence: change.map { Evidence(of: $0, note: "Flagged") }
                ?? Evidence(kind: .field, id: "flagged", note: "Flagged"))
    }

    private static func blocker(of link: IssueLink, called name: String, in issue: Issue) -> Blocker {
        let change = issue.changes.last { $0.concerns("link") && ($0.to == link.otherName || $0.to == name) }
        let note = Snippet.of("Blocked by \(name)", limit: 200)
        return Blocker(
            author: change?.author?.displayName ?? "Unknown", date: change?.at ?? issue.created, snippet: note,
            categories: [BlockerCategory.dependency.rawValue],
            evidence: Evidence(
                kind: .link, id: link.id.rawValue, at: change?.at, note: note, author: change?.author?.displayName))
    }
}

extension IssueLink {
    /// The other issue's key, or its id where only that is known.
    var otherName: String { otherKey?.rawValue ?? otherID?.rawValue ?? "an unknown issue" }
}

extension Comment {
    /// Whether no person wrote it for this issue: it opens no blocker, is no answer and has no mood.
    var isAutomatic: Bool { author?.isApp == true || AutomaticReply.isOne(body) }

    /// `text`, which is the comment's, as it may be quoted to readers of the issue.
    func quote(_ text: String, limit: Int) -> String {
        if ErasedText(body) != nil { return ErasedText.quotation }
        return isRestricted ? "(text withheld: not everybody may read the comment)" : Snippet.of(text, limit: limit)
    }

    /// The quotation that ``quote(_:limit:)`` withholds; nil where it withholds nothing.
    func restrictedQuote(_ text: String, limit: Int) -> String? {
        isRestricted && ErasedText(body) == nil ? Snippet.of(text, limit: limit) : nil
    }
}
