import Domain

extension Evidence {
    /// A change as evidence: what it moved from where to where.
    init(of change: Change, note: String) {
        self.init(
            kind: .change, id: change.id.rawValue, at: change.at, note: Snippet.of(note, limit: 200),
            author: change.author.map { Snippet.of($0.displayName, limit: 80) })
    }

    /// A comment as evidence. `note` is a quotation from it.
    init(of comment: Comment, note: String) {
        self.init(
            kind: .comment, id: comment.id.rawValue, at: comment.created, note: note,
            author: comment.author.map { Snippet.of($0.displayName, limit: 80) })
    }
}
