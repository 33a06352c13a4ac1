import Domain

/// What an issue's work costs: role rate × location × overtime × weekend per day, times the estimated days.
struct CostModel: Sendable {
    private let configuration: RiskConfiguration
    private let staffing: Staffing

    init(_ configuration: RiskConfiguration) {
        self.configuration = configuration
        staffing = Staffing(configuration)
    }

    func capacity(
        of issue: Issue, estimatedDays: Double, isBlocked: Bool, tenantDailyRate: Double, now: Timestamp
    ) -> Capacity {
        let role = issue.assignee.map(staffing.role(of:))
        let location = issue.assignee.map(staffing.location(of:))
        let base = role.map { configuration.roleRates[$0] ?? tenantDailyRate } ?? tenantDailyRate
        let oddHours = oddHours(of: issue, now: now)

        var multipliers: [String: Double] = [:]
        var daily = base
        func multiply(_ name: String, _ factor: Double) {
            multipliers[name] = factor
            daily *= factor
        }
        if let location { multiply("location", configuration.locationMultipliers[location] ?? 1) }
        if oddHours.overtime { multiply("overtime", configuration.overtimeMultiplier) }
        if oddHours.weekend { multiply("weekend", configuration.weekendMultiplier) }

        let total = daily * estimatedDays
        return Capacity(
            estimatedDays: estimatedDays, dailyCost: daily, baseDailyCost: base, costMultipliers: multipliers,
            assignee: issue.assignee?.displayName ?? "Unassigned", assigneeRole: role ?? "Unassigned",
            assigneeLocation: location ?? "Unassigned", daysLostPerDayBlocked: isBlocked ? 1 : 0,
            totalCostIfBlocked: isBlocked ? total : 0, totalEstimatedCost: total,
            overtimeDetected: oddHours.overtime, weekendDetected: oddHours.weekend)
    }

    /// `classic` looks at everybody's comments for ever, as the original did; `standard` at the assignee's own ones of
    /// late.
    private func oddHours(of issue: Issue, now: Timestamp) -> OddHours {
        switch configuration.profile {
        case .classic: return OddHours(issue.comments, configuration: configuration)
        case .standard:
            guard let assignee = issue.assignee else { return OddHours() }
            let start = now.adding(days: -configuration.overtimeWindowDays)
            let own = issue.comments.filter { $0.author?.id == assignee.id && $0.created > start }
            return OddHours(own, configuration: configuration)
        }
    }
}
