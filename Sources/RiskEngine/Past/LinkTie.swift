import Domain

/// A link of an issue, and from when until when it was there, by the change log and by webhooks of links.
///
/// A link that was removed, and that no change names, is not known to have been there. One of which the change log tells only the
/// beginning, and that is not there, counts as never made.
struct LinkTie: Sendable, Hashable {
    var link: IssueLink
    /// Nil for as long as the issue.
    var from: Timestamp?
    /// Nil for until now.
    var until: Timestamp?

    private func leads(to key: String) -> Bool { link.otherKey?.rawValue == key }

    /// All links that `issue` has or had, by their ids.
    ///
    /// - Parameter linkedAt: when webhooks told that a link was made; the change log goes before them.
    static func all(of issue: Issue, linkedAt: [LinkID: Timestamp]) -> [LinkTie] {
        var open = issue.links.map { LinkTie(link: $0) }
        var (dated, unmatched): ([LinkTie], [Change]) = ([], [])
        func begin(_ place: Int, at instant: Timestamp) {
            var tie = open.remove(at: place)
            tie.from = instant
            dated.append(tie)
        }
        for change in issue.changes.reversed() where change.concerns("link") {
            if let key = change.to.nonEmpty {
                let relation = IssueLink.Relation(words: change.toString ?? "")
                let place =
                    open.lastIndex { $0.leads(to: key) && $0.link.relation == relation }
                    ?? open.lastIndex { $0.leads(to: key) }
                if let place { begin(place, at: change.at) } else { unmatched.append(change) }
            } else if let key = change.from.nonEmpty {
                open.append(LinkTie(link: IssueLink(key: key, removedBy: change), until: change.at))
            }
        }
        // The change log names the other issue by the key of that time, and some webhooks name it by its id alone.
        for change in unmatched {
            let relation = IssueLink.Relation(words: change.toString ?? "")
            let place = open.lastIndex { $0.until == nil && $0.link.relation == relation }
            if let place { begin(place, at: change.at) }
        }
        for index in open.indices { open[index].from = linkedAt[open[index].link.id] }
        return (dated + open).sorted { NumericOrder($0.link.id) < NumericOrder($1.link.id) }
    }
}

extension IssueLink {
    /// A link that is no longer there; its own id is not known.
    fileprivate init(key: String, removedBy change: Change) {
        self.init(
            id: LinkID("removed-\(change.id)"), relation: Relation(words: change.fromString ?? ""), typeName: "",
            otherID: nil, otherKey: IssueKey(key))
    }
}

extension String? {
    /// Nil for an empty text as well: Jira writes either for no value.
    var nonEmpty: String? { flatMap { $0.isEmpty ? nil : $0 } }
}
