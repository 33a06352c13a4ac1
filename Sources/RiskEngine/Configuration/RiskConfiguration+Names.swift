extension RiskConfiguration {
    /// Estimated days by the other names that Jira has had for its priorities. Days. The original did not know them,
    /// and so `classic` takes ``defaultEstimateDays``; an entry of ``daysByPriority`` goes before.
    public static let daysByOtherPriority: [String: Double] = [
        "Blocker": 5, "Critical": 5, "Major": 3, "Minor": 1, "Trivial": 0.5,
    ]

    /// What roles of the built-in table were called before, and are called now.
    static let currentRoleNames = [
        "Senior QA": "Senior QA Engineer", "QA": "QA Engineer", "DevOps": "DevOps Engineer",
        "Analytics": "Analytics Engineer",
    ]

    /// Gives every role that goes by its former name its present one, so that configurations written for the former
    /// names stay valid. A rate under the former name replaces the built-in one.
    public mutating func renameFormerRoles() {
        func current(_ role: String) -> String { Self.currentRoleNames[role] ?? role }
        for (former, name) in Self.currentRoleNames {
            if let rate = roleRates.removeValue(forKey: former) { roleRates[name] = rate }
        }
        defaultRole = current(defaultRole)
        rolePatterns = rolePatterns.map { RolePattern($0.words, current($0.role)) }
        people = people.mapValues { Placement(role: $0.role.map(current), location: $0.location) }
    }
}
