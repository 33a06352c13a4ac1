import Domain

extension RankingScore {
    /// The recorded rule scores, one a profile of rules: as of a sample that which was newest then. A score that was given
    /// for another purpose is no probability; it ranks.
    static func ofProfiles(_ scores: [PastScore]) -> [RankingScore] {
        let byProfile = Dictionary(grouping: scores) { $0.profile }
        return byProfile.sorted { $0.key < $1.key }.map { profile, scores in
            let byIssue = Dictionary(grouping: scores, by: \.issueID)
                .mapValues { $0.sorted { ($0.at, $0.score) < ($1.at, $1.score) } }
            return RankingScore(name: profile) { sample in
                byIssue[sample.issue]?.last { $0.at <= sample.at }.map { Double($0.score) }
            }
        }
    }
}

extension PastScore {
    /// The rules' profile: what the scorer's id begins with, as `standard` in `standard-3f2a`.
    var profile: String { String(scorer.prefix { $0 != "-" && $0 != ":" && $0 != "/" && $0 != "@" }) }
}
