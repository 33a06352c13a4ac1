import Foundation

extension RiskConfiguration {
    /// Checks every value against its documented range and every name against the table it refers to.
    ///
    /// Throws ``RiskConfigurationError`` for the first value that fails, naming its key.
    public func validate() throws(RiskConfigurationError) {
        try validateCaps()
        try validateSentiment()
        try validateBlockers()
        try validateSteps()
        try validateChurnAndUpstream()
        try validateEffort()
        try validateRoles()
        try validateLocations()
        try validateHours()
    }

    private func validateCaps() throws(RiskConfigurationError) {
        let all = [
            ("sentiment", caps.sentiment), ("blockers", caps.blockers), ("age", caps.age),
            ("staleness", caps.staleness), ("due_date", caps.dueDate), ("churn", caps.churn),
            ("progress", caps.progress), ("owner", caps.owner), ("priority", caps.priority),
            ("upstream", caps.upstream),
        ]
        for (name, cap) in all { try require(cap, in: 0...100, key: "caps.\(name)") }
    }

    private func validateSentiment() throws(RiskConfigurationError) {
        try require(sentimentDamping, in: 0...1000, key: "sentiment_damping")
        try require(recentCommentDays, in: 0...36_500, key: "recent_comment_days")
        try require(olderCommentWeight, in: 0...1, key: "older_comment_weight")
    }

    private func validateBlockers() throws(RiskConfigurationError) {
        try require(pointsPerBlocker, in: 0...100, key: "points_per_blocker")
        try requireWords(blockerPhrases, key: "blocker_phrases")
        try requireWords(resolvingPhrases, key: "resolving_phrases")
        try requireWords(negations, key: "negations")
        try requireWords(hypotheticals, key: "hypotheticals")
        try requireWords(blockedStatusNames, key: "blocked_status_names")
        try requireWords(doneStatusNames, key: "done_status_names")
        for (category, phrases) in categoryPhrases.sorted(by: { $0.key < $1.key }) {
            guard BlockerCategory(rawValue: category) != nil else {
                let known = BlockerCategory.allCases.map(\.rawValue).joined(separator: ", ")
                throw RiskConfigurationError(
                    key: "category_phrases.\(category)", problem: "is not a category; use one of \(known)")
            }
            try requireWords(phrases, key: "category_phrases.\(category)")
        }
        let both = Set(blockerPhrases.map { $0.lowercased() }).intersection(resolvingPhrases.map { $0.lowercased() })
        if let phrase = both.min() {
            throw RiskConfigurationError(
                key: "resolving_phrases", problem: "and blocker_phrases both hold \"\(phrase)\"")
        }
    }

    private func validateSteps() throws(RiskConfigurationError) {
        for (key, days) in [
            ("age_threshold_days", ageThresholdDays), ("staleness_threshold_days", stalenessThresholdDays),
        ] {
            guard (1...20).contains(days.count), zip(days, days.dropFirst()).allSatisfy({ $0 < $1 }),
                days.allSatisfy({ (0...36_500).contains($0) })
            else {
                throw RiskConfigurationError(
                    key: key, problem: "must be 1 to 20 increasing numbers from 0 to 36500, not \(days)")
            }
        }
        try requireWords(startedStatusNames, key: "started_status_names")
        for (priority, points) in pointsByPriority.sorted(by: { $0.key < $1.key }) {
            try require(points, in: 0...100, key: "points_by_priority.\(priority)")
        }
        guard dueDateRatios.count == 3, zip(dueDateRatios, dueDateRatios.dropFirst()).allSatisfy({ $0 > $1 }),
            dueDateRatios.allSatisfy({ $0 > 0 && $0 <= 1000 })
        else {
            throw RiskConfigurationError(
                key: "due_date_ratios",
                problem: "must be three decreasing numbers above 0 and up to 1000, not \(dueDateRatios)")
        }
    }

