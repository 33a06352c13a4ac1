extension [ObservedSample] {
    /// The samples with weights by which every team counts the same; the weights' sum stays. A team is a project; those with
    /// fewer than `least` finished issues are one team together.
    public func balancedByTeam(least: Int = 30) -> [ObservedSample] {
        let finished = Dictionary(grouping: filter { $0.outcome.done != nil }, by: \.sample.project)
            .mapValues { Set($0.map(\.sample.issue)).count }
        func team(_ sample: Sample) -> String? { finished[sample.project, default: 0] >= least ? sample.project : nil }
        var sums: [String?: Double] = [:]
        for observed in self { sums[team(observed.sample), default: 0] += Double(observed.sample.weight) }
        let share =
            sums.sorted { ($0.key ?? "") < ($1.key ?? "") }.reduce(0) { $0 + $1.value }
            / Double(Swift.max(sums.count, 1))
        return map { observed in
            var balanced = observed
            let sum = sums[team(observed.sample)] ?? share
            balanced.sample.weight *= Float(sum > 0 ? share / sum : 1)
            return balanced
        }
    }
}
