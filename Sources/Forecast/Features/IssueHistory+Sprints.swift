import Domain

extension IssueHistory {
    /// Whether a sprint that the issue names is closed at an instant, in milliseconds since the Unix epoch.
    func isClosed(_ sprint: String, at: Int64) -> Bool {
        sprints[sprint]?.closed.map { $0.milliseconds <= at } ?? false
    }

    /// The earliest planned end of a sprint that runs at an instant and whose dates were known then.
    ///
    /// - Parameters:
    ///   - progress: the issue, played to the instant.
    ///   - at: the instant, in milliseconds since the Unix epoch.
    func sprintEnd(of progress: IssueProgress, at: Int64) -> Timestamp? {
        progress.facts.sprints.compactMap { name -> Timestamp? in
            guard let sprint = sprints[name], !isClosed(name, at: at), sprint.seen.milliseconds <= at,
                let starts = sprint.starts, starts.milliseconds <= at
            else { return nil }
            return sprint.ends
        }.min()
    }
}