    private func validateChurnAndUpstream() throws(RiskConfigurationError) {
        try require(churnWindowDays, in: 1...36_500, key: "churn_window_days")
        try require(pointsPerReopening, in: 0...100, key: "points_per_reopening")
        try require(pointsPerPostponement, in: 0...100, key: "points_per_postponement")
        try require(pointsPerHandback, in: 0...100, key: "points_per_handback")
        try require(upstreamFraction, in: 0...1, key: "upstream_fraction")
    }

    private func validateEffort() throws(RiskConfigurationError) {
        let smallest = 0.01
        for (priority, days) in daysByPriority.sorted(by: { $0.key < $1.key }) {
            try require(days, in: smallest...10_000, key: "days_by_priority.\(priority)")
        }
        try require(defaultEstimateDays, in: smallest...10_000, key: "default_estimate_days")
    }

    private func validateRoles() throws(RiskConfigurationError) {
        for (role, rate) in roleRates.sorted(by: { $0.key < $1.key }) {
            try require(rate, in: 0...1e12, key: "role_rates.\(role)")
        }
        try requireRole(defaultRole, key: "default_role")
        for pattern in rolePatterns {
            try requireWords([pattern.words], key: "role_patterns")
            try requireRole(pattern.role, key: "role_patterns.\(pattern.words)")
        }
        for (name, placement) in people.sorted(by: { $0.key < $1.key }) {
            if let role = placement.role { try requireRole(role, key: "people.\(name).role") }
            if let location = placement.location { try requireLocation(location, key: "people.\(name).location") }
        }
    }

    private func validateLocations() throws(RiskConfigurationError) {
        for (location, multiplier) in locationMultipliers.sorted(by: { $0.key < $1.key }) {
            try require(multiplier, in: 0...1000, key: "location_multipliers.\(location)")
        }
        try requireLocation(defaultLocation, key: "default_location")
        for (zone, location) in timeZoneLocations.sorted(by: { $0.key < $1.key }) {
            guard TimeZone(identifier: zone) != nil else {
                throw RiskConfigurationError(key: "time_zone_locations.\(zone)", problem: "is not an IANA time zone")
            }
            try requireLocation(location, key: "time_zone_locations.\(zone)")
        }
    }

    private func validateHours() throws(RiskConfigurationError) {
        try require(overtimeMultiplier, in: 1...1000, key: "overtime_multiplier")
        try require(weekendMultiplier, in: 1...1000, key: "weekend_multiplier")
        try require(workdayStartHour, in: 0...23, key: "workday_start_hour")
        try require(workdayEndHour, in: 1...24, key: "workday_end_hour")
        if workdayEndHour <= workdayStartHour {
            throw RiskConfigurationError(
                key: "workday_end_hour", problem: "must be after workday_start_hour (\(workdayStartHour))")
        }
        try require(overtimeWindowDays, in: 0...36_500, key: "overtime_window_days")
    }

    private func require<Value: Comparable>(
        _ value: Value, in range: ClosedRange<Value>, key: String
    ) throws(RiskConfigurationError) {
        // A NaN is in no range.
        if !range.contains(value) {
            throw RiskConfigurationError(
                key: key, problem: "must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
    }

    private func requireWords(_ phrases: [String], key: String) throws(RiskConfigurationError) {
        if let phrase = phrases.first(where: { Words($0).words.isEmpty }) {
            throw RiskConfigurationError(key: key, problem: "holds \"\(phrase)\", which has no word")
        }
    }

    private func requireRole(_ role: String, key: String) throws(RiskConfigurationError) {
        if roleRates[role] == nil {
            throw RiskConfigurationError(key: key, problem: "names \"\(role)\", which is not in role_rates")
        }
    }

    private func requireLocation(_ location: String, key: String) throws(RiskConfigurationError) {
        if locationMultipliers[location] == nil {
            throw RiskConfigurationError(
                key: key, problem: "names \"\(location)\", which is not in location_multipliers")
        }
    }
}
