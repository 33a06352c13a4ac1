import Domain

/// Since when the links of an issue are links of it, and which others it had, by its change log.
struct LinkPast {
    /// The links that the issue had from its creation on.
    private(set) var atCreation: [LinkFact] = []
    /// What each change of a link did, by its place in the change log.
    private(set) var changes: [Int: FactChange] = [:]
    /// Links that are not in the change log, as they were first seen or missed.
    private(set) var sights: [HistoryStep] = []

    /// A link that exists between the change that is being undone and the one after it.
    private struct Link {
        var fact: LinkFact
        var key: String?
        /// Nil for one that the change log brought back.
        var id: LinkID?
    }

    init(_ issue: Issue, seen: FirstSights) {
        var links = issue.links.map { Link(fact: LinkFact($0), key: $0.otherKey?.rawValue, id: $0.id) }
        var unmatched: [(index: Int, fact: LinkFact)] = []
        for (index, change) in issue.changes.enumerated().reversed() where change.field.lowercased() == "link" {
            if let key = change.to.nonEmpty {
                let fact = LinkFact(key: key, text: change.toString ?? "")
                let place =
                    links.lastIndex { $0.key == key && $0.fact.relation == fact.relation }
                    ?? links.lastIndex { $0.key == key }
                if let place {
                    changes[index] = .linkAdded(links.remove(at: place).fact)
                } else {
                    unmatched.append((index, fact))
                }
            } else if let key = change.from.nonEmpty {
                let fact = LinkFact(key: key, text: change.fromString ?? "")
                links.append(Link(fact: fact, key: key, id: nil))
                changes[index] = .linkRemoved(fact)
            } else {
                changes[index] = .other
            }
        }
        match(unmatched, with: &links, gone: issue.updated)
        for link in links {
            if let at = link.id.flatMap({ seen.links[$0] }), at > issue.created {
                sights.append(HistoryStep(at: at.milliseconds, kind: .sight(.linkAdded(link.fact))))
            } else {
                atCreation.append(link.fact)
            }
        }
    }

    /// The change log names the other issue by the key of that time. A link whose other issue has moved since is told by
    /// what it says.
    private mutating func match(
        _ unmatched: [(index: Int, fact: LinkFact)], with links: inout [Link], gone: Timestamp
    ) {
        for (index, fact) in unmatched {
            let place = links.lastIndex {
                $0.id != nil && $0.fact.relation == fact.relation && $0.fact.isDuplicate == fact.isDuplicate
            }
            if let place {
                changes[index] = .linkAdded(links.remove(at: place).fact)
            } else {
                // It went without a trace, perhaps with the other issue.
                changes[index] = .linkAdded(fact)
                sights.append(HistoryStep(at: gone.milliseconds, kind: .sight(.linkRemoved(fact))))
            }
        }
    }
}
