import Domain
import Foundation
import JiraCloud
import RiskEngine

// What the daemon's code scores each open issue of a webhook stream, as of every seventh day: the scores that
// Benchmarks/fit_score.py judges. The stream comes in on standard input, one body a line; CSV goes out.
//
//     gunzip -c STREAM.ndjson.gz | score-bench > SCORES.csv
//
// An issue is folded from the webhooks up to the instant. Comments are read by the word list.

/// One body of the stream.
struct Entry {
    var at: Timestamp
    var issueID: IssueID
    var state: IssueState
}

let decoder = JiraWebhookDecoder(isAutomaticReply: AutomaticReply.isOne)
var entries: [Entry] = []
while let line = readLine() {
    let body = Array(line.utf8)
    let route = decoder.route(body)
    guard case .issues(let ids) = route.routing, let id = ids.first, let at = route.sentAt else { continue }
    entries.append(Entry(at: at, issueID: id, state: try decoder.fragment(of: body, for: id)))
}
// A stable order: bodies of the same instant stay as they came.
let order = entries.indices.sorted { (entries[$0].at, $0) < (entries[$1].at, $1) }
guard let first = order.first, let last = order.last else {
    FileHandle.standardError.write(Data("the stream holds no issue\n".utf8))
    exit(2)
}

var classicConfiguration = RiskConfiguration.default
classicConfiguration.profile = .classic
let (standard, classic) = (try RiskScorer(.default), try RiskScorer(classicConfiguration))
let wordList = WordListClassifier()
var read: [String: SentimentReading] = [:]
var states: [IssueID: IssueState] = [:]
var issues: [IssueID: Issue] = [:]

@MainActor func readings(of issue: Issue) -> [CommentID: SentimentReading] {
    var result: [CommentID: SentimentReading] = [:]
    for comment in issue.comments {
        let text = ReadableText.of(comment.body)
        let reading = read[text] ?? wordList.classify([text]).first
        read[text] = reading
        result[comment.id] = reading
    }
    return result
}

@MainActor func analysis(_ issue: Issue, by scorer: RiskScorer, upstream: [UpstreamRisk], at now: Timestamp) -> Analysis
{
    scorer.analyze(
        issue, readings: readings(of: issue), model: wordList.modelID, upstream: upstream, recentScores: [],
        tenantDailyRate: 3000, now: now)
}

/// What is known of the issues that block `issue`, with the risk that `own` gives.
@MainActor func upstream(of issue: Issue, byKey: [IssueKey: Issue], own: @MainActor (Issue) -> Int) -> [UpstreamRisk] {
    issue.links.filter { $0.relation == .blockedBy }.compactMap { link in
        guard let key = link.otherKey, let other = byKey[key] else { return nil }
        return UpstreamRisk(
            issueID: other.id, issueKey: key, linkID: link.id, ownScore: other.isDone ? 0 : own(other),
            isDone: other.isDone)
    }
}

print((["issue", "at", "standard", "classic"] + Factor.Name.allCases.map(\.rawValue)).joined(separator: ","))
let day: Int64 = 86_400_000
var next = order.startIndex
var now = Timestamp(milliseconds: (entries[first].at.milliseconds / day + 60) * day)
while now <= entries[last].at {
    while next < order.endIndex, entries[order[next]].at <= now {
        let entry = entries[order[next]]
        IssueFold.join(entry.state, into: &states[entry.issueID, default: IssueState(id: entry.issueID)])
        issues[entry.issueID] = states[entry.issueID].flatMap(IssueFold.issue(from:))
        next += 1
    }
    let byKey = Dictionary(issues.values.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    for issue in issues.values.sorted(by: { $0.id < $1.id }) where !issue.isDone {
        let risks = upstream(of: issue, byKey: byKey) { other in
            let blockers = upstream(of: other, byKey: byKey) { _ in 0 }
            return analysis(other, by: standard, upstream: blockers, at: now).ownScore
        }
        let scored = analysis(issue, by: standard, upstream: risks, at: now)
        let original = analysis(issue, by: classic, upstream: [], at: now).riskScore
        let columns = [issue.id.rawValue, "\(now.milliseconds)", "\(scored.riskScore)", "\(original)"]
        print((columns + scored.factors.map { "\($0.points)" }).joined(separator: ","))
    }
    now = now.adding(days: 7)
}
