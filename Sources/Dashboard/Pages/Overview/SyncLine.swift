import Domain

/// One line that says that all is in step with Jira, or what is not and what to do.
struct SyncLine: Sendable {
    var quiet: String?
    var problems: [String]
    var isLoud: Bool

    init(_ state: SyncState, at now: Timestamp) {
        func text(_ name: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
            PageTexts.english("sync", name, values)
        }
        problems = state.problems(at: now).map { problem in
            switch problem {
            case .stopped(let reason): text("stopped", ["reason": reason])
            case .failing(let reason): text("failing", ["reason": reason])
            case .noWebhook: text("no_webhook")
            case .silent(let days): text("silent", ["days": "\(days)"])
            case .sweepOverdue(let hours): text("sweep_overdue", ["hours": "\(hours)"])
            case .rejected(let count): text("rejected", ["count": "\(count)"])
            case .parked(let count): text("parked", ["count": "\(count)"])
            }
        }
        isLoud = !problems.isEmpty
        let access = state.access
        quiet = [
            state.lastWebhookAt.map { text("webhook", ["at": PageText.instant($0)]) },
            access?.sweptAt.map { text("sweep", ["at": PageText.instant($0)]) },
            access.map { text("missed", ["missed": "\($0.missed)", "healed": "\($0.healed)"]) },
            access.flatMap { $0.waiting > 0 ? text("waiting", ["count": "\($0.waiting)"]) : nil },
        ].compactMap(\.self).joined(separator: " · ")
        if quiet?.isEmpty == true { quiet = nil }
    }
}
