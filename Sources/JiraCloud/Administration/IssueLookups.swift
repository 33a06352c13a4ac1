import Domain

/// Lookups of issues by key, so that simultaneous requests for one issue ask Jira once.
///
/// An answer is kept for as long as requests that came together need it; later ones ask again.
actor IssueLookups {
    struct Lookup: Hashable, Sendable {
        var tenantID: TenantID
        var key: IssueKey
    }

    private enum State {
        case running
        case ended(IssueIdentity?, at: ContinuousClock.Instant)
    }

    private static let answerLifetime = Duration.seconds(1)

    private var states: [Lookup: State] = [:]

    /// The answer of `ask`, which only one of simultaneous callers runs; after its failure the next one does.
    func answer(
        to lookup: Lookup, _ ask: @Sendable () async throws -> IssueIdentity?
    ) async throws -> IssueIdentity? {
        while true {
            forgetOldAnswers()
            switch states[lookup] {
            case .ended(let answer, _): return answer
            case .running: try await Task.sleep(for: .milliseconds(20))
            case nil:
                states[lookup] = .running
                do {
                    let answer = try await ask()
                    states[lookup] = .ended(answer, at: .now)
                    return answer
                } catch {
                    states[lookup] = nil
                    throw error
                }
            }
        }
    }

    private func forgetOldAnswers() {
        let oldest = ContinuousClock.now - Self.answerLifetime
        states = states.filter { _, state in
            if case .ended(_, let at) = state { at >= oldest } else { true }
        }
    }
}
