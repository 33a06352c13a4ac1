import Domain

/// The comments of an issue with the label of each.
struct SentimentTally {
    struct Entry {
        var comment: Comment
        var reading: SentimentReading
    }

    /// Oldest first, as the issue gives its comments.
    let entries: [Entry]
    let negatives: [Entry]
    /// How many comments are not among the entries, by why: no classifier reads their language, which has its name here, or
    /// they were not read, see ``notRead``.
    let notJudged: [String: Int]

    /// Stands in ``notJudged`` for comments of an issue that was finished long before consilod knew of it.
    static let notRead = "finished issue"

    /// Negative comments that are counted as blockers, and so are not in ``negatives``.
    let countedElsewhere: Int

    /// A comment without a reading counts as neutral, as a failed classification did in the original.
    ///
    /// - Parameters:
    ///   - notJudged: comments that are left out, with their languages.
    ///   - unread: comments that are left out because they were not read.
    ///   - blockers: ids of comments that open a blocker: their bad news counts there, and not again as a mood.
    init(
        _ comments: [Comment], readings: [CommentID: SentimentReading], notJudged: [CommentID: TextLanguage] = [:],
        unread: Set<CommentID> = [], blockers: Set<String> = []
    ) {
        func reason(_ id: CommentID) -> String? { unread.contains(id) ? Self.notRead : notJudged[id]?.rawValue }
        let judged = comments.filter { reason($0.id) == nil }
        entries = judged.map {
            Entry(comment: $0, reading: readings[$0.id] ?? SentimentReading(label: .neutral, score: 0))
        }
        let all = entries.filter { $0.reading.label == .negative }
        negatives = all.filter { !blockers.contains($0.comment.id.rawValue) }
        countedElsewhere = all.count - negatives.count
        self.notJudged = comments.compactMap { reason($0.id) }.reduce(into: [:]) {
            $0[$1, default: 0] += 1
        }
    }

    /// The share of ``negatives``, 0–100; 0 without comments.
    var negativePercent: Double { percent(negatives.count) }

    var summary: SentimentSummary {
        let negative = negatives.count + countedElsewhere
        let positive = entries.count { $0.reading.label == .positive }
        return SentimentSummary(
            total: entries.count + notJudged.values.reduce(0, +), positive: positive, negative: negative,
            neutral: entries.count - positive - negative, positivePct: percent(positive),
            negativePct: percent(negative),
            trend: entries.map {
                SentimentSummary.Point(
                    date: $0.comment.created, sentiment: $0.reading.label, score: $0.reading.score)
            }, notJudged: notJudged.isEmpty ? nil : notJudged)
    }

    /// One piece of evidence per negative comment, oldest first.
    var evidence: [Evidence] {
        negatives.map { Evidence(of: $0.comment, quoting: $0.comment.body, limit: 80) }
    }

    private func percent(_ count: Int) -> Double {
        entries.isEmpty ? 0 : Double(count) / Double(entries.count) * 100
    }
}
