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
        let offHours = offHours(of: issue, now: now)

        var multipliers: [String: Double] = [:]
        var daily = base
        func multiply(_ name: String, _ factor: Double) {
            multipliers[name] = factor
            daily *= factor
        }
        if let location { multiply("location", configuration.locationMultipliers[location] ?? 1) }
        if offHours.overtime { multiply("overtime", configuration.overtimeMultiplier) }
        if offHours.weekend { multiply("weekend", configuration.weekendMultiplier) }

        let total = daily * estimatedDays
        return Capacity(
            estimatedDays: estimatedDays, dailyCost: daily, baseDailyCost: base, costMultipliers: multipliers,
            assignee: issue.assignee?.displayName ?? "Unassigned", assigneeRole: role ?? "Unknown",
            assigneeLocation: location, daysLostPerDayBlocked: isBlocked ? 1 : 0,
            totalCostIfBlocked: isBlocked ? total : 0, totalEstimatedCost: total,
            overtimeDetected: offHours.overtime, weekendDetected: offHours.weekend)
    }

    /// `classic` counts all authors' comments of all time, as the original did; `standard` at the assignee's own ones of
    /// late.
    private func offHours(of issue: Issue, now: Timestamp) -> OffHours {
        switch configuration.profile {
        case .classic: return OffHours(issue.comments, configuration: configuration)
        case .standard:
            guard let assignee = issue.assignee else { return OffHours() }
            let start = now.adding(days: -configuration.overtimeWindowDays)
            let own = issue.comments.filter { $0.author?.id == assignee.id && $0.created > start }
            return OffHours(own, configuration: configuration)
        }
    }
}
