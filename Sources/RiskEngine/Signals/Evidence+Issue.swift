import Domain

extension Evidence {
    /// A change as evidence: what it moved from where to where.
    init(of change: Change, note: String) {
        self.init(
            kind: .change, id: change.id.rawValue, at: change.at, note: Snippet.of(note, limit: 200),
            author: change.author.map { Snippet.of($0.displayName, limit: 80) })
    }

    /// A comment as evidence, with `text`, which is from it, as the quotation.
    init(of comment: Comment, quoting text: String, limit: Int) {
        self.init(
            kind: .comment, id: comment.id.rawValue, at: comment.created, note: comment.quote(text, limit: limit),
            author: comment.author.map { Snippet.of($0.displayName, limit: 80) },
            restrictedNote: comment.restrictedQuote(text, limit: limit))
    }
}
