/// Checks, and the worst of their outcomes.
struct DiagnosisView: Encodable, Sendable {
    struct Check: Encodable, Sendable {
        var name: String
        var outcome: DiagnosticCheck.Outcome
        var detail: String
        var remedy: Nullable<String>
    }

    var outcome: DiagnosticCheck.Outcome
    var checks: [Check]

    init(_ checks: [DiagnosticCheck]) {
        let outcomes = checks.map(\.outcome)
        outcome = outcomes.contains(.failed) ? .failed : outcomes.contains(.warning) ? .warning : .ok
        self.checks = checks.map {
            Check(name: $0.name, outcome: $0.outcome, detail: $0.detail, remedy: Nullable($0.remedy))
        }
    }
}
