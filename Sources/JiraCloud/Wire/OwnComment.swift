import Domain
import Foundation

/// How a comment that consilod posted is known when Jira reports it: by its first and last lines, and by the account.
///
/// The number that Jira gives a comment is known only after it was posted, and its webhook may come before that; the account
/// and the lines are known before. A person who answers with a quotation of the whole adds a line of their own.
enum OwnComment {
    /// Begins the first line.
    static let beginning = "consilod delivery risk"
    /// The last line.
    static let ending = "Posted by consilod on request"

    /// The comment, without text and by ``Domain/Person/consilod`` where it is one of consilod's own.
    static func marked(_ comment: Comment, accounts: Set<String>) -> Comment {
        guard let author = comment.author, accounts.contains(author.id), isOne(comment.body) else { return comment }
        var marked = comment
        (marked.author, marked.body) = (Person.consilod, "")
        return marked
    }

    /// Whether a text begins and ends as consilod's do.
    static func isOne(_ text: String) -> Bool {
        let lines = text.split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
        return lines.first?.hasPrefix(beginning) == true && lines.last == ending
    }
}
