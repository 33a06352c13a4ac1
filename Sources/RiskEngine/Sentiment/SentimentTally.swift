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
    /// How many comments are not among the entries because no classifier reads their language, by its name.
    let notJudged: [String: Int]

    /// A comment without a reading counts as neutral, as a failed classification did in the original.
    ///
    /// - Parameter notJudged: comments that are left out, with their languages.
    init(
        _ comments: [Comment], readings: [CommentID: SentimentReading], notJudged: [CommentID: TextLanguage] = [:]
    ) {
        let judged = comments.filter { notJudged[$0.id] == nil }
        entries = judged.map {
            Entry(comment: $0, reading: readings[$0.id] ?? SentimentReading(label: .neutral, score: 0))
        }
        negatives = entries.filter { $0.reading.label == .negative }
        self.notJudged = comments.compactMap { notJudged[$0.id]?.rawValue }.reduce(into: [:]) {
            $0[$1, default: 0] += 1
        }
    }

    /// 0–100; 0 without comments.
    var negativePercent: Double { percent(negatives.count) }

    var summary: SentimentSummary {
        let positive = entries.count { $0.reading.label == .positive }
        return SentimentSummary(
            total: entries.count + notJudged.values.reduce(0, +), positive: positive, negative: negatives.count,
            neutral: entries.count - positive - negatives.count, positivePct: percent(positive),
            negativePct: negativePercent,
            trend: entries.map {
                SentimentSummary.Point(
                    date: $0.comment.created, sentiment: $0.reading.label, score: $0.reading.score)
            }, notJudged: notJudged.isEmpty ? nil : notJudged)
    }

    /// One piece of evidence per negative comment, oldest first.
    var evidence: [Evidence] {
        negatives.map {
            Evidence(
                kind: .comment, id: $0.comment.id.rawValue, at: $0.comment.created,
                note: Snippet.of($0.comment.body, limit: 80))
        }
    }

    private func percent(_ count: Int) -> Double {
        entries.isEmpty ? 0 : Double(count) / Double(entries.count) * 100
    }
}
